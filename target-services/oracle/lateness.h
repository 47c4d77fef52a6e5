// Lateness: how late the oracle was with what it promised, as counts fine enough for quantiles.
//
//   Lateness lateness;
//   lateness.Record(answered_ns - due_ns);
//   lateness.QuantileNs(0.99);
//
// Slots as HdrHistogram has them, 32 to a power of two, from 1 ns to an hour: a quantile is told as
// the highest value of its slot, so it is never below the truth and at most 1/32 above it. What is
// longer than an hour counts as an hour. A value type of 10 KB. Pure; one thread.
#ifndef TARGET_SERVICES_ORACLE_LATENESS_H_
#define TARGET_SERVICES_ORACLE_LATENESS_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace drumline::target {

class Lateness {
 public:
  // Below 0 counts as 0.
  void Record(int64_t late_ns);

  uint64_t count() const { return count_; }
  int64_t sum_ns() const { return sum_ns_; }
  // Exact.
  int64_t max_ns() const { return max_ns_; }
  // Of rank ceil(q count); 0 where nothing was recorded. q in (0, 1].
  int64_t QuantileNs(double q) const;

 private:
  static constexpr int kFineBits = 5;
  static constexpr size_t kSlots = size_t{42 - kFineBits + 1} << kFineBits;  // 2^42 ns: 73 min

  static size_t SlotOf(uint64_t value);
  static int64_t HighestIn(size_t slot);

  std::array<uint64_t, kSlots> counts_ = {};
  uint64_t count_ = 0;
  int64_t sum_ns_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_LATENESS_H_
