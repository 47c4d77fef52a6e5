// Exact decimal numbers as people write them: `2.5`, `100k`, `0.1`.
//
// A number is kept as whole digits and a count of decimals, so that multiplying it by a unit is
// exact or refused; floating point is never involved. Pure values, safe from any thread. Errors are
// InvalidArgument with a clause that fits into a message: "`1.0000000001` is finer than …".
#ifndef CONTROLLER_SCENARIO_DECIMAL_H_
#define CONTROLLER_SCENARIO_DECIMAL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

// digits / 10^decimals. `decimals` is the least that holds the value.
struct Decimal {
  // A number of more digits than this is refused; all of uint64 fits.
  static constexpr int kMaxDigits = 20;

  unsigned __int128 digits = 0;
  int decimals = 0;
};

// Reads the number at the front of *rest and removes it. `whole` is the text that is named in
// errors.
absl::StatusOr<Decimal> ConsumeDecimal(absl::string_view whole, absl::string_view* rest);

// Removes a k, M or G at the front of *rest and returns 10^3, 10^6 or 10^9; otherwise 1.
uint64_t ConsumeMultiplier(absl::string_view* rest);

// value × unit if that is a whole number of at most `max`.
absl::StatusOr<uint64_t> MultiplyExactly(absl::string_view whole, Decimal value, uint64_t unit,
                                         uint64_t max);

// number / divisor as a decimal of at most `max_decimals` decimals; empty where it does not fit.
std::string FormatQuotient(uint64_t number, uint64_t divisor, int max_decimals);

// As FormatQuotient with a k, M or G where that makes the number shorter to read.
std::string FormatWithMultiplier(uint64_t number, uint64_t divisor, int max_decimals);

// The double that is nearest to value / 10^shift.
double ToDouble(Decimal value, int shift);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_DECIMAL_H_
