// The agent's one clock: CLOCK_MONOTONIC in nanoseconds. Everything below main and the threads'
// loops is told the time.
//
//     const int64_t now_ns = MonotonicNowNs();
//
// Safe from any thread; some 20 ns a call.
#ifndef AGENT_CLOCK_H_
#define AGENT_CLOCK_H_

#include <time.h>

#include <chrono>
#include <cstdint>

namespace drumline {

inline int64_t ClockNs(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline int64_t MonotonicNowNs() { return ClockNs(CLOCK_MONOTONIC); }

// CPU time of the calling thread, and of the whole program.
inline int64_t ThreadCpuNs() { return ClockNs(CLOCK_THREAD_CPUTIME_ID); }
inline int64_t ProgramCpuNs() { return ClockNs(CLOCK_PROCESS_CPUTIME_ID); }

// Sleeps until an instant of CLOCK_MONOTONIC; perhaps for less, if a signal comes. How much later
// it returns is the platform's affair, and the thread's timer slack's.
inline void SleepUntil(int64_t monotonic_ns) {
  const timespec until{.tv_sec = monotonic_ns / 1'000'000'000,
                       .tv_nsec = monotonic_ns % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

// The same instant for timers: libstdc++'s steady clock is CLOCK_MONOTONIC.
inline std::chrono::steady_clock::time_point SteadyInstant(int64_t monotonic_ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(monotonic_ns));
}

}  // namespace drumline

#endif  // AGENT_CLOCK_H_
