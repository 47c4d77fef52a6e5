// Lines and buckets whose answers are known in closed form, and noise whose interval must cover.
#include "controller/report/trend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "controller/report/served_times.h"

namespace drumline {
namespace {

TEST(Trend, AStraightLineIsItself) {
  std::vector<Reading> line;
  for (int i = 0; i < 60; ++i) line.push_back({double(i), 1e6 + 250.0 * i});
  const std::optional<Trend> trend = TrendOf(line);
  ASSERT_TRUE(trend);
  EXPECT_NEAR(trend->slope, 250, 1e-6);
  EXPECT_NEAR(trend->low, 250, 1e-3);
  EXPECT_NEAR(trend->high, 250, 1e-3);
  EXPECT_EQ(trend->stretches, 10u);
}

TEST(Trend, FourPointsByHand) {
  // y = 0, 1, 1, 2 at x = 0 … 3: slope 0.6, residuals −0.1, 0.3, −0.3, 0.1; s² = 0.2 / 2, and
  // t(0.975, 2) = 4.3027.
  const std::optional<Trend> trend = TrendOf({{0, 0}, {1, 1}, {2, 1}, {3, 2}});
  ASSERT_TRUE(trend);
  EXPECT_NEAR(trend->slope, 0.6, 1e-12);
  EXPECT_NEAR(trend->high - trend->slope, 4.30265 * std::sqrt(0.1 / 5), 1e-4);
}

TEST(Trend, TooFewReadingsSayNothing) {
  EXPECT_FALSE(TrendOf({}));
  EXPECT_FALSE(TrendOf({{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_FALSE(TrendOf({{1, 1}, {1, 2}, {1, 3}, {1, 4}}));
}

// Neighbours that depend on each other, as memory's do: the interval of a line through all readings
// would cover a slope of 0 in far fewer than 95 of 100 cases.
TEST(Trend, CoversWhereNeighboursDependOnEachOther) {
  std::mt19937 random(7);
  std::normal_distribution<double> noise;
  int covered = 0;
  constexpr int kSeries = 400;
  for (int s = 0; s < kSeries; ++s) {
    std::vector<Reading> series;
    double value = 0;
    for (int i = 0; i < 200; ++i) {
      value = 0.7 * value + noise(random);
      series.push_back({double(i), value});
    }
    const std::optional<Trend> trend = TrendOf(series);
    if (trend && trend->low <= 0 && trend->high >= 0) ++covered;
  }
  EXPECT_GE(covered, kSeries * 90 / 100);
  EXPECT_LE(covered, kSeries * 99 / 100);
}

proto::ServedTimes Served(const std::vector<double>& counts) {
  proto::ServedTimes served;
  for (double bound : {0.001, 0.01, std::numeric_limits<double>::infinity()}) {
    served.add_bounds_s(bound);
  }
  for (double count : counts) served.add_counts(count);
  return served;
}

TEST(Served, LiesOnAStraightLineInItsBucket) {
  const auto served = ServedBetween(Served({10, 10, 10}), Served({60, 110, 110}));
  ASSERT_TRUE(served);
  EXPECT_EQ(served->count(), 100);
  EXPECT_DOUBLE_EQ(served->p50_us(), 1'000);
  // 45 of the 50 between 1 ms and 10 ms.
  EXPECT_DOUBLE_EQ(served->p95_us(), 1'000 + 0.9 * 9'000);
  EXPECT_DOUBLE_EQ(served->p99_low_us(), 1'000);
  EXPECT_DOUBLE_EQ(served->p99_high_us(), 10'000);
}

TEST(Served, BeyondTheLastBoundIsThatBound) {
  const auto served = ServedBetween(Served({0, 0, 0}), Served({0, 0, 5}));
  ASSERT_TRUE(served);
  EXPECT_DOUBLE_EQ(served->p50_us(), 10'000);
}

TEST(Served, NothingIsMadeOfWhatDoesNotFit) {
  EXPECT_FALSE(ServedBetween(Served({1, 2, 3}), Served({1, 2, 3})));
  EXPECT_FALSE(ServedBetween(Served({1, 2, 3}), Served({0, 2, 5})));
  EXPECT_FALSE(ServedBetween(Served({1, 2}), Served({1, 2, 3})));
  EXPECT_FALSE(ServedBetween({}, Served({1, 2, 3})));
}

}  // namespace
}  // namespace drumline
