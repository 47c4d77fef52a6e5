#include "target-services/oracle/time_tally.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "target-services/oracle/duration_text.h"

namespace drumline::target {

// Below 1,024 a slot for each value; then 512 slots for each power of two.
size_t TimeTally::SlotOf(uint64_t value) {
  const int doublings = std::max(0, static_cast<int>(std::bit_width(value)) - kFineBits - 1);
  return (static_cast<size_t>(doublings) << kFineBits) + (value >> doublings);
}

int64_t TimeTally::HighestIn(size_t slot) {
  const size_t doublings = slot < (size_t{2} << kFineBits) ? 0 : (slot >> kFineBits) - 1;
  return static_cast<int64_t>(((slot - (doublings << kFineBits) + 1) << doublings) - 1);
}

void TimeTally::Record(int64_t time_ns) {
  const int64_t value = std::clamp<int64_t>(time_ns, 0, kMaxDurationNs);
  const size_t slot = SlotOf(static_cast<uint64_t>(value));
  ++counts_[slot];
  first_slot_ = std::min(first_slot_, slot);
  ++count_;
  sum_ns_ += value;
  max_ns_ = std::max(max_ns_, value);
}

TimeTally::Quantiles TimeTally::ReadQuantiles() const {
  Quantiles quantiles = {};
  if (count_ == 0) return quantiles;
  uint64_t seen = 0;
  size_t next = 0;
  for (size_t slot = first_slot_; next < kQuantiles.size() && slot < kSlots; ++slot) {
    seen += counts_[slot];
    for (; next < kQuantiles.size(); ++next) {
      const double rank = std::ceil(kQuantiles[next].q * static_cast<double>(count_));
      if (static_cast<double>(seen) < rank) break;
      quantiles[next] = std::min(HighestIn(slot), max_ns_);
    }
  }
  return quantiles;
}

}  // namespace drumline::target
