// The floor's one clock: CLOCK_MONOTONIC in nanoseconds; some 20 ns a call.
#ifndef TESTS_BENCHMARK_FLOOR_CLOCK_H_
#define TESTS_BENCHMARK_FLOOR_CLOCK_H_

#include <time.h>

#include <cstdint>

namespace drumline::floor {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr int64_t kNsPerUs = 1'000;

inline int64_t NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNsPerSecond + now.tv_nsec;
}

inline timespec ToTimespec(int64_t ns) {
  return {.tv_sec = ns / kNsPerSecond, .tv_nsec = ns % kNsPerSecond};
}

}  // namespace drumline::floor

#endif  // TESTS_BENCHMARK_FLOOR_CLOCK_H_
