#include "controller/report/slo.h"

#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "controller/scenario/bound.h"
#include "core/quantile.h"

namespace drumline {
namespace {

constexpr double kNormalDeviate95 = 1.959963984540054;

// A measured value, in the unit of the bound's limit, and what is known of the true one.
struct Estimate {
  // Always there where there is no doubt.
  std::optional<double> measured;
  // The ends of a 95 % interval, where they are known.
  std::optional<double> low;
  std::optional<double> high;
  // The true value is `measured` or more.
  bool is_lower_bound = false;
  // Why there are too few samples to decide; empty if there are enough.
  std::string doubt;
  // The extremes of what was seen: where an end of the interval is open although there are samples
  // enough, nothing beyond them counts.
  std::optional<double> least;
  std::optional<double> most;
};

bool IsUpperLimit(const proto::Bound& bound) {
  return bound.comparison() == proto::COMPARISON_LESS ||
         bound.comparison() == proto::COMPARISON_LESS_OR_EQUAL;
}

// A limit at the end of the scale (errors <= 0%, achieved >= 100%) is one that no sample can show
// to be kept: it asks what happened in this run, and that has been counted.
bool AsksForThisRun(const proto::Bound& bound) {
  return (bound.metric() == "errors" && bound.limit() == 0) ||
         (bound.metric() == "achieved" && bound.limit() == 1);
}

// The best and the worst that the true value can be: the bound is met if both meet it, missed if
// neither does. Otherwise the limit lies within the interval, and nothing is known.
proto::SloOutcome::Value DecideByInterval(const Estimate& estimate, const proto::Bound& bound) {
  const std::optional<double> low = estimate.low ? estimate.low : estimate.least;
  const std::optional<double> high = estimate.high ? estimate.high : estimate.most;
  const std::optional<double>& best = IsUpperLimit(bound) ? low : high;
  const std::optional<double>& worst = IsUpperLimit(bound) ? high : low;
  if (best && !Satisfies(*best, bound)) return proto::SloOutcome::FAIL;
  if (worst && Satisfies(*worst, bound)) return proto::SloOutcome::PASS;
  return proto::SloOutcome::INCONCLUSIVE;
}

proto::SloOutcome::Value Decide(const Estimate& estimate, const proto::Bound& bound) {
  const bool interval = estimate.low || estimate.high;
  if (!estimate.doubt.empty() || (interval && !AsksForThisRun(bound))) {
    return DecideByInterval(estimate, bound);
  }
  const bool satisfied = Satisfies(estimate.measured.value(), bound);
  if (estimate.is_lower_bound && satisfied == IsUpperLimit(bound)) {
    return proto::SloOutcome::INCONCLUSIVE;
  }
  return satisfied ? proto::SloOutcome::PASS : proto::SloOutcome::FAIL;
}

std::string Readable(double value, const std::string& unit) {
  if (unit == "us") return FormatTime(value);
  return unit == "bytes" ? FormatBytes(value) : FormatShare(value);
}

std::string EndOf(bool known, double value, const std::string& unit) {
  return known ? Readable(value, unit) : "open";
}

std::string ReasonFor(const Estimate& estimate, const proto::SloResult& result) {
  std::string measured =
      absl::StrCat(result.expression(), ": measured ", estimate.is_lower_bound ? "≥ " : "",
                   Readable(result.measured(), result.unit()));
  switch (result.result()) {
    case proto::SloOutcome::FAIL:
      return measured;
    case proto::SloOutcome::INCONCLUSIVE:
      if (!estimate.doubt.empty()) return absl::StrCat(result.expression(), ": ", estimate.doubt);
      if (estimate.is_lower_bound) {
        return absl::StrCat(measured, ", a lower bound: requests without an answer are among them");
      }
      return absl::StrCat(measured, ", and the limit lies within the 95 % interval, ",
                          EndOf(result.has_low(), result.low(), result.unit()), " … ",
                          EndOf(result.has_high(), result.high(), result.unit()));
    default:
      return "";
  }
}

// `scale` takes the bound's unit to the report's.
SloEvaluation Evaluate(const proto::Bound& bound, const Estimate& estimate, const char* unit,
                       double scale) {
  SloEvaluation evaluation;
  proto::SloResult& result = evaluation.result;
  result.set_expression(bound.text());
  result.set_request(bound.request());
  result.set_unit(unit);
  if (estimate.measured) result.set_measured(*estimate.measured * scale);
  if (estimate.low) result.set_low(*estimate.low * scale);
  if (estimate.high) result.set_high(*estimate.high * scale);
  result.set_result(Decide(estimate, bound));
  evaluation.reason = ReasonFor(estimate, result);
  return evaluation;
}

bool IsLowerBound(double ns, const Book& book) {
  return book.lower_bound_min_ns() > 0 && ns >= static_cast<double>(book.lower_bound_min_ns());
}

void AddQuantileInterval(double q, const RunMeasures& measures, Estimate* estimate) {
  const Histogram& histogram = measures.measure->response_time();
  const proto::QuantileEstimate quantile = EstimateQuantile(q, measures);
  if (quantile.has_low_us()) estimate->low = quantile.low_us() * 1e3;
  if (quantile.has_high_us()) estimate->high = quantile.high_us() * 1e3;
  // Beyond what unanswered requests had waited for, nobody knows the most.
  if (!IsLowerBound(static_cast<double>(histogram.max_ns()), *measures.measure)) {
    estimate->most = static_cast<double>(histogram.max_ns());
  }
  estimate->least = static_cast<double>(histogram.min_ns());
  // Blocks of time may leave an end open; whether there are enough samples, their number alone
  // says.
  if (!RanksOfQuantile(histogram.count(), q).supported()) {
    estimate->doubt =
        absl::StrCat(FormatCount(histogram.count()), " samples are too few for this quantile; ",
                     FormatCount(FewestSamples(q)), " are the fewest");
    estimate->least.reset();
    estimate->most.reset();
  }
}

Estimate EstimateTime(const proto::Bound& bound, const RunMeasures& measures) {
  const Book& book = *measures.measure;
  Estimate estimate;
  if (book.response_time().empty()) {
    estimate.doubt = "nothing was measured";
    return estimate;
  }
  estimate.measured = MeasuredTimeNs(bound, book.response_time());
  if (bound.metric() == "mean" || bound.metric() == "max") {
    estimate.is_lower_bound = book.lower_bound_min_ns() > 0;
    return estimate;
  }
  estimate.is_lower_bound = IsLowerBound(*estimate.measured, book);
  AddQuantileInterval(bound.quantile(), measures, &estimate);
  return estimate;
}

// Those that waited for a connection when their agent was lost were not asked of the target.
Estimate EstimateErrors(const Book& book) {
  Estimate estimate;
  const uint64_t failed = book.ledger().Failed();
  const uint64_t asked = book.ledger().scheduled() - book.after().waiting;
  if (asked == 0) {
    estimate.doubt = "no request came due";
    return estimate;
  }
  estimate.measured = static_cast<double>(failed) / static_cast<double>(asked);
  const FractionInterval interval = WilsonInterval(failed, asked);
  estimate.low = interval.low;
  estimate.high = interval.high;
  return estimate;
}

Estimate EstimateAchieved(const RunMeasures& measures) {
  Estimate estimate;
  if (measures.offered_rps > 0) {
    estimate.measured = measures.achieved_rps / measures.offered_rps;
  } else {
    estimate.doubt = "no request came due";
  }
  return estimate;
}

Estimate EstimateRss(const proto::TargetResources* resources) {
  Estimate estimate;
  if (resources != nullptr && resources->rss_bytes_max() > 0) {
    estimate.measured = resources->rss_bytes_max();
  } else {
    estimate.doubt = "the memory of the target was not read";
  }
  return estimate;
}

}  // namespace

bool Satisfies(double value, const proto::Bound& bound) {
  switch (bound.comparison()) {
    case proto::COMPARISON_LESS:
      return value < bound.limit();
    case proto::COMPARISON_LESS_OR_EQUAL:
      return value <= bound.limit();
    case proto::COMPARISON_GREATER:
      return value > bound.limit();
    case proto::COMPARISON_GREATER_OR_EQUAL:
      return value >= bound.limit();
    default:
      return false;
  }
}

double MeasuredTimeNs(const proto::Bound& bound, const Histogram& histogram) {
  if (bound.metric() == "mean") return histogram.MeanNs();
  if (bound.metric() == "max") return static_cast<double>(histogram.max_ns());
  return static_cast<double>(histogram.ValueAtQuantile(bound.quantile()));
}

proto::QuantileEstimate EstimateQuantile(double q, const RunMeasures& measures) {
  const Book& book = *measures.measure;
  const Histogram& histogram = book.response_time();
  const BlockSeries no_blocks;
  const RunQuantile quantile = WiderIntervalOfQuantile(
      measures.response_time_blocks == nullptr ? no_blocks : *measures.response_time_blocks,
      histogram, q);
  const QuantileInterval& interval = quantile.interval;
  proto::QuantileEstimate estimate;
  estimate.set_quantile(q);
  estimate.set_value_us(static_cast<double>(histogram.ValueAtQuantile(q)) / 1e3);
  estimate.set_blocks(static_cast<uint32_t>(quantile.blocks));
  if (interval.low_bounded) estimate.set_low_us(static_cast<double>(interval.low_ns) / 1e3);
  // An upper end that is itself a lower bound bounds nothing.
  if (interval.high_bounded && !IsLowerBound(static_cast<double>(interval.high_ns), book)) {
    estimate.set_high_us(static_cast<double>(interval.high_ns) / 1e3);
  }
  return estimate;
}

SloEvaluation EvaluateBound(const proto::Bound& bound, const RunMeasures& measures) {
  if (IsTimeBound(bound)) {
    return Evaluate(bound, EstimateTime(bound, measures), "us", 1e-3);
  }
  if (bound.metric() == "errors") {
    return Evaluate(bound, EstimateErrors(*measures.measure), "fraction", 1);
  }
  if (bound.metric() == "achieved") {
    return Evaluate(bound, EstimateAchieved(measures), "fraction", 1);
  }
  if (bound.metric() == "rss") {
    return Evaluate(bound, EstimateRss(measures.resources), "bytes", 1);
  }
  Estimate unknown;
  unknown.doubt = absl::StrCat("'", bound.metric(), "' is nothing that is measured");
  return Evaluate(bound, unknown, "", 1);
}

FractionInterval WilsonInterval(uint64_t hits, uint64_t trials) {
  if (trials == 0) return {};
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(hits) / n;
  const double z2 = kNormalDeviate95 * kNormalDeviate95;
  const double center = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double reach =
      kNormalDeviate95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {hits == 0 ? 0 : center - reach, hits == trials ? 1 : center + reach};
}

}  // namespace drumline
