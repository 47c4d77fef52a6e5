#include "agent/engine/receive_clock.h"

#include "agent/clock.h"

namespace drumline {

bool ReceiveClock::Enable(int fd) {
  const int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) == 0;
}

void ReceiveClock::Look() {
  constexpr int kAttempts = 3;
  for (int i = 0; i < kAttempts; ++i) {
    const int64_t before_ns = MonotonicNowNs();
    const int64_t wall_ns = ClockNs(CLOCK_REALTIME);
    looked_ns_ = MonotonicNowNs();
    wall_minus_monotonic_ns_ = wall_ns - before_ns - (looked_ns_ - before_ns) / 2;
    if (looked_ns_ - before_ns <= kLongestReadingNs) return;
  }
}

const timespec* ReceiveClock::FindStamp(const msghdr& message) {
  const cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == nullptr || control->cmsg_level != SOL_SOCKET ||
      control->cmsg_type != SCM_TIMESTAMPNS) {
    return nullptr;
  }
  return reinterpret_cast<const timespec*>(CMSG_DATA(control));
}

int64_t ReceiveClock::FromStamp(const timespec* wall) {
  if (wall == nullptr) {
    complete_ = false;
    return looked_ns_;
  }
  const int64_t wall_ns = int64_t{wall->tv_sec} * 1'000'000'000 + wall->tv_nsec;
  const int64_t received_ns = wall_ns - wall_minus_monotonic_ns_;
  // What is received while a turn's deliveries are under way is a little after its look. Whoever
  // asks holds the instant against a clock of his own.
  if (received_ns < looked_ns_ - kOldestNs || received_ns > looked_ns_ + kOldestNs) {
    return looked_ns_;
  }
  return received_ns;
}

}  // namespace drumline
