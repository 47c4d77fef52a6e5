// The intended starts of a constant rate, and when a client that wakes on a grid may send them.
//
//     Beats beats(start_ns, 20'000, kTickNs, 100'000);
//     while (beats.Left() && beats.ReleaseNs() <= now_ns) { Send(beats.IntendedNs()); beats.Next();
//     }
//
// Beat i is meant for start + i / rate. It is released at the first instant of the grid
// start + k · tick that is not before it; with a tick of 1 ns that is the beat itself.
#ifndef TESTS_BENCHMARK_FLOOR_BEATS_H_
#define TESTS_BENCHMARK_FLOOR_BEATS_H_

#include <cstdint>

#include "tests/benchmark/floor/clock.h"

namespace drumline::floor {

class Beats {
 public:
  // [count] · 10⁹ must fit into 64 bits.
  Beats(int64_t start_ns, int64_t rate_per_second, int64_t tick_ns, int64_t count)
      : start_ns_(start_ns), rate_(rate_per_second), tick_ns_(tick_ns), count_(count) {
    Place();
  }

  bool Left() const { return next_ < count_; }
  int64_t IntendedNs() const { return start_ns_ + offset_ns_; }
  int64_t ReleaseNs() const { return start_ns_ + release_offset_ns_; }
  void Next() {
    ++next_;
    Place();
  }

 private:
  void Place() {
    offset_ns_ = next_ * kNsPerSecond / rate_;
    release_offset_ns_ = (offset_ns_ + tick_ns_ - 1) / tick_ns_ * tick_ns_;
  }

  int64_t start_ns_;
  int64_t rate_;
  int64_t tick_ns_;
  int64_t count_;
  int64_t next_ = 0;
  int64_t offset_ns_ = 0;
  int64_t release_offset_ns_ = 0;
};

}  // namespace drumline::floor

#endif  // TESTS_BENCHMARK_FLOOR_BEATS_H_
