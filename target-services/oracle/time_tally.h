// TimeTally: times as counts, fine enough for quantiles.
//
//   TimeTally tally;
//   tally.Record(answered_ns - due_ns);
//   TimeTally::Quantiles times = tally.ReadQuantiles();     // of TimeTally::kQuantiles
//
// Slots as HdrHistogram has them, 512 to a power of two, from 1 ns to an hour: a quantile is told
// as the highest value of its slot, so it is never below the truth and at most 1/512 above it. What
// is longer than an hour counts as an hour. Reading takes some microseconds: it walks the slots
// from the least to the greatest time once. A value type of 140 KB. Pure; one thread.
#ifndef TARGET_SERVICES_ORACLE_TIME_TALLY_H_
#define TARGET_SERVICES_ORACLE_TIME_TALLY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace drumline::target {

class TimeTally {
 public:
  struct Quantile {
    double q;
    std::string_view label;
  };
  static constexpr std::array<Quantile, 6> kQuantiles = {{
      {0.5, "0.5"},
      {0.9, "0.9"},
      {0.95, "0.95"},
      {0.99, "0.99"},
      {0.999, "0.999"},
      {0.9999, "0.9999"},
  }};
  using Quantiles = std::array<int64_t, kQuantiles.size()>;

  // Below 0 counts as 0.
  void Record(int64_t time_ns);

  uint64_t count() const { return count_; }
  int64_t sum_ns() const { return sum_ns_; }
  // Exact.
  int64_t max_ns() const { return max_ns_; }
  // The times of rank ceil(q count), one for each of kQuantiles; 0 where nothing was recorded.
  Quantiles ReadQuantiles() const;

 private:
  static constexpr int kFineBits = 9;
  static constexpr size_t kSlots = size_t{42 - kFineBits + 1} << kFineBits;  // 2^42 ns: 73 min

  static size_t SlotOf(uint64_t value);
  static int64_t HighestIn(size_t slot);

  std::array<uint64_t, kSlots> counts_ = {};
  size_t first_slot_ = kSlots;
  uint64_t count_ = 0;
  int64_t sum_ns_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_TIME_TALLY_H_
