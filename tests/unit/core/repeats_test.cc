#include "core/repeats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/student_t.h"

namespace drumline {
namespace {

// Logarithms −0.1, 0, 0.1 around ln 500: their mean is 0, their deviation 0.1.
const std::vector<double> kThree = {500 * std::exp(-0.1), 500, 500 * std::exp(0.1)};

TEST(SummarizeRepeats, HasTheClosedFormOfThreeEvenlySpacedLogarithms) {
  const std::optional<RepeatsSummary> summary = SummarizeRepeats(kThree);
  ASSERT_TRUE(summary && summary->interval);
  EXPECT_EQ(summary->n, 3u);
  EXPECT_NEAR(summary->mean, 500, 1e-9);
  EXPECT_NEAR(summary->log_deviation, 0.1, 1e-12);
  // t of two degrees at 0.975 is 0.95 · sqrt(2 / (4 · 0.975 · 0.025)).
  const double reach = 0.95 * std::sqrt(2 / (4 * 0.975 * 0.025)) * 0.1 / std::sqrt(3.0);
  EXPECT_NEAR(summary->interval->low, 500 * std::exp(-reach), 1e-6);
  EXPECT_NEAR(summary->interval->high, 500 * std::exp(reach), 1e-6);
}

TEST(SummarizeRepeats, OneRepeatHasNoInterval) {
  const std::optional<RepeatsSummary> summary = SummarizeRepeats({42});
  ASSERT_TRUE(summary);
  EXPECT_DOUBLE_EQ(summary->mean, 42);
  EXPECT_EQ(summary->log_deviation, 0);
  EXPECT_FALSE(summary->interval);
}

TEST(SummarizeRepeats, RefusesWhatHasNoLogarithm) {
  EXPECT_FALSE(SummarizeRepeats({}));
  EXPECT_FALSE(SummarizeRepeats({1, 0}));
  EXPECT_FALSE(SummarizeRepeats({1, -1}));
  EXPECT_FALSE(SummarizeRepeats({1, std::numeric_limits<double>::infinity()}));
  EXPECT_FALSE(SummarizeRepeats({std::numeric_limits<double>::quiet_NaN()}));
}

TEST(SummarizeRepeats, EqualValuesAreNotCertain) {
  const std::optional<RepeatsSummary> summary = SummarizeRepeats({10, 10, 10});
  EXPECT_DOUBLE_EQ(summary->log_deviation, kLeastLogDeviation);
  EXPECT_LT(summary->interval->low, 10);
  EXPECT_GT(summary->interval->high, 10);
}

TEST(SmallestEffect, IsTheShiftThatThePowerAsksFor) {
  // 2 n (n − 1) / (n + 1) degrees for three repeats of each.
  const double shift = DetectableShift(3, 0.95, 0.8);
  EXPECT_NEAR(*SmallestEffect(0.02, 3, 3), std::expm1(shift * 0.02 * std::sqrt(2.0 / 3)), 1e-12);
  EXPECT_NEAR(*SmallestPairedEffect(0.02, 5),
              std::expm1(DetectableShift(4, 0.95, 0.8) * 0.02 / std::sqrt(5.0)), 1e-12);
}

TEST(SmallestEffect, ShrinksWithMoreRepeatsAndNeedsTwo) {
  EXPECT_FALSE(SmallestEffect(0.02, 1, 1));
  EXPECT_FALSE(SmallestEffect(0.02, 5, 1));
  EXPECT_FALSE(SmallestPairedEffect(0.02, 1));
  double before = std::numeric_limits<double>::infinity();
  for (size_t n = 2; n < 40; ++n) {
    const double effect = *SmallestEffect(0.02, n, n);
    EXPECT_LT(effect, before);
    before = effect;
  }
}

}  // namespace
}  // namespace drumline
