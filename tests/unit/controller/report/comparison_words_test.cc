#include "controller/report/comparison_words.h"

#include <gtest/gtest.h>

namespace drumline {
namespace {

Comparison Different(double ratio, double low, double high) {
  Comparison comparison;
  comparison.finding = Finding::kDifferent;
  comparison.ratio = ratio;
  comparison.ratio_interval = {low, high};
  return comparison;
}

TEST(ComparisonWords, PerCentAreAsFineAsTheIntervalIsWide) {
  const ComparedMetric& p99 = *FindMetric("p99");
  EXPECT_EQ(ComparisonWords(Different(0.65, 0.62, 0.69), p99), "faster by 35 % [31, 38]");
  EXPECT_EQ(ComparisonWords(Different(1.07, 1.06, 1.085), p99), "slower by 7.0 % [6.0, 8.5]");
  EXPECT_EQ(ComparisonWords(Different(1.003, 1.002, 1.004), p99), "slower by 0.30 % [0.20, 0.40]");
  EXPECT_EQ(ComparisonWords(Different(3, 2.5, 3.6), p99), "slower by 200 % [150, 260]");
}

TEST(ComparisonWords, EachMetricHasItsOwn) {
  const Comparison more = Different(1.5, 1.4, 1.6);
  EXPECT_EQ(ComparisonWords(more, *FindMetric("throughput")), "higher by 50 % [40, 60]");
  EXPECT_EQ(ComparisonWords(more, *FindMetric("cpu_per_request")), "dearer by 50 % [40, 60]");
  EXPECT_EQ(ComparisonWords(more, *FindMetric("rss")), "larger by 50 % [40, 60]");
  EXPECT_EQ(FindMetric("p42"), nullptr);
}

TEST(ComparisonWords, WhatWasNotSeenIsRoundedUp) {
  Comparison alike;
  alike.finding = Finding::kAlike;
  alike.ratio_interval = {0.9621, 1.031};
  EXPECT_EQ(ComparisonWords(alike, *FindMetric("p50")), "no difference larger than 3.8 % seen");
}

TEST(ComparisonWords, WhatIsNeededIsANumber) {
  Comparison open;
  open.finding = Finding::kInconclusive;
  open.n_baseline = open.n_contender = 3;
  open.more_repeats = 7;
  const ComparedMetric& p50 = *FindMetric("p50");
  EXPECT_EQ(ComparisonWords(open, p50), "inconclusive: needs about 7 more repeats");
  open.more_repeats = 1;
  EXPECT_EQ(ComparisonWords(open, p50), "inconclusive: needs about 1 more repeat");
  open.more_repeats = kMostRepeats - 3;
  EXPECT_EQ(ComparisonWords(open, p50), "inconclusive: 1000 repeats would be too few");
}

TEST(FormatLimit, RoundsUp) {
  EXPECT_EQ(FormatLimit(0.04), "4.0 %");
  EXPECT_EQ(FormatLimit(0.0401), "4.1 %");
  EXPECT_EQ(FormatLimit(0.123), "13 %");
  EXPECT_EQ(FormatLimit(0.0012), "0.12 %");
  EXPECT_EQ(FormatLimit(0.00121), "0.13 %");
  EXPECT_EQ(FormatLimit(2.5), "250 %");
}

}  // namespace
}  // namespace drumline
