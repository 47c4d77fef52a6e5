// Requests that depend on one another: the interval by blocks covers the true quantile at the
// stated rate, where that from order statistics, which takes them to be independent, does not.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>

#include "core/block_series.h"
#include "core/histogram.h"
#include "core/quantile.h"

namespace drumline {
namespace {

constexpr int kRuns = 1'000;
constexpr int kSeconds = 30;
constexpr int kRequestsASecond = 200;

// Log-normal durations of median 1 ms, of which the logarithms are an AR(1) sequence: successive
// requests correlate by `correlation`, and the marginal law stays N(0, 1) / 2 whatever it is.
struct Coverage {
  double by_order_statistics = 0;
  double wider = 0;
};

Coverage Observe(double q, double normal_quantile, double correlation, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  const double truth_ns = 1e6 * std::exp(0.5 * normal_quantile);
  const auto covers = [truth_ns](const QuantileInterval& interval) {
    return (!interval.low_bounded || static_cast<double>(interval.low_ns) <= truth_ns) &&
           (!interval.high_bounded || truth_ns <= static_cast<double>(interval.high_ns));
  };
  int order_statistics = 0;
  int wider = 0;
  for (int run = 0; run < kRuns; ++run) {
    BlockSeries series;
    Histogram total;
    double state = normal(random);
    for (int64_t second = 0; second < kSeconds; ++second) {
      Histogram histogram;
      for (int i = 0; i < kRequestsASecond; ++i) {
        state = correlation * state + std::sqrt(1 - correlation * correlation) * normal(random);
        histogram.Record(static_cast<int64_t>(1e6 * std::exp(0.5 * state)));
      }
      series.Add(second * BlockSeries::kShortestBlockNs, histogram);
      total.Merge(histogram);
    }
    order_statistics += covers(IntervalOfQuantile(total, q));
    wider += covers(WiderIntervalOfQuantile(series, total, q).interval);
  }
  return {static_cast<double>(order_statistics) / kRuns, static_cast<double>(wider) / kRuns};
}

TEST(BlockCoverage, DependentRequestsAreCoveredByBlocksAlone) {
  // 0.95: a stall is felt for some twenty requests, a tenth of a block.
  const Coverage median = Observe(0.5, 0, 0.95, 1);
  EXPECT_LT(median.by_order_statistics, 0.60);
  EXPECT_GE(median.wider, 0.93);
  EXPECT_LE(median.wider, 0.97);
  const Coverage p90 = Observe(0.9, 1.2815515655446004, 0.95, 2);
  EXPECT_LT(p90.by_order_statistics, 0.60);
  EXPECT_GE(p90.wider, 0.92);
  EXPECT_LE(p90.wider, 0.98);
}

// The wider of two intervals covers a little more than either.
TEST(BlockCoverage, IndependentRequestsAreNotPunished) {
  const Coverage median = Observe(0.5, 0, 0, 3);
  EXPECT_GE(median.wider, 0.94);
  EXPECT_LE(median.wider, 0.985);
  const Coverage p99 = Observe(0.99, 2.3263478740408408, 0, 4);
  EXPECT_GE(p99.wider, 0.94);
  EXPECT_LE(p99.wider, 0.99);
}

}  // namespace
}  // namespace drumline
