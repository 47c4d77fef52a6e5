#include "core/quantile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace drumline {
namespace {

// P(B ≤ k) for B ~ Binomial(n, q), by logarithms of factorials: not the way our code does it.
double BinomialAtMost(int64_t k, uint64_t n, double q) {
  double sum = 0;
  const auto trials = static_cast<double>(n);
  for (int64_t i = 0; i <= k; ++i) {
    const auto hits = static_cast<double>(i);
    sum +=
        std::exp(std::lgamma(trials + 1) - std::lgamma(hits + 1) - std::lgamma(trials - hits + 1) +
                 hits * std::log(q) + (trials - hits) * std::log1p(-q));
  }
  return sum;
}

TEST(QuantileRanks, OfTheMedianAreThoseOfTheSignTest) {
  // The classic table: 95 % intervals for the median from n samples.
  struct Row {
    uint64_t n, low, high;
  };
  for (const Row& row : {Row{6, 1, 6}, Row{9, 2, 8}, Row{10, 2, 9}, Row{15, 4, 12}, Row{20, 6, 15},
                         Row{25, 8, 18}, Row{30, 10, 21}}) {
    const QuantileRanks ranks = RanksOfQuantile(row.n, 0.5);
    EXPECT_TRUE(ranks.supported()) << row.n;
    EXPECT_EQ(ranks.low, row.low) << row.n;
    EXPECT_EQ(ranks.high, row.high) << row.n;
  }
  EXPECT_FALSE(RanksOfQuantile(5, 0.5).supported());
}

TEST(QuantileRanks, AreTheTightestThatLeaveHalfTheErrorOnEachSide) {
  for (uint64_t n : {50ul, 100ul, 999ul, 5'000ul}) {
    for (double q : {0.1, 0.5, 0.9, 0.95, 0.99}) {
      const QuantileRanks ranks = RanksOfQuantile(n, q);
      if (!ranks.supported()) continue;
      const auto low = static_cast<int64_t>(ranks.low);
      const auto high = static_cast<int64_t>(ranks.high);
      EXPECT_LE(BinomialAtMost(low - 1, n, q), 0.025) << n << " " << q;
      EXPECT_GT(BinomialAtMost(low, n, q), 0.025) << n << " " << q;
      EXPECT_GE(BinomialAtMost(high - 1, n, q), 0.975) << n << " " << q;
      EXPECT_LT(BinomialAtMost(high - 2, n, q), 0.975) << n << " " << q;
    }
  }
}

TEST(QuantileRanks, TheNormalApproximationTakesOverSmoothly) {
  // On both sides of the boundary, the two ways agree to about a rank.
  const auto exact_n = static_cast<uint64_t>(kExactVariance / 0.25);
  const QuantileRanks exact = RanksOfQuantile(exact_n, 0.5);
  const QuantileRanks normal = RanksOfQuantile(exact_n + 2, 0.5);
  EXPECT_NEAR(static_cast<double>(normal.low), static_cast<double>(exact.low + 1), 1.5);
  EXPECT_NEAR(static_cast<double>(normal.high), static_cast<double>(exact.high + 1), 1.5);
}

TEST(QuantileRanks, OfAThousandMillionFollowTheFormula) {
  const QuantileRanks ranks = RanksOfQuantile(1'000'000'000, 0.99);
  const double reach = 1.959963984540054 * std::sqrt(1e9 * 0.99 * 0.01);
  EXPECT_NEAR(static_cast<double>(ranks.low), 990'000'000 - reach, 2);
  EXPECT_NEAR(static_cast<double>(ranks.high), 990'000'000 + reach, 3);
  EXPECT_TRUE(ranks.supported());
}

TEST(QuantileRanks, OtherConfidencesAreNarrowerOrWider) {
  const QuantileRanks half = RanksOfQuantile(1'000, 0.9, 0.5);
  const QuantileRanks most = RanksOfQuantile(1'000, 0.9, 0.99);
  EXPECT_GT(half.low, most.low);
  EXPECT_LT(half.high, most.high);
}

TEST(FewestSamples, IsWhereSupportBegins) {
  EXPECT_EQ(FewestSamples(0.5), 6u);
  for (double q : {0.01, 0.3, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999}) {
    const uint64_t fewest = FewestSamples(q);
    EXPECT_TRUE(RanksOfQuantile(fewest, q).supported()) << q;
    EXPECT_FALSE(RanksOfQuantile(fewest - 1, q).supported()) << q;
    // One sample beyond the quantile must be all but certain: q^n ≤ 2.5 %.
    EXPECT_LE(std::pow(std::max(q, 1 - q), static_cast<double>(fewest)), 0.025) << q;
  }
}

TEST(IntervalOfQuantile, NamesTheOrderStatistics) {
  Histogram histogram;
  for (int64_t ns = 1; ns <= 20; ++ns) histogram.Record(ns);
  const QuantileInterval median = IntervalOfQuantile(histogram, 0.5);
  EXPECT_TRUE(median.supported);
  EXPECT_EQ(median.low_ns, 6);
  EXPECT_EQ(median.high_ns, 15);
}

TEST(IntervalOfQuantile, IsRoundedOutwardsButStaysWithinTheExtremes) {
  Histogram histogram;
  histogram.RecordMany(1'000'003, 100);
  const QuantileInterval p90 = IntervalOfQuantile(histogram, 0.9);
  EXPECT_EQ(p90.low_ns, 1'000'003);
  EXPECT_EQ(p90.high_ns, 1'000'003);
  histogram.Record(5);
  histogram.Record(2'000'000'000);
  const QuantileInterval within = IntervalOfQuantile(histogram, 0.9);
  const int slot = Histogram::SlotOf(1'000'003);
  EXPECT_EQ(within.low_ns, Histogram::LowestInSlot(slot));
  EXPECT_EQ(within.high_ns, Histogram::HighestInSlot(slot));
}

TEST(IntervalOfQuantile, SaysWhenThereAreTooFewSamples) {
  EXPECT_FALSE(IntervalOfQuantile(Histogram(), 0.5).supported);
  Histogram histogram;
  for (int64_t ns = 1; ns <= 100; ++ns) histogram.Record(ns);
  const QuantileInterval p999 = IntervalOfQuantile(histogram, 0.999);
  EXPECT_FALSE(p999.supported);
  EXPECT_TRUE(p999.low_bounded);
  EXPECT_FALSE(p999.high_bounded);
  EXPECT_EQ(p999.high_ns, 100);
  EXPECT_GE(p999.high_ns, p999.low_ns);
}

}  // namespace
}  // namespace drumline
