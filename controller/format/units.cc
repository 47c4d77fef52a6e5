#include "controller/format/units.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"

namespace drumline {
namespace {

constexpr char kNotFinite[] = "n/a";

struct Unit {
  double size;
  const char* name;
};

// Units in ascending order.
struct Scale {
  absl::Span<const Unit> units;
  // So many of a unit are one of the next.
  double step;
  // The smallest unit is counted, not measured: 5 of it are "5", not "5.00".
  bool counted;
};

constexpr Unit kTimeUnits[] = {{1, " ns"}, {1e3, " µs"}, {1e6, " ms"}, {1e9, " s"}};
constexpr Unit kByteUnits[] = {
    {1, " B"}, {1024, " KiB"}, {1024.0 * 1024, " MiB"}, {1024.0 * 1024 * 1024, " GiB"}};

constexpr Scale kTime = {kTimeUnits, 1000, true};
constexpr Scale kBytes = {kByteUnits, 1024, true};

// Of a value that is not negative: 1.23, 12.3, 123, 1234.
std::string ThreeDigits(double value) {
  if (value == 0) return "0";
  // The limits are those at which the digit that is rounded away would carry into a new place.
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return absl::StrFormat("%.*f", decimals, value);
}

// The value goes up a unit where its rounded figure would reach the step: 999.7 µs is 1.00 ms, not
// 1000 µs.
std::string InUnits(double value, const Scale& scale) {
  if (!std::isfinite(value)) return kNotFinite;
  const double size = std::fabs(value);
  size_t chosen = 0;
  while (chosen + 1 < scale.units.size() &&
         std::round(size / scale.units[chosen].size) >= scale.step) {
    ++chosen;
  }
  const double figure = size / scale.units[chosen].size;
  const bool whole = scale.counted && chosen == 0 && figure == std::floor(figure);
  return absl::StrCat(value < 0 ? "-" : "",
                      whole ? absl::StrFormat("%.0f", figure) : ThreeDigits(figure),
                      scale.units[chosen].name);
}

}  // namespace

std::string FormatTime(double us) { return InUnits(us * 1e3, kTime); }

std::string FormatNs(int64_t ns) { return InUnits(static_cast<double>(ns), kTime); }

std::string FormatBytes(double bytes) { return InUnits(bytes, kBytes); }

std::string FormatCount(uint64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string FormatRate(double per_second) {
  if (!std::isfinite(per_second)) return kNotFinite;
  constexpr double kWholeFrom = 99.95;
  const double rate = std::max(per_second, 0.0);
  if (rate < kWholeFrom) return absl::StrCat(ThreeDigits(rate), "/s");
  return absl::StrCat(FormatCount(static_cast<uint64_t>(std::llround(rate))), "/s");
}

std::string FormatShare(double fraction) {
  if (!std::isfinite(fraction)) return kNotFinite;
  return absl::StrCat(fraction < 0 ? "-" : "", ThreeDigits(std::fabs(fraction) * 100), " %");
}

std::string CompactClock(int64_t seconds) {
  const int64_t left = std::max<int64_t>(seconds, 0);
  const int64_t hours = left / 3600;
  const int64_t minutes = left / 60 % 60;
  if (hours == 0) return absl::StrFormat("%d:%02d", minutes, left % 60);
  return absl::StrFormat("%d:%02d:%02d", hours, minutes, left % 60);
}

}  // namespace drumline
