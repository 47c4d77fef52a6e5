#include "target-services/oracle/lateness.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "target-services/oracle/duration_text.h"

namespace drumline::target {

// Below 64 a slot for each value; then 32 slots for each power of two.
size_t Lateness::SlotOf(uint64_t value) {
  const int doublings = std::max(0, static_cast<int>(std::bit_width(value)) - kFineBits - 1);
  return (static_cast<size_t>(doublings) << kFineBits) + (value >> doublings);
}

int64_t Lateness::HighestIn(size_t slot) {
  const size_t doublings = slot < (size_t{2} << kFineBits) ? 0 : (slot >> kFineBits) - 1;
  return static_cast<int64_t>(((slot - (doublings << kFineBits) + 1) << doublings) - 1);
}

void Lateness::Record(int64_t late_ns) {
  const int64_t value = std::clamp<int64_t>(late_ns, 0, kMaxDurationNs);
  ++counts_[SlotOf(static_cast<uint64_t>(value))];
  ++count_;
  sum_ns_ += value;
  max_ns_ = std::max(max_ns_, value);
}

int64_t Lateness::QuantileNs(double q) const {
  if (count_ == 0) return 0;
  const auto rank =
      std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_))));
  uint64_t seen = 0;
  for (size_t slot = 0; slot < kSlots; ++slot) {
    seen += counts_[slot];
    if (seen >= rank) return std::min(HighestIn(slot), max_ns_);
  }
  return max_ns_;
}

}  // namespace drumline::target
