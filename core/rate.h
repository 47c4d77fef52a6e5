// Rate: how many requests start in a unit of time, exactly.
//
//     Rate rate = Rate::PerSecond(100'000);
//     rate.micro_per_hour();   // 360'000'000'000'000
//     rate.per_second();       // 100000.0
//
// A rate is a whole number of millionths of a request an hour. Whole numbers a second, a minute or
// an hour, and a second's decimals down to the sixth, have no rounding error, so that the number of
// requests of a plan can be computed in integers and is right to the last one.
//
// A value type: copy it. Thread-compatible.
#ifndef CORE_RATE_H_
#define CORE_RATE_H_

#include <compare>
#include <cstdint>

namespace drumline {

class Rate {
 public:
  static constexpr int64_t kMicroPerHourInOnePerSecond = 3'600'000'000;
  // Ten million requests a second: beyond it, products with a day's nanoseconds would leave 128
  // bits less headroom than the load profile wants.
  static constexpr int64_t kMaxMicroPerHour = 10'000'000 * kMicroPerHourInOnePerSecond;

  constexpr Rate() = default;
  static constexpr Rate PerSecond(int64_t requests) {
    return Rate(requests * kMicroPerHourInOnePerSecond);
  }
  static constexpr Rate MicroPerHour(int64_t value) { return Rate(value); }

  constexpr int64_t micro_per_hour() const { return micro_per_hour_; }
  constexpr double per_second() const {
    return static_cast<double>(micro_per_hour_) / static_cast<double>(kMicroPerHourInOnePerSecond);
  }
  friend constexpr auto operator<=>(Rate, Rate) = default;

 private:
  explicit constexpr Rate(int64_t micro_per_hour) : micro_per_hour_(micro_per_hour) {}
  int64_t micro_per_hour_ = 0;
};

}  // namespace drumline

#endif  // CORE_RATE_H_
