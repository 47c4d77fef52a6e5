// Virtual time and seeded chance, for simulations: the same seed tells the same story.
//
//     Timeline timeline;
//     timeline.After(kSecond, [] { … });
//     while (timeline.Step()) {}
#ifndef TESTS_SIMULATION_RUN_MACHINE_VIRTUAL_TIME_H_
#define TESTS_SIMULATION_RUN_MACHINE_VIRTUAL_TIME_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "core/random.h"

namespace drumline {

inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

class Timeline {
 public:
  int64_t now_ns() const { return now_ns_; }

  // What is due at the same instant happens in the order in which it was asked for.
  void At(int64_t at_ns, std::function<void()> event) {
    queue_.emplace(std::pair(std::max(at_ns, now_ns_), ++asked_), std::move(event));
  }
  void After(int64_t delay_ns, std::function<void()> event) {
    At(now_ns_ + delay_ns, std::move(event));
  }

  // False if nothing is left to happen.
  bool Step() {
    if (queue_.empty()) return false;
    auto next = queue_.extract(queue_.begin());
    now_ns_ = next.key().first;
    next.mapped()();
    return true;
  }

 private:
  // Not 0, so that an instant that was never set is noticed.
  int64_t now_ns_ = 1000 * kSecond;
  uint64_t asked_ = 0;
  std::map<std::pair<int64_t, uint64_t>, std::function<void()>> queue_;
};

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}

  bool Chance(double probability) { return random_.UniformAt(position_++) <= probability; }
  // Both ends included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_.BitsAt(position_++) %
                                      static_cast<uint64_t>(high - low + 1));
  }

 private:
  RandomSequence random_;
  uint64_t position_ = 0;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_RUN_MACHINE_VIRTUAL_TIME_H_
