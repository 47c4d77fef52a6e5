// Times kept one by one in an array of its full size from the beginning, and sorted at the end: the
// loop that is measured pays one store for each.
//
//     Samples lag(100'000);
//     lag.Add(now_ns - intended_ns);
//     const Quantiles quantiles = lag.Summarize();
#ifndef TESTS_BENCHMARK_FLOOR_SAMPLES_H_
#define TESTS_BENCHMARK_FLOOR_SAMPLES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace drumline::floor {

struct Quantiles {
  size_t count = 0;
  size_t dropped = 0;  // Found no room.
  double p50_us = 0;
  double p99_us = 0;
  double p99_9_us = 0;
  double max_us = 0;
};

class Samples {
 public:
  // The array is written once here, so that no page of it is first touched in the loop.
  explicit Samples(size_t capacity) : ns_(capacity) {}

  void Add(int64_t ns) {
    if (count_ < ns_.size()) {
      ns_[count_++] = ns;
    } else {
      ++dropped_;
    }
  }

  // Sorts. A quantile q is the smallest sample that at least the share q of all does not exceed.
  Quantiles Summarize() {
    std::sort(ns_.begin(), ns_.begin() + static_cast<std::ptrdiff_t>(count_));
    return {count_, dropped_, At(500, 1000), At(990, 1000), At(999, 1000), At(1000, 1000)};
  }

 private:
  double At(size_t numerator, size_t denominator) const {
    if (count_ == 0) return 0;
    const size_t rank = (count_ * numerator + denominator - 1) / denominator;
    return static_cast<double>(ns_[rank - 1]) / 1000;
  }

  std::vector<int64_t> ns_;
  size_t count_ = 0;
  size_t dropped_ = 0;
};

}  // namespace drumline::floor

#endif  // TESTS_BENCHMARK_FLOOR_SAMPLES_H_
