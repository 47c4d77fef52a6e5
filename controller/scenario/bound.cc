#include "controller/scenario/bound.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "controller/scenario/decimal.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/scalar.h"

namespace drumline {
namespace {

// Far beyond what is ever measured, and small enough that a double keeps every nanosecond and byte.
constexpr int64_t kMaxTimeNs = 24 * int64_t{3'600'000'000'000};
constexpr int64_t kMaxBytes = int64_t{1} << 50;

constexpr std::array<std::pair<absl::string_view, proto::Comparison>, 4> kComparisons = {
    {{"<=", proto::COMPARISON_LESS_OR_EQUAL},
     {">=", proto::COMPARISON_GREATER_OR_EQUAL},
     {"<", proto::COMPARISON_LESS},
     {">", proto::COMPARISON_GREATER}}};

absl::Status Refused(absl::string_view whole, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(whole), " ", why));
}

bool IsPercentage(absl::string_view metric) { return metric == "errors" || metric == "achieved"; }

absl::Status ReadMetric(absl::string_view text, absl::string_view metric, proto::Bound* bound) {
  bound->set_metric(std::string(metric));
  if (metric == "mean" || metric == "max" || metric == "rss" || IsPercentage(metric)) {
    return absl::OkStatus();
  }
  absl::string_view rest = metric;
  if (absl::ConsumePrefix(&rest, "p") && !rest.empty() && absl::ascii_isdigit(rest.front())) {
    const absl::StatusOr<Decimal> percent = ConsumeDecimal(text, &rest);
    if (!percent.ok()) return percent.status();
    const double quantile = ToDouble(*percent, 2);
    // Seventeen nines round to 1, which is no quantile any more.
    if (rest.empty() && quantile > 0 && quantile < 1) {
      bound->set_quantile(quantile);
      return absl::OkStatus();
    }
    if (rest.empty()) return Refused(text, "asks for a quantile that is not between p0 and p100");
  }
  return Refused(text, absl::StrCat("bounds ", Quoted(metric),
                                    ": write p50, p99.9 or such, mean, max, errors, achieved or "
                                    "rss"));
}

// `p99 of checkout`: takes the name off the metric.
absl::Status ReadRequest(absl::string_view whole, absl::string_view* metric, proto::Bound* bound) {
  constexpr absl::string_view kOf = " of ";
  const size_t of = metric->find(kOf);
  if (of == absl::string_view::npos) return absl::OkStatus();
  const absl::string_view name = absl::StripAsciiWhitespace(metric->substr(of + kOf.size()));
  *metric = absl::StripAsciiWhitespace(metric->substr(0, of));
  if (name.empty() || absl::StrContains(name, " ")) {
    return Refused(whole, "names no request after `of`: write, for example, p99 of checkout");
  }
  if (*metric == "rss" || *metric == "achieved") {
    return Refused(whole, absl::StrCat("bounds ", Quoted(*metric),
                                       " of one request, which only all together have"));
  }
  bound->set_request(std::string(name));
  return absl::OkStatus();
}

absl::StatusOr<double> ReadPercentage(absl::string_view text, absl::string_view limit) {
  if (!absl::ConsumeSuffix(&limit, "%")) {
    return Refused(text, "has a limit without %: write, for example, 0.1%");
  }
  const absl::StatusOr<Decimal> percent = ConsumeDecimal(text, &limit);
  if (!percent.ok()) return percent.status();
  const double fraction = ToDouble(*percent, 2);
  if (!limit.empty() && absl::StripAsciiWhitespace(limit).empty()) {
    return Refused(text, "has a space before %: write, for example, 0.1%, without the space");
  }
  if (!limit.empty() || fraction > 1) return Refused(text, "needs a limit between 0% and 100%");
  return fraction;
}

absl::StatusOr<double> ReadLimit(absl::string_view text, absl::string_view limit,
                                 absl::string_view metric) {
  if (limit.empty()) return Refused(text, "has no limit");
  // `achieved >= 99.9% of offered` says what the per cent are of.
  if (metric == "achieved" && absl::ConsumeSuffix(&limit, " of offered")) {
    limit = absl::StripTrailingAsciiWhitespace(limit);
  }
  if (IsPercentage(metric)) return ReadPercentage(text, limit);
  const bool is_bytes = metric == "rss";
  const absl::StatusOr<int64_t> value = is_bytes ? ParseBytes(limit) : ParseDurationNs(limit);
  if (!value.ok()) {
    return Refused(text, absl::StrCat("has a limit that is no ", is_bytes ? "size" : "duration",
                                      ": ", value.status().message()));
  }
  if (*value == 0) return Refused(text, "has a limit of zero, which nothing measured can be under");
  if (*value > (is_bytes ? kMaxBytes : kMaxTimeNs)) return Refused(text, "has too large a limit");
  return static_cast<double>(*value);
}

// The fraction as per cent, exactly the digits that were read.
std::string FormatPercentage(double fraction) {
  if (fraction == 0) return "0%";
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), fraction,
                                          std::chars_format::scientific);
  const absl::string_view text(buffer.data(), static_cast<size_t>(end - buffer.data()));
  const size_t mark = text.find('e');
  std::string digits(text.substr(0, mark));
  int point = std::atoi(std::string(text.substr(mark + 1)).c_str()) + 2 + 1;
  if (digits.size() > 1) digits.erase(1, 1);
  // The decimal point stands after `point` digits; zeros fill up either side.
  if (point <= 0) {
    digits.insert(0, static_cast<size_t>(1 - point), '0');
    point = 1;
  }
  if (digits.size() <= static_cast<size_t>(point)) {
    digits.append(static_cast<size_t>(point) - digits.size(), '0');
    return digits + "%";
  }
  return absl::StrCat(digits.substr(0, static_cast<size_t>(point)), ".",
                      digits.substr(static_cast<size_t>(point)), "%");
}

}  // namespace

absl::StatusOr<proto::Bound> ParseBound(absl::string_view text) {
  const size_t begin = text.find_first_of("<>");
  if (begin == absl::string_view::npos) {
    return Refused(text, "has no comparison: write <, <=, > or >=");
  }
  proto::Bound bound;
  bound.set_text(std::string(text));
  absl::string_view rest = text.substr(begin);
  for (const auto& [sign, comparison] : kComparisons) {
    if (!absl::ConsumePrefix(&rest, sign)) continue;
    bound.set_comparison(comparison);
    break;
  }
  absl::string_view metric = absl::StripAsciiWhitespace(text.substr(0, begin));
  if (absl::Status status = ReadRequest(text, &metric, &bound); !status.ok()) return status;
  if (absl::Status status = ReadMetric(text, metric, &bound); !status.ok()) return status;
  const absl::StatusOr<double> limit = ReadLimit(text, absl::StripAsciiWhitespace(rest), metric);
  if (!limit.ok()) return limit.status();
  bound.set_limit(*limit);
  if (*limit == 0 && bound.comparison() == proto::COMPARISON_LESS) {
    return Refused(text, "can never be met: write <= 0%");
  }
  return bound;
}

std::string FormatBound(const proto::Bound& bound) {
  absl::string_view sign;
  for (const auto& [text, comparison] : kComparisons) {
    if (comparison == bound.comparison()) sign = text;
  }
  std::string limit;
  if (IsPercentage(bound.metric())) {
    limit = FormatPercentage(bound.limit());
  } else if (bound.metric() == "rss") {
    limit = BytesText(static_cast<int64_t>(bound.limit()));
  } else {
    limit = DurationText(static_cast<int64_t>(bound.limit()));
  }
  const std::string of = bound.request().empty() ? "" : absl::StrCat(" of ", bound.request());
  return absl::StrCat(bound.metric(), of, " ", sign, " ", limit);
}

bool IsTimeBound(const proto::Bound& bound) {
  return bound.metric() != "rss" && !IsPercentage(bound.metric());
}

bool IsUpperBound(const proto::Bound& bound) {
  return bound.comparison() == proto::COMPARISON_LESS ||
         bound.comparison() == proto::COMPARISON_LESS_OR_EQUAL;
}

}  // namespace drumline
