// Non-negative decimal numbers, exactly as they were written.
//
//   absl::StatusOr<Decimal> price = Decimal::Parse("19.99");     // Text of a JSON number.
//   price->IsAtMost(1'000'000);
//   price->PercentInCents(19);         // × 0.19 = 3.7981, in hundredths: 380
//
// A double would not do: 42.5 × 0.19 is 8.075, halfway between two cents and so 8.08; with doubles
// it comes out as 8.07. The value is coefficient × 10^exponent, both integers.
//
// Pure values; no errors but that a text has too many digits or stands for a number below zero.
#ifndef TARGET_SERVICES_ITEMS_DECIMAL_H_
#define TARGET_SERVICES_ITEMS_DECIMAL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace drumline::target {

class Decimal {
 public:
  // Between the first and the last digit that is not zero.
  static constexpr size_t kMaxDigits = 30;

  // `text` is a number as JSON has it. kOutOfRange: it is less than zero (-0 is not);
  // kResourceExhausted: more than kMaxDigits.
  static absl::StatusOr<Decimal> Parse(std::string_view text);

  bool IsAtMost(uint64_t limit) const;
  // The value × `numerator` / 100, rounded to hundredths, half a hundredth upwards (commercial
  // rounding). The value is at most 10^15 and `numerator` at most 10^4.
  uint64_t PercentInCents(uint64_t numerator) const;

 private:
  using Wide = unsigned __int128;

  Decimal(Wide coefficient, int64_t exponent) : coefficient_(coefficient), exponent_(exponent) {}

  Wide coefficient_;  // Below 10^kMaxDigits, and its last digit is not zero.
  int64_t exponent_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ITEMS_DECIMAL_H_
