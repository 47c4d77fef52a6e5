// Histogram: counts of durations from 0 ns to 1 h, so fine that any quantile from 1 µs upwards is
// right to 0.1 %, and so plain that merging is nothing but addition.
//
//     Histogram histogram;
//     histogram.Record(1'250'000);                 // 1.25 ms
//     histogram.ValueAtQuantile(0.99);             // in ns
//     total.Merge(histogram);                      // any order, any grouping: the same result
//
// The layout is HdrHistogram's (Tene, hdrhistogram.org) for a lowest value of 1 ns and 3
// significant digits, slot for slot, so that its counts array can be written as it stands: values
// below 2,048 have a slot each; from there on every power of two is divided into 1,024 slots of
// equal width.
//
//     slot    0 …  2047   width 1     values 0 … 2,047
//          2048 …  3071   width 2     values 2,048 … 4,095
//          3072 …  4095   width 4     values 4,096 … 8,191
//            …
//
// A slot at value v is at most v / 1024 wide: that is the error bound of 0.098 %.
//
// Nothing is dropped silently. A value that the layout does not hold, and a count that would take
// the total past kMaxCount, are counted in out_of_range(), which saturates at its largest value;
// whoever judges a run must look there.
//
// A value type of about 270 KB, of which memory is only taken for what was touched, in pages of the
// kernel's, where the allocator gets large blocks from the kernel. A moved-from histogram can be
// assigned to and destroyed, nothing else. Thread-compatible: no locks, no globals.
#ifndef CORE_HISTOGRAM_H_
#define CORE_HISTOGRAM_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>

namespace drumline {

class Histogram {
 public:
  static constexpr int64_t kHighestNs = 3'600'000'000'000;
  // 2,048 = 2^11 values with a slot of their own, and 32 further halves of 1,024: the smallest
  // array of HdrHistogram's that holds an hour.
  static constexpr int kSlots = 33 * 1024;
  // The total never exceeds it, so that it fits the signed counters of HdrHistogram's encodings.
  static constexpr uint64_t kMaxCount = std::numeric_limits<int64_t>::max();

  Histogram();
  // The cost of a copy is proportional to the touched range.
  Histogram(const Histogram& other);
  Histogram& operator=(const Histogram& other);
  Histogram(Histogram&&) = default;
  Histogram& operator=(Histogram&&) = default;
  ~Histogram() = default;

  // A few ns. False, and counted as out of range, if the value is negative or above kHighestNs (or
  // the histogram is full).
  bool Record(int64_t value_ns) {
    if (static_cast<uint64_t>(value_ns) > static_cast<uint64_t>(kHighestNs) || count_ >= kMaxCount)
        [[unlikely]] {
      AddOutOfRange(1);
      return false;
    }
    ++counts_[static_cast<size_t>(SlotOf(value_ns))];
    ++count_;
    min_ns_ = std::min(min_ns_, value_ns);
    max_ns_ = std::max(max_ns_, value_ns);
    return true;
  }
  // As `count` calls of Record, all or nothing. A count of 0 changes nothing.
  bool RecordMany(int64_t value_ns, uint64_t count);

  // Adds the other's counts; the cost is proportional to its touched range. False if the total
  // would exceed kMaxCount: then the counts of `other` are added to out_of_range() instead.
  bool Merge(const Histogram& other);

  // As new; the cost is proportional to the touched range.
  void Clear();

  bool empty() const { return count_ == 0; }
  uint64_t count() const { return count_; }
  uint64_t out_of_range() const { return out_of_range_; }
  // The exact extremes; 0 if the histogram is empty.
  int64_t min_ns() const { return empty() ? 0 : min_ns_; }
  int64_t max_ns() const { return empty() ? 0 : max_ns_; }

  // The rank of the order statistic that is the q-quantile of n values: max(1, ceil(q n)), at most
  // n; 0 if n is 0. `q` is taken as the decimal that a person wrote: 0.07 of 100 values is rank 7,
  // although the double nearest to 0.07 lies above it.
  static uint64_t RankOfQuantile(double q, uint64_t n);

  // The value at rank RankOfQuantile(q, count()): the highest value of its slot, but never above
  // max_ns(). q in [0, 1]; 0 if the histogram is empty.
  int64_t ValueAtQuantile(double q) const { return ValueAtRank(RankOfQuantile(q, count_)); }
  // The same for a rank in [1, count()].
  int64_t ValueAtRank(uint64_t rank) const;
  // The slot in which the value of that rank lies; -1 if there is no such rank.
  int SlotAtRank(uint64_t rank) const;

  // From the middles of the slots; 0 if the histogram is empty.
  double MeanNs() const;

  // How many values lie in the slots up to and including that of `value_ns`, and beyond it.
  uint64_t CountAtOrBelow(int64_t value_ns) const;
  uint64_t CountAbove(int64_t value_ns) const { return count_ - CountAtOrBelow(value_ns); }

  // Slots: `slot` in [0, kSlots), `value_ns` in [0, kHighestNs].
  uint64_t CountAtSlot(int slot) const { return counts_[static_cast<size_t>(slot)]; }
  static constexpr int SlotOf(int64_t value_ns) {
    const auto value = static_cast<uint64_t>(value_ns);
    const int doublings = std::bit_width(value | kFineMask) - kFineBits;
    return (doublings << kHalfBits) + static_cast<int>(value >> doublings);
  }
  static constexpr int64_t LowestInSlot(int slot) {
    const int doublings = DoublingsOf(slot);
    return static_cast<int64_t>(slot - (doublings << kHalfBits)) << doublings;
  }
  static constexpr int64_t HighestInSlot(int slot) {
    return LowestInSlot(slot) + (int64_t{1} << DoublingsOf(slot)) - 1;
  }
  // The touched range: the first and last slots with a count. If empty, first is 0 and last -1.
  int first_slot() const { return empty() ? 0 : SlotOf(min_ns_); }
  int last_slot() const { return empty() ? -1 : SlotOf(max_ns_); }

  // Equal counts, extremes and out_of_range.
  friend bool operator==(const Histogram& a, const Histogram& b);

 private:
  // It decodes straight into the slots, once it has validated everything.
  friend class HistogramDecoder;

  static constexpr int kFineBits = 11;
  static constexpr int kHalfBits = kFineBits - 1;
  static constexpr uint64_t kFineMask = (uint64_t{1} << kFineBits) - 1;

  // How often the width of a slot has doubled from 1.
  static constexpr int DoublingsOf(int slot) { return std::max(0, (slot >> kHalfBits) - 1); }

  struct Free {
    void operator()(uint64_t* counts) const { std::free(counts); }
  };
  using Counts = std::unique_ptr<uint64_t[], Free>;

  // Zeros that nobody has written: what the kernel gives is zero already, and is no memory yet.
  static Counts Untouched();
  void AddOutOfRange(uint64_t count);
  void CopyRange(const Histogram& other);

  Counts counts_;
  uint64_t count_ = 0;
  uint64_t out_of_range_ = 0;
  int64_t min_ns_ = std::numeric_limits<int64_t>::max();
  int64_t max_ns_ = -1;
};

}  // namespace drumline

#endif  // CORE_HISTOGRAM_H_
