// The oracle's clock: CLOCK_MONOTONIC in nanoseconds, some 20 ns a look.
#ifndef TARGET_SERVICES_ORACLE_MONOTONIC_CLOCK_H_
#define TARGET_SERVICES_ORACLE_MONOTONIC_CLOCK_H_

#include <cstdint>
#include <ctime>

namespace drumline::target {

inline int64_t MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_MONOTONIC_CLOCK_H_
