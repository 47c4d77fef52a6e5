#include "target-services/items/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>

namespace drumline::target {
namespace {

// Enough for any exponent to say "nothing" or "far too much".
constexpr int64_t kMaxExponent = 1'000'000'000'000;

// Of an exponent's text, capped. A leading + is JSON's, but not from_chars'.
int64_t ExponentOf(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  int64_t exponent = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (result.ec == std::errc::result_out_of_range) {
    return text.front() == '-' ? -kMaxExponent : kMaxExponent;
  }
  return std::clamp(exponent, -kMaxExponent, kMaxExponent);
}

unsigned __int128 PowerOfTen(int64_t power) {
  unsigned __int128 result = 1;
  for (int64_t i = 0; i < power; ++i) result *= 10;
  return result;
}

}  // namespace

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const size_t mark = std::min(text.find_first_of("eE"), text.size());
  int64_t exponent = mark < text.size() ? ExponentOf(text.substr(mark + 1)) : 0;
  std::string digits(text.substr(0, mark));
  const size_t point = digits.find('.');
  if (point != digits.npos) {
    exponent -= static_cast<int64_t>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  const size_t last = digits.find_last_not_of('0');
  if (last == digits.npos) return Decimal(0, 0);
  if (negative) return absl::OutOfRangeError("less than zero");
  exponent += static_cast<int64_t>(digits.size() - last - 1);
  const size_t first = digits.find_first_not_of('0');
  if (last + 1 - first > kMaxDigits) return absl::ResourceExhaustedError("too many digits");
  Wide coefficient = 0;
  for (size_t i = first; i <= last; ++i) {
    coefficient = coefficient * 10 + static_cast<Wide>(digits[i] - '0');
  }
  return Decimal(coefficient, exponent);
}

bool Decimal::IsAtMost(uint64_t limit) const {
  if (coefficient_ == 0) return true;
  // Any number of ours × 10^20 is more than any limit, and less than any at least 1 × 10^-50.
  if (exponent_ >= std::numeric_limits<uint64_t>::digits10 + 1) return false;
  if (exponent_ >= 0) return coefficient_ <= limit / PowerOfTen(exponent_);
  // coefficient ≤ limit × 10^-exponent; the right side overflows only where the left is less.
  if (-exponent_ > static_cast<int64_t>(kMaxDigits)) return limit > 0;
  const Wide whole = coefficient_ / PowerOfTen(-exponent_);
  const Wide rest = coefficient_ % PowerOfTen(-exponent_);
  return whole < limit || (whole == limit && rest == 0);
}

uint64_t Decimal::PercentInCents(uint64_t numerator) const {
  // value × numerator / 100 in hundredths is value × numerator.
  const Wide product = coefficient_ * numerator;
  if (exponent_ >= 0) return static_cast<uint64_t>(product * PowerOfTen(exponent_));
  // Below 10^34, so that it is far less than half of 10^36.
  if (-exponent_ > static_cast<int64_t>(kMaxDigits) + 5) return 0;
  const Wide unit = PowerOfTen(-exponent_);
  return static_cast<uint64_t>(product / unit + (product % unit >= unit - unit / 2 ? 1 : 0));
}

}  // namespace drumline::target
