#include "core/block_series.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/student_t.h"

namespace drumline {
namespace {

// The standard error of the share of durations in the slots up to [slot], of [n] in all.
double ErrorOfShare(const std::vector<const SlotCounts*>& blocks, double n, int slot) {
  std::vector<double> below;
  double sum = 0;
  for (const SlotCounts* block : blocks) {
    below.push_back(static_cast<double>(block->CountUpTo(slot)));
    sum += below.back();
  }
  double squares = 0;
  for (size_t j = 0; j < blocks.size(); ++j) {
    const double excess = below[j] - sum / n * static_cast<double>(blocks[j]->count());
    squares += excess * excess;
  }
  const auto b = static_cast<double>(blocks.size());
  return std::sqrt(b / (b - 1) * squares) / n;
}

}  // namespace

void SlotCounts::Add(const Histogram& histogram) {
  count_ += histogram.count();
  for (int slot = histogram.first_slot(); slot <= histogram.last_slot(); ++slot) {
    const uint64_t count = histogram.CountAtSlot(slot);
    if (count == 0) continue;
    std::vector<uint64_t>& page = pages_[slot / kPageSlots];
    if (page.empty()) page.resize(kPageSlots);
    page[static_cast<size_t>(slot % kPageSlots)] += count;
  }
}

void SlotCounts::Add(const SlotCounts& other) {
  count_ += other.count_;
  for (const auto& [number, from] : other.pages_) {
    std::vector<uint64_t>& page = pages_[number];
    if (page.empty()) page.resize(kPageSlots);
    for (size_t i = 0; i < from.size(); ++i) page[i] += from[i];
  }
}

uint64_t SlotCounts::CountUpTo(int slot) const {
  uint64_t sum = 0;
  for (const auto& [number, page] : pages_) {
    const int first = number * kPageSlots;
    for (int i = 0; i < kPageSlots && first + i <= slot; ++i) sum += page[static_cast<size_t>(i)];
  }
  return sum;
}

void BlockSeries::Add(int64_t begin_ns, const Histogram& histogram) {
  if (!histogram.empty()) BlockAt(begin_ns).Add(histogram);
}

void BlockSeries::Merge(const BlockSeries& other) {
  while (block_ns_ < other.block_ns_) Lengthen();
  for (const auto& [number, block] : other.blocks_) BlockAt(number * other.block_ns_).Add(block);
}

SlotCounts& BlockSeries::BlockAt(int64_t begin_ns) {
  for (;; Lengthen()) {
    const int64_t number = begin_ns / block_ns_;
    const int64_t first = blocks_.empty() ? number : std::min(number, blocks_.begin()->first);
    const int64_t last = blocks_.empty() ? number : std::max(number, blocks_.rbegin()->first);
    if (last - first < static_cast<int64_t>(kMostBlocks)) return blocks_[number];
  }
}

void BlockSeries::Lengthen() {
  block_ns_ *= 2;
  std::map<int64_t, SlotCounts> longer;
  for (auto& [number, block] : blocks_) {
    const auto [merged, fresh] = longer.try_emplace(number / 2, std::move(block));
    if (!fresh) merged->second.Add(block);
  }
  blocks_ = std::move(longer);
}

std::vector<const SlotCounts*> BlockSeries::Blocks() const {
  static const SlotCounts kEmpty;
  std::vector<const SlotCounts*> blocks;
  if (blocks_.empty()) return blocks;
  for (int64_t i = blocks_.begin()->first; i <= blocks_.rbegin()->first; ++i) {
    const auto found = blocks_.find(i);
    blocks.push_back(found == blocks_.end() ? &kEmpty : &found->second);
  }
  return blocks;
}

std::optional<QuantileRanks> RanksOfQuantileByBlocks(const BlockSeries& series,
                                                     const Histogram& total, double q,
                                                     double confidence) {
  const std::vector<const SlotCounts*> blocks = series.Blocks();
  if (blocks.size() < kFewestBlocks || total.empty()) return std::nullopt;
  const auto n = static_cast<double>(total.count());
  const int slot = total.SlotAtRank(Histogram::RankOfQuantile(q, total.count()));
  // The slot may hold many durations, so that the share is far from q at one of its ends: all of a
  // stall, say, which is nothing at the lower end's account and everything at the upper one's.
  const double error = std::max(ErrorOfShare(blocks, n, slot - 1), ErrorOfShare(blocks, n, slot));
  const double degrees = static_cast<double>(blocks.size()) - 1;
  const double reach = StudentQuantile((1 + confidence) / 2, degrees) * error;
  const double low = std::floor(n * (q - reach));
  const double high = std::ceil(n * (q + reach)) + 1;
  return QuantileRanks{static_cast<uint64_t>(std::clamp(low, 1.0, n)),
                       static_cast<uint64_t>(std::clamp(high, 1.0, n)), low >= 1, high <= n};
}

RunQuantile WiderIntervalOfQuantile(const BlockSeries& series, const Histogram& total, double q,
                                    double confidence) {
  RunQuantile quantile{IntervalOfQuantile(total, q, confidence), 0};
  const std::optional<QuantileRanks> ranks = RanksOfQuantileByBlocks(series, total, q, confidence);
  if (!ranks) return quantile;
  quantile.blocks = series.Blocks().size();
  QuantileInterval& interval = quantile.interval;
  const int64_t low = Histogram::LowestInSlot(total.SlotAtRank(ranks->low));
  interval.low_ns = std::min(interval.low_ns, std::max(low, total.min_ns()));
  interval.high_ns = std::max(interval.high_ns, total.ValueAtRank(ranks->high));
  interval.low_bounded = interval.low_bounded && ranks->low_bounded;
  interval.high_bounded = interval.high_bounded && ranks->high_bounded;
  interval.supported = interval.low_bounded && interval.high_bounded;
  return quantile;
}

}  // namespace drumline
