#include "target-services/service/json_number.h"

#include <algorithm>

namespace drumline::target {
namespace {

constexpr std::string_view kDigits = "0123456789";

// Removes the digits at the begin; says how many there were.
size_t TakeDigits(std::string_view& text) {
  const size_t count = std::min(text.find_first_not_of(kDigits), text.size());
  text.remove_prefix(count);
  return count;
}

bool Take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool IsJsonNumber(std::string_view text) {
  Take(text, "-");
  if (!Take(text, "0") && TakeDigits(text) == 0) return false;
  if (Take(text, ".") && TakeDigits(text) == 0) return false;
  if (Take(text, "eE")) {
    Take(text, "+-");
    if (TakeDigits(text) == 0) return false;
  }
  return text.empty();
}

bool HasFittingExponent(std::string_view number) {
  const size_t exponent = number.find_first_of("eE");
  if (exponent == number.npos) return true;
  number.remove_prefix(exponent + 1);
  Take(number, "+-");
  return TakeDigits(number) <= kMaxExponentDigits;
}

}  // namespace drumline::target
