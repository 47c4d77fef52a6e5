#include "agent/engine/receive_clock.h"

#include <cstdlib>
#include <limits>

#include "agent/clock.h"

namespace drumline {

bool ReceiveClock::Enable(int fd) {
  const int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0;
}

void ReceiveClock::Look() {
  constexpr int kAttempts = 3;
  int64_t narrowest_ns = std::numeric_limits<int64_t>::max();
  for (int i = 0; i < kAttempts && narrowest_ns > kLongestReadingNs; ++i) {
    const int64_t before_ns = MonotonicNowNs();
    const int64_t wall_ns = ClockNs(CLOCK_REALTIME);
    looked_ns_ = MonotonicNowNs();
    if (looked_ns_ - before_ns >= narrowest_ns) continue;
    narrowest_ns = looked_ns_ - before_ns;
    wall_minus_monotonic_ns_ = wall_ns - before_ns - narrowest_ns / 2;
  }
}

const timespec* ReceiveClock::StampIn(const cmsghdr* control) {
  if (control == nullptr || control->cmsg_level != SOL_SOCKET ||
      control->cmsg_type != SCM_TIMESTAMPNS) {
    return nullptr;
  }
  return reinterpret_cast<const timespec*>(CMSG_DATA(control));
}

int64_t ReceiveClock::FromStamp(const timespec* wall) {
  stamped_ = wall != nullptr;
  if (!stamped_) return MonotonicNowNs();
  const int64_t wall_ns = int64_t{wall->tv_sec} * 1'000'000'000 + wall->tv_nsec;
  const int64_t received_ns = wall_ns - wall_minus_monotonic_ns_;
  if (std::abs(received_ns - looked_ns_) > kFarthestNs) return MonotonicNowNs();
  return received_ns;
}

}  // namespace drumline
