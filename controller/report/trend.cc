#include "controller/report/trend.h"

#include <algorithm>
#include <cmath>

#include "core/student_t.h"

namespace drumline {
namespace {

// The mean of each stretch that has a reading.
std::vector<Reading> MeansOf(const std::vector<Reading>& readings, size_t stretches) {
  const double begin = readings.front().at_s;
  const double length = readings.back().at_s - begin;
  std::vector<Reading> sums(stretches);
  std::vector<double> counts(stretches, 0);
  for (const Reading& reading : readings) {
    const auto at =
        static_cast<size_t>((reading.at_s - begin) / length * static_cast<double>(stretches));
    const size_t stretch = std::min(at, stretches - 1);
    sums[stretch].at_s += reading.at_s;
    sums[stretch].value += reading.value;
    ++counts[stretch];
  }
  std::vector<Reading> means;
  for (size_t i = 0; i < stretches; ++i) {
    if (counts[i] > 0) means.push_back({sums[i].at_s / counts[i], sums[i].value / counts[i]});
  }
  return means;
}

}  // namespace

std::optional<Trend> TrendOf(const std::vector<Reading>& readings) {
  if (readings.size() < kFewestStretches || readings.back().at_s <= readings.front().at_s) {
    return std::nullopt;
  }
  const std::vector<Reading> means = MeansOf(readings, std::min(kMostStretches, readings.size()));
  const auto n = static_cast<double>(means.size());
  if (means.size() < kFewestStretches) return std::nullopt;
  double at = 0;
  double value = 0;
  for (const Reading& mean : means) {
    at += mean.at_s / n;
    value += mean.value / n;
  }
  double products = 0;
  double squares = 0;
  for (const Reading& mean : means) {
    products += (mean.at_s - at) * (mean.value - value);
    squares += (mean.at_s - at) * (mean.at_s - at);
  }
  Trend trend;
  trend.stretches = means.size();
  trend.slope = products / squares;
  double residuals = 0;
  for (const Reading& mean : means) {
    const double residual = mean.value - value - trend.slope * (mean.at_s - at);
    residuals += residual * residual;
  }
  const double half = StudentQuantile(0.975, n - 2) * std::sqrt(residuals / (n - 2) / squares);
  trend.low = trend.slope - half;
  trend.high = trend.slope + half;
  return trend;
}

}  // namespace drumline
