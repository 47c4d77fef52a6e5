#include "core/drift.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace drumline {
namespace {

// Two-sided 0.1 %.
constexpr double kNormalDeviate = 3.2905;

double MedianOf(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

// n (n − 1) (2 n + 5), the sum of which over groups of equal values is taken off.
double Triple(double n) { return n * (n - 1) * (2 * n + 5); }

double VarianceOfScore(const std::vector<double>& values) {
  std::map<double, double> equal;
  for (double value : values) ++equal[value];
  double triple = Triple(static_cast<double>(values.size()));
  for (const auto& [value, count] : equal) triple -= Triple(count);
  return triple / 18;
}

}  // namespace

Drift DriftOf(const std::vector<double>& values) {
  Drift drift;
  const size_t n = values.size();
  if (n < kFewestForDrift) return drift;
  double score = 0;
  std::vector<double> slopes;
  slopes.reserve(n * (n - 1) / 2);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) {
      const double rise = values[j] - values[i];
      score += rise > 0 ? 1 : rise < 0 ? -1 : 0;
      slopes.push_back(rise / static_cast<double>(j - i));
    }
  }
  const double variance = VarianceOfScore(values);
  // One off towards 0: S moves in whole steps.
  drift.certain = variance > 0 && (std::abs(score) - 1) / std::sqrt(variance) > kNormalDeviate;
  const double middle = MedianOf(values);
  if (middle > 0) drift.relative = MedianOf(slopes) * static_cast<double>(n - 1) / middle;
  return drift;
}

}  // namespace drumline
