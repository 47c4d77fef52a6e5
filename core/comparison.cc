#include "core/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/student_t.h"

namespace drumline {
namespace {

using Values = std::vector<double>;

struct Moments {
  double n = 0;
  double mean = 0;
  // With n − 1 in its denominator.
  double variance = 0;
};

Moments MomentsOf(const Values& values, double least_deviation) {
  Moments moments{static_cast<double>(values.size()), 0, 0};
  for (double value : values) moments.mean += value / moments.n;
  for (double value : values) {
    moments.variance += (value - moments.mean) * (value - moments.mean) / (moments.n - 1);
  }
  moments.variance = std::max(moments.variance, least_deviation * least_deviation);
  return moments;
}

// A mean difference, contender − baseline, and how well it is known.
struct Shift {
  double mean = 0;
  double standard_error = 0;
  double degrees = 0;
};

Shift WelchShift(const Moments& a, const Moments& b) {
  const double va = a.variance / a.n;
  const double vb = b.variance / b.n;
  return {b.mean - a.mean, std::sqrt(va + vb),
          (va + vb) * (va + vb) / (va * va / (a.n - 1) + vb * vb / (b.n - 1))};
}

Values Differences(const Values& baseline, const Values& contender) {
  Values differences;
  for (size_t i = 0; i < baseline.size(); ++i) differences.push_back(contender[i] - baseline[i]);
  return differences;
}

Shift PairedShift(const Moments& differences) {
  return {differences.mean, std::sqrt(differences.variance / differences.n), differences.n - 1};
}

Interval IntervalOf(const Shift& shift, double confidence) {
  const double reach = StudentQuantile((1 + confidence) / 2, shift.degrees) * shift.standard_error;
  return {shift.mean - reach, shift.mean + reach};
}

Values Logarithms(const Values& values) {
  Values logarithms;
  for (double value : values) logarithms.push_back(std::log(value));
  return logarithms;
}

// The fewest repeats from which the effect of interest is noticed. The more repeats, the smaller
// the effect, so that it is found by halving.
size_t RepeatsFor(double effect, const std::function<std::optional<double>(size_t)>& effect_seen) {
  size_t too_few = 1;
  size_t enough = kMostRepeats;
  while (enough - too_few > 1) {
    const size_t middle = too_few + (enough - too_few) / 2;
    const std::optional<double> seen = effect_seen(middle);
    (seen && *seen <= effect ? enough : too_few) = middle;
  }
  return enough;
}

Finding FindingOf(const Interval& ratio, double effect) {
  if (ratio.low > 1 || ratio.high < 1) return Finding::kDifferent;
  return LargestCompatible(ratio) <= effect ? Finding::kAlike : Finding::kInconclusive;
}

}  // namespace

double LargestCompatible(const Interval& ratio) {
  return std::max(std::abs(ratio.low - 1), std::abs(ratio.high - 1));
}

Comparison Compare(const Values& baseline, const Values& contender, Pairing pairing,
                   const ComparisonTerms& terms) {
  Comparison comparison;
  comparison.n_baseline = baseline.size();
  comparison.n_contender = contender.size();
  const std::optional<RepeatsSummary> a = SummarizeRepeats(baseline, terms.confidence);
  const std::optional<RepeatsSummary> b = SummarizeRepeats(contender, terms.confidence);
  if (a) comparison.baseline = a->mean;
  if (b) comparison.contender = b->mean;
  if (!a || !b) return comparison;
  comparison.ratio = b->mean / a->mean;
  if (a->n < 2 || b->n < 2) return comparison;
  const size_t fewest = pairing == Pairing::kAtOnce ? 2 : kFewestPairs;
  comparison.paired = pairing != Pairing::kNone && a->n == b->n && a->n >= fewest;

  const double least = kLeastLogDeviation;
  const double least_value = kLeastLogDeviation * std::min(a->mean, b->mean);
  Shift log_shift;
  Shift shift;
  std::function<std::optional<double>(size_t)> effect_seen;
  if (comparison.paired) {
    const Moments logs = MomentsOf(Differences(Logarithms(baseline), Logarithms(contender)), least);
    log_shift = PairedShift(logs);
    shift = PairedShift(MomentsOf(Differences(baseline, contender), least_value));
    effect_seen = [deviation = std::sqrt(logs.variance), &terms](size_t n) {
      return SmallestPairedEffect(deviation, n, terms.confidence, terms.power);
    };
    comparison.smallest_effect_seen = *effect_seen(a->n);
  } else {
    const Moments log_a = MomentsOf(Logarithms(baseline), least);
    const Moments log_b = MomentsOf(Logarithms(contender), least);
    log_shift = WelchShift(log_a, log_b);
    shift = WelchShift(MomentsOf(baseline, least_value), MomentsOf(contender, least_value));
    const double pooled =
        std::sqrt(((log_a.n - 1) * log_a.variance + (log_b.n - 1) * log_b.variance) /
                  (log_a.n + log_b.n - 2));
    effect_seen = [pooled, &terms](size_t n) {
      return SmallestEffect(pooled, n, n, terms.confidence, terms.power);
    };
    comparison.smallest_effect_seen =
        *SmallestEffect(pooled, a->n, b->n, terms.confidence, terms.power);
  }
  const Interval logs = IntervalOf(log_shift, terms.confidence);
  comparison.ratio_interval = {std::exp(logs.low), std::exp(logs.high)};
  comparison.difference = shift.mean;
  comparison.difference_interval = IntervalOf(shift, terms.confidence);
  comparison.finding = FindingOf(comparison.ratio_interval, terms.smallest_effect_of_interest);
  if (comparison.finding == Finding::kInconclusive) {
    const size_t wanted = RepeatsFor(terms.smallest_effect_of_interest, effect_seen);
    const size_t held = std::min(a->n, b->n);
    comparison.more_repeats = wanted > held ? wanted - held : 1;
  }
  return comparison;
}

}  // namespace drumline
