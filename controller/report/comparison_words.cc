#include "controller/report/comparison_words.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drumline {
namespace {

constexpr double kPerCent = 100;

std::string DifferenceWords(const Comparison& comparison, const ComparedMetric& metric) {
  const bool larger = comparison.ratio > 1;
  const double sign = larger ? kPerCent : -kPerCent;
  const double by = sign * (comparison.ratio - 1);
  const double first = sign * (comparison.ratio_interval.low - 1);
  const double second = sign * (comparison.ratio_interval.high - 1);
  const double low = std::min(first, second);
  const double high = std::max(first, second);
  const int decimals = high - low >= 4 ? 0 : high - low >= 0.4 ? 1 : 2;
  return absl::StrFormat("%s by %.*f %% [%.*f, %.*f]", larger ? metric.larger : metric.smaller,
                         decimals, by, decimals, low, decimals, high);
}

std::string NeedWords(const Comparison& comparison) {
  const size_t held = std::min(comparison.n_baseline, comparison.n_contender);
  if (held + comparison.more_repeats >= kMostRepeats) {
    return absl::StrFormat("inconclusive: %d repeats would be too few", kMostRepeats);
  }
  return absl::StrCat("inconclusive: needs about ", comparison.more_repeats, " more repeat",
                      comparison.more_repeats == 1 ? "" : "s");
}

}  // namespace

std::string FormatLimit(double fraction) {
  const double per_cent = kPerCent * fraction;
  if (!std::isfinite(per_cent)) return "any";
  const double digit = per_cent < 0.995 ? 0.01 : per_cent < 9.95 ? 0.1 : 1;
  const int decimals = digit == 0.01 ? 2 : digit == 0.1 ? 1 : 0;
  // What is a whole number of digits but for the error of arithmetic stays that number.
  constexpr double kArithmetic = 1e-9;
  return absl::StrFormat("%.*f %%", decimals, std::ceil(per_cent / digit - kArithmetic) * digit);
}

std::string ComparisonWords(const Comparison& comparison, const ComparedMetric& metric) {
  switch (comparison.finding) {
    case Finding::kDifferent:
      return DifferenceWords(comparison, metric);
    case Finding::kAlike:
      return absl::StrCat("no difference larger than ",
                          FormatLimit(LargestCompatible(comparison.ratio_interval)), " seen");
    case Finding::kInconclusive:
      return NeedWords(comparison);
    case Finding::kNotComparable:
      break;
  }
  return "not compared: needs two valid repeats of each";
}

}  // namespace drumline
