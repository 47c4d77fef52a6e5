// BlockSeries: the durations of one run by the time at which they were seen, in at most kMostBlocks
// blocks of equal length; and how sure a quantile is, judged by how it wanders from block to block.
//
//     BlockSeries series;
//     series.Add(interval.begin_ns(), book.response_time());         // as intervals stream through
//     std::optional<QuantileRanks> ranks = RanksOfQuantileByBlocks(series, 0.99);
//
// Requests of one run are not independent: a stall delays all that are due in it. An interval from
// order statistics (quantile.h) takes them to be, and is then too narrow. Blocks that are longer
// than what binds the requests together are nearly independent, and their spread tells the truth:
// the method of batch means (Asmussen, Glynn: Stochastic Simulation, 2007, chapter IV; for
// quantiles Heidelberger, Lewis, Operations Research 32 (1984) 185–209). It is used as survey
// samplers use it for clusters (Woodruff, J. Amer. Statist. Assoc. 47 (1952) 635–646): the share of
// durations at or below the quantile x has a standard error se from the blocks,
//
//     se² = b / (b − 1) · Σ (x_j − q n_j)² / n²,         x_j of the n_j of block j at or below x
//
// and the interval on the quantile is that between the order statistics of ranks n (q ∓ t se), with
// Student's t of b − 1 degrees of freedom. x ends at the quantile's slot, or just before it,
// whichever has the larger error: durations that are all alike must not look certain. No density
// has to be estimated, a block may be empty or hold few durations, and a single stall leaves the
// interval open upwards, as it should.
//
// Blocks begin at a second each; when the run outgrows kMostBlocks, neighbours are merged and
// blocks are twice as long. The result does not depend on the order of additions. Counts are kept
// in the slots of Histogram, exactly, in pages of which only touched ones exist: about 50 KB a
// block.
//
// A value type. Thread-compatible: no locks, no globals.
#ifndef CORE_BLOCK_SERIES_H_
#define CORE_BLOCK_SERIES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/histogram.h"
#include "core/quantile.h"

namespace drumline {

// The counts of one stretch of time, in Histogram's slots.
class SlotCounts {
 public:
  void Add(const Histogram& histogram);
  void Add(const SlotCounts& other);
  uint64_t count() const { return count_; }
  // How many lie in the slots up to and including this one.
  uint64_t CountUpTo(int slot) const;

 private:
  static constexpr int kPageSlots = 256;

  uint64_t count_ = 0;
  // By the page's number.
  std::map<int, std::vector<uint64_t>> pages_;
};

class BlockSeries {
 public:
  static constexpr int64_t kShortestBlockNs = 1'000'000'000;
  static constexpr size_t kMostBlocks = 30;

  // What was seen in the stretch of time that begins at [begin_ns], which is not negative. An empty
  // histogram changes nothing.
  void Add(int64_t begin_ns, const Histogram& histogram);
  // Adds all of another series.
  void Merge(const BlockSeries& other);

  int64_t block_ns() const { return block_ns_; }
  // From the first block that holds something to the last one; those between may be empty.
  std::vector<const SlotCounts*> Blocks() const;

 private:
  void Lengthen();
  SlotCounts& BlockAt(int64_t begin_ns);

  int64_t block_ns_ = kShortestBlockNs;
  // From the first block that holds something on; its number, then the blocks.
  std::map<int64_t, SlotCounts> blocks_;
};

// Fewer blocks do not tell how much they differ.
inline constexpr size_t kFewestBlocks = 10;

// The ranks among all durations of [total] (the merged histogram of the same run) between which the
// true q-quantile lies. Nothing if there are fewer than kFewestBlocks.
std::optional<QuantileRanks> RanksOfQuantileByBlocks(const BlockSeries& series,
                                                     const Histogram& total, double q,
                                                     double confidence = 0.95);

// IntervalOfQuantile, or the interval by blocks where that is wider, end by end. `blocks` is the
// number of blocks that were used: 0 if there were too few.
struct RunQuantile {
  QuantileInterval interval;
  size_t blocks = 0;
};
RunQuantile WiderIntervalOfQuantile(const BlockSeries& series, const Histogram& total, double q,
                                    double confidence = 0.95);

}  // namespace drumline

#endif  // CORE_BLOCK_SERIES_H_
