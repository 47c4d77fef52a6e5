#include "core/quantile.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

namespace drumline {
namespace {

// Binomial(n, q) where it is not negligible: the probabilities of first, first + 1 …
struct BinomialBody {
  uint64_t first = 0;
  std::deque<double> probability;
};

// By recursion from the most probable value outwards, divided by the sum at the end: no logarithms
// of factorials, hence no cancellation for large n.
BinomialBody ComputeBinomial(uint64_t n, double q) {
  constexpr double kNegligible = 1e-20;
  const double odds = q / (1 - q);
  const auto mode = static_cast<uint64_t>((static_cast<long double>(n) + 1) * q);
  BinomialBody body{std::min(mode, n), {1.0}};
  for (uint64_t k = body.first; k < n && body.probability.back() > kNegligible; ++k) {
    const double ratio = static_cast<double>(n - k) / static_cast<double>(k + 1) * odds;
    body.probability.push_back(body.probability.back() * ratio);
  }
  for (; body.first > 0 && body.probability.front() > kNegligible; --body.first) {
    const auto k = static_cast<double>(body.first);
    const double ratio = k / static_cast<double>(n - body.first + 1) / odds;
    body.probability.push_front(body.probability.front() * ratio);
  }
  const double sum = std::accumulate(body.probability.begin(), body.probability.end(), 0.0);
  for (double& p : body.probability) p /= sum;
  return body;
}

QuantileRanks ExactRanks(uint64_t n, double q, double half_error) {
  const BinomialBody body = ComputeBinomial(n, q);
  // The largest l with P(B < l) ≤ half_error, and the smallest u with P(B ≥ u) ≤ half_error.
  uint64_t low = body.first;
  double below = 0;
  for (auto p = body.probability.begin(); p != body.probability.end(); ++p, ++low) {
    below += *p;
    if (below > half_error) break;
  }
  uint64_t high = body.first + body.probability.size();
  double above = 0;
  for (auto p = body.probability.rbegin(); p != body.probability.rend(); ++p, --high) {
    above += *p;
    if (above > half_error) break;
  }
  return {std::max<uint64_t>(low, 1), std::min(high, n), low >= 1, high <= n};
}

// z with P(|N| ≤ z) = confidence, by bisection of the complementary error function.
double NormalDeviate(double confidence) {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 100; ++i) {
    const double z = (low + high) / 2;
    (std::erfc(z / std::sqrt(2.0)) > 1 - confidence ? low : high) = z;
  }
  return high;
}

QuantileRanks NormalRanks(uint64_t n, double q, double confidence) {
  const long double center = static_cast<long double>(n) * q;
  const long double reach = NormalDeviate(confidence) * std::sqrt(center * (1 - q));
  const long double low = std::floor(center - reach);
  const long double high = std::ceil(center + reach) + 1;
  const auto most = static_cast<long double>(n);
  return {static_cast<uint64_t>(std::max(low, 1.0L)), static_cast<uint64_t>(std::min(high, most)),
          low >= 1, high <= most};
}

}  // namespace

QuantileRanks RanksOfQuantile(uint64_t n, double q, double confidence) {
  if (n == 0) return {};
  const double variance = static_cast<double>(n) * q * (1 - q);
  return variance <= kExactVariance ? ExactRanks(n, q, (1 - confidence) / 2)
                                    : NormalRanks(n, q, confidence);
}

QuantileInterval IntervalOfQuantile(const Histogram& histogram, double q, double confidence) {
  if (histogram.empty()) return {};
  const QuantileRanks ranks = RanksOfQuantile(histogram.count(), q, confidence);
  const int64_t low = Histogram::LowestInSlot(histogram.SlotAtRank(ranks.low));
  return {std::max(low, histogram.min_ns()), histogram.ValueAtRank(ranks.high), ranks.low_bounded,
          ranks.high_bounded, ranks.supported()};
}

uint64_t FewestSamples(double q, double confidence) {
  const double half_error = (1 - confidence) / 2;
  return static_cast<uint64_t>(std::ceil(std::log(half_error) / std::log(std::max(q, 1 - q))));
}

}  // namespace drumline
