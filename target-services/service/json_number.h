// What JSON's grammar calls a number, as text.
//
//   IsJsonNumber("-1.5e3")            // true
//   IsJsonNumber("01")                // false, as for "+1", "1." and ".5"
//   HasFittingExponent("1e10")        // true
#ifndef TARGET_SERVICES_SERVICE_JSON_NUMBER_H_
#define TARGET_SERVICES_SERVICE_JSON_NUMBER_H_

#include <cstddef>
#include <string_view>

namespace drumline::target {

// Parsers differ in where an exponent ends to be read, and beyond 308 it can only say zero or too
// large for a double.
inline constexpr size_t kMaxExponentDigits = 9;

// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
bool IsJsonNumber(std::string_view text);

// Of a number: its exponent has at most kMaxExponentDigits digits.
bool HasFittingExponent(std::string_view number);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_JSON_NUMBER_H_
