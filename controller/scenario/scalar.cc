#include "controller/scenario/scalar.h"

#include <array>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/decimal.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

struct Unit {
  absl::string_view name;
  uint64_t size;
};

constexpr uint64_t kMaxInt64 = std::numeric_limits<int64_t>::max();

// From the largest to the smallest, which is also the order in which they may be written.
constexpr std::array<Unit, 6> kDurationUnits = {{{"h", 3'600'000'000'000},
                                                 {"m", 60'000'000'000},
                                                 {"s", 1'000'000'000},
                                                 {"ms", 1'000'000},
                                                 {"us", 1'000},
                                                 {"ns", 1}}};
constexpr absl::string_view kDurationUnitNames = "ns, us, ms, s, m or h";

// Millionths of a request an hour in one request a second, a minute or an hour.
constexpr std::array<Unit, 3> kRateUnits = {
    {{"/s", 3'600'000'000}, {"/m", 60'000'000}, {"/h", 1'000'000}}};

// In the order in which the formatter prefers them.
constexpr std::array<Unit, 7> kByteUnits = {{{"GiB", uint64_t{1} << 30},
                                             {"MiB", uint64_t{1} << 20},
                                             {"KiB", uint64_t{1} << 10},
                                             {"GB", 1'000'000'000},
                                             {"MB", 1'000'000},
                                             {"kB", 1'000},
                                             {"B", 1}}};

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

// The letters (and bytes beyond ASCII, for µ) at the front of *rest, removed.
absl::string_view ConsumeLetters(absl::string_view* rest) {
  size_t length = 0;
  while (length < rest->size() && (absl::ascii_isalpha((*rest)[length]) ||
                                   static_cast<unsigned char>((*rest)[length]) >= 0x80)) {
    ++length;
  }
  const absl::string_view letters = rest->substr(0, length);
  rest->remove_prefix(length);
  return letters;
}

// The index of the unit in kDurationUnits, or its size where there is none of that name.
size_t FindDurationUnit(absl::string_view name) {
  // U+00B5 and U+03BC look alike, and keyboards send either.
  if (name == "\u00B5s" || name == "\u03BCs") name = "us";
  size_t index = 0;
  while (index < kDurationUnits.size() && kDurationUnits[index].name != name) ++index;
  return index;
}

absl::StatusOr<int64_t> ReadDuration(absl::string_view text) {
  absl::string_view rest = text;
  uint64_t total = 0;
  size_t next_unit = 0;
  do {
    const absl::StatusOr<Decimal> number = ConsumeDecimal(text, &rest);
    if (!number.ok()) return number.status();
    const absl::string_view name = ConsumeLetters(&rest);
    if (name.empty()) {
      return Refused(text, absl::StrCat("has no unit: write ", kDurationUnitNames));
    }
    const size_t unit = FindDurationUnit(name);
    if (unit == kDurationUnits.size()) {
      return Refused(text, absl::StrCat("has the unknown unit ", Quoted(name), ": write ",
                                        kDurationUnitNames));
    }
    if (unit < next_unit) {
      return Refused(text, "does not name its units from the largest to the smallest, each once");
    }
    next_unit = unit + 1;
    const absl::StatusOr<uint64_t> part =
        MultiplyExactly(text, *number, kDurationUnits[unit].size, kMaxInt64 - total);
    if (!part.ok()) return part.status();
    total += *part;
  } while (!rest.empty());
  return static_cast<int64_t>(total);
}

absl::StatusOr<int64_t> ReadRate(absl::string_view text) {
  absl::string_view rest = text;
  const absl::StatusOr<Decimal> number = ConsumeDecimal(text, &rest);
  if (!number.ok()) return number.status();
  const uint64_t multiplier = ConsumeMultiplier(&rest);
  for (const Unit& unit : kRateUnits) {
    if (rest != unit.name) continue;
    const absl::StatusOr<uint64_t> rate =
        MultiplyExactly(text, *number, multiplier * unit.size, kMaxInt64);
    if (!rate.ok()) return rate.status();
    return static_cast<int64_t>(*rate);
  }
  if (rest.empty()) return Refused(text, "has no unit: write /s, /m or /h after it");
  return Refused(text, absl::StrCat("has the unknown unit ", Quoted(rest),
                                    ": write a number, perhaps with k, M or G, and /s, /m or /h"));
}

absl::StatusOr<int64_t> ReadBytes(absl::string_view text) {
  absl::string_view rest = text;
  const absl::StatusOr<Decimal> number = ConsumeDecimal(text, &rest);
  if (!number.ok()) return number.status();
  for (const Unit& unit : kByteUnits) {
    if (rest != unit.name) continue;
    const absl::StatusOr<uint64_t> bytes = MultiplyExactly(text, *number, unit.size, kMaxInt64);
    if (!bytes.ok()) return bytes.status();
    return static_cast<int64_t>(*bytes);
  }
  if (rest.empty()) return Refused(text, "has no unit: write B, KiB, MiB, GiB, kB, MB or GB");
  return Refused(text, absl::StrCat("has the unknown unit ", Quoted(rest),
                                    ": write B, KiB, MiB, GiB (1024s) or kB, MB, GB (1000s)"));
}

// Who writes `3 s`, as books do, is told the spelling that is right.
absl::StatusOr<int64_t> ReadOrMendSpaces(absl::string_view text,
                                         absl::StatusOr<int64_t> (*read)(absl::string_view text)) {
  absl::StatusOr<int64_t> value = read(text);
  if (value.ok()) return value;
  const std::string closed = absl::StrReplaceAll(text, {{" ", ""}});
  if (closed == text || !read(closed).ok()) return value;
  return Refused(text, absl::StrCat("has a space in it: write ", closed, ", without the space"));
}

}  // namespace

absl::StatusOr<int64_t> ParseDurationNs(absl::string_view text) {
  return ReadOrMendSpaces(text, &ReadDuration);
}

std::string DurationText(int64_t ns) {
  if (ns == 0) return "0s";
  std::string text;
  uint64_t rest = static_cast<uint64_t>(ns);
  for (const Unit& unit : kDurationUnits) {
    if (rest / unit.size != 0) absl::StrAppend(&text, rest / unit.size, unit.name);
    rest %= unit.size;
  }
  return text;
}

absl::StatusOr<int64_t> ParseRate(absl::string_view text) {
  return ReadOrMendSpaces(text, &ReadRate);
}

std::string RateText(int64_t micro_per_hour) {
  const uint64_t rate = static_cast<uint64_t>(micro_per_hour);
  for (const Unit& unit : kRateUnits) {
    const std::string text = FormatWithMultiplier(rate, unit.size, 3);
    if (!text.empty()) return absl::StrCat(text, unit.name);
  }
  return absl::StrCat(FormatQuotient(rate, kRateUnits.back().size, 6), kRateUnits.back().name);
}

absl::StatusOr<int64_t> ParseBytes(absl::string_view text) {
  return ReadOrMendSpaces(text, &ReadBytes);
}

std::string BytesText(int64_t bytes) {
  const uint64_t count = static_cast<uint64_t>(bytes);
  for (const Unit& unit : kByteUnits) {
    if (count >= unit.size && count % unit.size == 0) {
      return absl::StrCat(count / unit.size, unit.name);
    }
  }
  return "0B";
}

absl::StatusOr<uint64_t> ParseCount(absl::string_view text) {
  absl::string_view rest = text;
  const absl::StatusOr<Decimal> number = ConsumeDecimal(text, &rest);
  if (!number.ok()) return number.status();
  const uint64_t multiplier = ConsumeMultiplier(&rest);
  if (!rest.empty()) {
    return Refused(text, absl::StrCat("goes on with ", Quoted(rest),
                                      ": write digits, perhaps with k, M or G"));
  }
  absl::StatusOr<uint64_t> count =
      MultiplyExactly(text, *number, multiplier, std::numeric_limits<uint64_t>::max());
  if (!count.ok() && number->decimals > 0) return Refused(text, "is not a whole number");
  return count;
}

std::string CountText(uint64_t count) {
  if (count == 0) return "0";
  return FormatWithMultiplier(count, 1, 3);
}

absl::StatusOr<StatusSpan> ParseStatusClass(absl::string_view text) {
  const auto refused = [text] {
    return Refused(text, "is no status: write three digits, or 2xx for all of a hundred");
  };
  if (text.size() != 3 || text[0] < '1' || text[0] > '5') return refused();
  const auto hundred = static_cast<uint32_t>(text[0] - '0') * 100;
  if (absl::EndsWithIgnoreCase(text, "xx")) return StatusSpan{hundred, hundred + 99};
  uint32_t rest = 0;
  for (const char digit : text.substr(1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return refused();
    rest = rest * 10 + static_cast<uint32_t>(digit - '0');
  }
  return StatusSpan{hundred + rest, hundred + rest};
}

}  // namespace drumline
