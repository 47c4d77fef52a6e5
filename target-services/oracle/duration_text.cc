#include "target-services/oracle/duration_text.h"

#include <array>
#include <charconv>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "target-services/http_server/ascii_text.h"

namespace drumline::target {
namespace {

struct Unit {
  std::string_view name;
  int64_t ns;
};

constexpr std::array<Unit, 5> kUnits = {{
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
}};

absl::Status Wrong(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("`", std::string(text), "` ", std::string(why),
                   ": expected a duration of at most 60m, for example 2ms"));
}

// Digits, and perhaps a point and digits, in front of `text`.
size_t NumberLength(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && IsDigit(text[length])) ++length;
  if (length == 0 || length + 1 >= text.size() || text[length] != '.') return length;
  size_t end = length + 1;
  while (end < text.size() && IsDigit(text[end])) ++end;
  return end > length + 1 ? end : length;
}

const Unit* FindUnit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<int64_t> ParseDuration(std::string_view text) {
  const size_t length = NumberLength(text);
  if (length == 0) return Wrong(text, "is no number with a unit");
  const Unit* unit = FindUnit(text.substr(length));
  if (unit == nullptr) return Wrong(text, "has none of the units ns, us, ms, s, m");
  // Digit by digit, so that 0.1ms is 100,000 ns and not the double nearest to it.
  int64_t total_ns = 0;
  int64_t place_ns = unit->ns;
  bool fraction = false;
  for (char c : text.substr(0, length)) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    const int64_t digit = c - '0';
    if (!fraction) {
      if (total_ns > kMaxDurationNs) break;
      total_ns = total_ns * 10 + digit * unit->ns;
      continue;
    }
    if (digit != 0 && (place_ns == 0 || place_ns % 10 != 0))
      return Wrong(text, "is finer than a nanosecond");
    place_ns /= 10;
    total_ns += digit * place_ns;
  }
  if (total_ns > kMaxDurationNs) return Wrong(text, "is too long");
  return total_ns;
}

absl::StatusOr<double> ParseNumber(std::string_view text) {
  double number = 0;
  const bool plain = !text.empty() && NumberLength(text) == text.size();
  const std::from_chars_result end =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (!plain || end.ec != std::errc()) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", std::string(text), "`: expected a number, for example 0.01"));
  }
  return number;
}

}  // namespace drumline::target
