#include "controller/format/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drumline {
namespace {

struct Unit {
  double size;
  const char* name;
};

// Three significant digits of a value below 1000 (below 1024 for bytes): 1.23, 12.3, 123.
std::string ThreeDigits(double value) {
  // The limits are those at which the digit that is rounded away would carry into a new place.
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return absl::StrFormat("%.*f", decimals, value);
}

// `units` ascend. The value goes up a unit where its rounded figure would reach `step`: 999,700 ns
// is 1.00ms, not 1000µs.
template <size_t N>
std::string InUnits(double value, const std::array<Unit, N>& units, double step) {
  size_t chosen = 0;
  while (chosen + 1 < N && std::round(value / units[chosen].size) >= step) ++chosen;
  const double figure = value / units[chosen].size;
  // The smallest unit is a count where the value is whole.
  if (figure == std::floor(figure) && (chosen == 0 || figure >= 100)) {
    return absl::StrFormat("%.0f%s", figure, units[chosen].name);
  }
  return absl::StrCat(ThreeDigits(figure), units[chosen].name);
}

}  // namespace

std::string CompactDuration(int64_t nanoseconds) {
  constexpr double kMinute = 60e9;
  constexpr double kHour = 60 * kMinute;
  constexpr std::array<Unit, 4> kUnits = {{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}};
  const char* sign = nanoseconds < 0 ? "-" : "";
  const double size = std::fabs(static_cast<double>(nanoseconds));
  if (size < kMinute - 0.05e9) return absl::StrCat(sign, InUnits(size, kUnits, 1000));
  const auto seconds = static_cast<int64_t>(std::llround(size / 1e9));
  if (size < kHour - 0.5e9) return absl::StrFormat("%s%dm%02ds", sign, seconds / 60, seconds % 60);
  const auto minutes = static_cast<int64_t>(std::llround(size / kMinute));
  return absl::StrFormat("%s%dh%02dm", sign, minutes / 60, minutes % 60);
}

std::string CompactRate(double per_second) {
  constexpr std::array<Unit, 4> kUnits = {{{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}}};
  if (!std::isfinite(per_second)) return "n/a";
  const char* sign = per_second < 0 ? "-" : "";
  return absl::StrCat(sign, InUnits(std::fabs(per_second), kUnits, 1000), "/s");
}

std::string CompactBytes(double bytes) {
  constexpr double kKiB = 1024;
  constexpr std::array<Unit, 5> kUnits = {{{1, "B"},
                                           {kKiB, "KiB"},
                                           {kKiB * kKiB, "MiB"},
                                           {kKiB * kKiB * kKiB, "GiB"},
                                           {kKiB * kKiB * kKiB * kKiB, "TiB"}}};
  if (!std::isfinite(bytes)) return "n/a";
  const char* sign = bytes < 0 ? "-" : "";
  return absl::StrCat(sign, InUnits(std::fabs(bytes), kUnits, kKiB));
}

std::string CompactCount(uint64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string CompactClock(int64_t seconds) {
  const int64_t left = std::max<int64_t>(seconds, 0);
  const int64_t hours = left / 3600;
  const int64_t minutes = left / 60 % 60;
  if (hours == 0) return absl::StrFormat("%d:%02d", minutes, left % 60);
  return absl::StrFormat("%d:%02d:%02d", hours, minutes, left % 60);
}

}  // namespace drumline
