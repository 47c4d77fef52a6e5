#include "core/repeats.h"

#include <algorithm>
#include <cmath>

#include "core/student_t.h"

namespace drumline {
namespace {

// Welch's degrees of freedom are (va + vb)² / (va² / (a − 1) + vb² / (b − 1)), va and vb being the
// squared standard errors that were seen. This is the mean of the numerator over that of the
// denominator where the true spreads are equal; 2 n (n − 1) / (n + 1) for a = b = n.
double UsualWelchDegrees(double a, double b) {
  const double of_sums =
      (1 / a + 1 / b) * (1 / a + 1 / b) + 2 / (a * a * (a - 1)) + 2 / (b * b * (b - 1));
  const double of_parts =
      (a + 1) / (a * a * (a - 1) * (a - 1)) + (b + 1) / (b * b * (b - 1) * (b - 1));
  return of_sums / of_parts;
}

}  // namespace

std::optional<RepeatsSummary> SummarizeRepeats(const std::vector<double>& values,
                                               double confidence) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (double value : values) {
    if (!(value > 0) || !std::isfinite(value)) return std::nullopt;
    sum += std::log(value);
  }
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n;
  RepeatsSummary summary;
  summary.n = values.size();
  summary.mean = std::exp(mean);
  if (summary.n == 1) return summary;
  double squares = 0;
  for (double value : values) squares += (std::log(value) - mean) * (std::log(value) - mean);
  summary.log_deviation = std::max(std::sqrt(squares / (n - 1)), kLeastLogDeviation);
  const double reach =
      StudentQuantile((1 + confidence) / 2, n - 1) * summary.log_deviation / std::sqrt(n);
  summary.interval = Interval{std::exp(mean - reach), std::exp(mean + reach)};
  return summary;
}

std::optional<double> SmallestEffect(double log_deviation, size_t n_baseline, size_t n_contender,
                                     double confidence, double power) {
  if (n_baseline < 2 || n_contender < 2) return std::nullopt;
  const auto a = static_cast<double>(n_baseline);
  const auto b = static_cast<double>(n_contender);
  const double shift = DetectableShift(UsualWelchDegrees(a, b), confidence, power);
  return std::expm1(shift * log_deviation * std::sqrt(1 / a + 1 / b));
}

std::optional<double> SmallestPairedEffect(double log_deviation, size_t pairs, double confidence,
                                           double power) {
  if (pairs < 2) return std::nullopt;
  const auto n = static_cast<double>(pairs);
  return std::expm1(DetectableShift(n - 1, confidence, power) * log_deviation / std::sqrt(n));
}

}  // namespace drumline
