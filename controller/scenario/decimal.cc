#include "controller/scenario/decimal.h"

#include <array>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

constexpr std::array<std::pair<char, uint64_t>, 3> kMultipliers = {
    {{'G', 1'000'000'000}, {'M', 1'000'000}, {'k', 1'000}}};

unsigned __int128 PowerOfTen(int exponent) {
  unsigned __int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

// Moves the digits at the front of *rest into *value; false where there are too many.
bool ConsumeDigits(absl::string_view* rest, Decimal* value, int* significant) {
  while (!rest->empty() && absl::ascii_isdigit(rest->front())) {
    if (value->digits != 0 || rest->front() != '0') ++*significant;
    if (*significant > Decimal::kMaxDigits) return false;
    value->digits = value->digits * 10 + static_cast<unsigned>(rest->front() - '0');
    rest->remove_prefix(1);
  }
  return true;
}

}  // namespace

absl::StatusOr<Decimal> ConsumeDecimal(absl::string_view whole, absl::string_view* rest) {
  if (rest->empty()) return Refused(whole, "has no number");
  if (rest->front() == '-') return Refused(whole, "is negative");
  if (!absl::ascii_isdigit(rest->front())) return Refused(whole, "does not start with a number");
  Decimal value;
  int significant = 0;
  if (!ConsumeDigits(rest, &value, &significant)) return Refused(whole, "is too large");
  if (rest->empty() || rest->front() != '.') return value;
  rest->remove_prefix(1);
  // Zeros at the end of the decimals change nothing and must not count against the limit.
  size_t length = 0;
  size_t needed = 0;
  while (length < rest->size() && absl::ascii_isdigit((*rest)[length])) {
    if ((*rest)[length++] != '0') needed = length;
  }
  if (length == 0) return Refused(whole, "has no digit after the point");
  if (needed > Decimal::kMaxDigits) return Refused(whole, "has too many decimals");
  absl::string_view decimals = rest->substr(0, needed);
  if (!ConsumeDigits(&decimals, &value, &significant)) {
    return Refused(whole, "has too many digits");
  }
  value.decimals = static_cast<int>(needed);
  rest->remove_prefix(length);
  return value;
}

uint64_t ConsumeMultiplier(absl::string_view* rest) {
  for (const auto& [letter, factor] : kMultipliers) {
    if (!rest->empty() && rest->front() == letter) {
      rest->remove_prefix(1);
      return factor;
    }
  }
  return 1;
}

absl::StatusOr<uint64_t> MultiplyExactly(absl::string_view whole, Decimal value, uint64_t unit,
                                         uint64_t max) {
  unsigned __int128 product = 0;
  if (__builtin_mul_overflow(value.digits, static_cast<unsigned __int128>(unit), &product)) {
    return Refused(whole, "is too large");
  }
  const unsigned __int128 divisor = PowerOfTen(value.decimals);
  if (product / divisor > max) return Refused(whole, "is too large");
  if (product % divisor != 0) return Refused(whole, "is finer than can be kept");
  return static_cast<uint64_t>(product / divisor);
}

std::string FormatQuotient(uint64_t number, uint64_t divisor, int max_decimals) {
  std::string text = absl::StrCat(number / divisor);
  unsigned __int128 remainder = number % divisor;
  if (remainder == 0) return text;
  text += '.';
  for (int decimals = 0; decimals < max_decimals && remainder != 0; ++decimals) {
    remainder *= 10;
    text += static_cast<char>('0' + static_cast<int>(remainder / divisor));
    remainder %= divisor;
  }
  return remainder == 0 ? text : std::string();
}

std::string FormatWithMultiplier(uint64_t number, uint64_t divisor, int max_decimals) {
  for (const auto& [letter, factor] : kMultipliers) {
    uint64_t scaled = 0;
    if (__builtin_mul_overflow(divisor, factor, &scaled) || number < scaled) continue;
    const std::string text = FormatQuotient(number, scaled, max_decimals);
    if (!text.empty()) return absl::StrCat(text, absl::string_view(&letter, 1));
  }
  return FormatQuotient(number, divisor, max_decimals);
}

double ToDouble(Decimal value, int shift) {
  std::string text;
  for (unsigned __int128 digits = value.digits; digits != 0; digits /= 10) {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(digits % 10)));
  }
  // The standard library rounds a decimal text correctly; dividing doubles would round twice.
  text = absl::StrCat("0", text, "e-", value.decimals + shift);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace drumline
