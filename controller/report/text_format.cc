#include "controller/report/text_format.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drumline {
namespace {

struct Unit {
  const char* name;
  double size;
};

// 1,000 of a unit are the next one, except of the last.
constexpr Unit kTimeUnits[] = {{"µs", 1}, {"ms", 1e3}, {"s", 1e6}};
constexpr Unit kByteUnits[] = {
    {"B", 1}, {"KiB", 1024}, {"MiB", 1024.0 * 1024}, {"GiB", 1024.0 * 1024 * 1024}};

std::string ThreeDigits(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size >= 99.95) return absl::StrFormat("%.0f", value);
  if (size >= 9.995) return absl::StrFormat("%.1f", value);
  return absl::StrFormat("%.2f", value);
}

template <size_t n>
std::string WithUnit(double value, const Unit (&units)[n]) {
  size_t i = 0;
  // What would be printed as 1000 of a unit is printed as 1.00 of the next.
  while (i + 1 < n && std::abs(value) / units[i].size >= 999.5) ++i;
  return absl::StrCat(ThreeDigits(value / units[i].size), " ", units[i].name);
}

}  // namespace

std::string FormatTime(double us) { return WithUnit(us, kTimeUnits); }

std::string FormatBytes(double bytes) { return WithUnit(bytes, kByteUnits); }

std::string FormatCount(uint64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

std::string FormatRate(double per_second) {
  const auto tenths = static_cast<uint64_t>(std::llround(std::max(per_second, 0.0) * 10));
  return absl::StrCat(FormatCount(tenths / 10), ".", tenths % 10, "/s");
}

std::string FormatShare(double fraction) { return absl::StrCat(ThreeDigits(fraction * 100), " %"); }

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

std::string PadLeft(absl::string_view text, size_t width) {
  const size_t have = DisplayWidth(text);
  return absl::StrCat(std::string(width > have ? width - have : 0, ' '), text);
}

std::string PadRight(absl::string_view text, size_t width) {
  const size_t have = DisplayWidth(text);
  return absl::StrCat(text, std::string(width > have ? width - have : 0, ' '));
}

std::string Wrap(const std::vector<std::string>& words, absl::string_view separator, size_t indent,
                 size_t width) {
  std::string text;
  size_t column = indent;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = i == 0 ? words[i] : absl::StrCat(separator, words[i]);
    if (i > 0 && column + DisplayWidth(word) > width) {
      absl::StrAppend(&text, "\n", std::string(indent, ' '));
      column = indent;
    }
    absl::StrAppend(&text, word);
    column += DisplayWidth(word);
  }
  return text;
}

}  // namespace drumline
