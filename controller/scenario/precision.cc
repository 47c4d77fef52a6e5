#include "controller/scenario/precision.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "controller/scenario/decimal.h"
#include "controller/scenario/fault.h"

namespace drumline {
namespace {

// The word in the scenario, and the name in the report.
constexpr std::array<std::pair<absl::string_view, absl::string_view>, 7> kMeasures = {
    {{"p50", "p50"},
     {"p95", "p95"},
     {"p99", "p99"},
     {"p99.9", "p99.9"},
     {"throughput", "throughput"},
     {"cpu", "cpu_per_request"},
     {"rss", "rss"}}};

constexpr std::array<absl::string_view, 2> kSigns = {"±", "+-"};

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

}  // namespace

absl::StatusOr<Precision> ParsePrecision(absl::string_view text) {
  size_t at = absl::string_view::npos;
  size_t length = 0;
  for (const absl::string_view sign : kSigns) {
    at = text.find(sign);
    length = sign.size();
    if (at != absl::string_view::npos) break;
  }
  if (at == absl::string_view::npos) {
    return Refused(text, "has no ±: write, for example, p99 ± 2% (or p99 +- 2%)");
  }
  const absl::string_view measure = absl::StripAsciiWhitespace(text.substr(0, at));
  Precision precision;
  for (const auto& [word, metric] : kMeasures) {
    if (measure == word) precision.metric = std::string(metric);
  }
  if (precision.metric.empty()) {
    return Refused(text, absl::StrCat("asks for ", Quoted(measure),
                                      ": write p50, p95, p99, p99.9, throughput, cpu or rss"));
  }
  absl::string_view width = absl::StripAsciiWhitespace(text.substr(at + length));
  if (!absl::ConsumeSuffix(&width, "%")) {
    return Refused(text, "has a width without %: write, for example, 2%");
  }
  const absl::StatusOr<Decimal> per_cent = ConsumeDecimal(text, &width);
  if (!per_cent.ok()) return per_cent.status();
  precision.relative = ToDouble(*per_cent, 2);
  if (!width.empty() || precision.relative <= 0 || precision.relative > 1) {
    return Refused(text, "needs a width above 0% and up to 100%");
  }
  return precision;
}

}  // namespace drumline
