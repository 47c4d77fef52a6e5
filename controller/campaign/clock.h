// The controller's clocks. Everything below the loop is told the time.
#ifndef CONTROLLER_CAMPAIGN_CLOCK_H_
#define CONTROLLER_CAMPAIGN_CLOCK_H_

#include <chrono>
#include <cstdint>

namespace drumline {

// CLOCK_MONOTONIC in nanoseconds: libstdc++'s steady clock is that clock.
inline int64_t MonotonicNowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

inline std::chrono::steady_clock::time_point SteadyInstant(int64_t monotonic_ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(monotonic_ns));
}

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_CLOCK_H_
