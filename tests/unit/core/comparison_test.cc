#include "core/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/student_t.h"

namespace drumline {
namespace {

using Values = std::vector<double>;

// Values of which the logarithms lie evenly around ln `center`: deviation `step` for three of them.
Values Around(double center, double step) {
  return {center * std::exp(-step), center, center * std::exp(step)};
}

TEST(Compare, EqualSpreadsAndNumbersAreStudentsCase) {
  const Comparison c = Compare(Around(1000, 0.01), Around(650, 0.01), Pairing::kNone);
  EXPECT_EQ(c.finding, Finding::kDifferent);
  EXPECT_FALSE(c.paired);
  EXPECT_NEAR(c.ratio, 0.65, 1e-9);
  // Equal variances and numbers: Satterthwaite's degrees of freedom are 2 n − 2 = 4.
  const double reach = StudentQuantile(0.975, 4) * 0.01 * std::sqrt(2.0 / 3);
  EXPECT_NEAR(c.ratio_interval.low, 0.65 * std::exp(-reach), 1e-9);
  EXPECT_NEAR(c.ratio_interval.high, 0.65 * std::exp(reach), 1e-9);
  EXPECT_NEAR(c.smallest_effect_seen, *SmallestEffect(0.01, 3, 3), 1e-12);
  EXPECT_EQ(c.more_repeats, 0u);
}

TEST(Compare, ASideWithoutSpreadLeavesTheOthersDegrees) {
  const Comparison c = Compare(Around(1000, 0.1), {1000, 1000, 1000}, Pairing::kNone);
  const double reach = StudentQuantile(0.975, 2) * 0.1 / std::sqrt(3.0);
  EXPECT_NEAR(std::log(c.ratio_interval.high), reach, 1e-3);
}

TEST(Compare, TheDifferenceIsOfArithmeticMeans) {
  const Comparison c = Compare({90, 100, 110}, {130, 140, 150}, Pairing::kNone);
  const double reach = StudentQuantile(0.975, 4) * 10 * std::sqrt(2.0 / 3);
  EXPECT_NEAR(c.difference, 40, 1e-9);
  EXPECT_NEAR(c.difference_interval.low, 40 - reach, 1e-6);
  EXPECT_NEAR(c.difference_interval.high, 40 + reach, 1e-6);
}

// What drifts from pair to pair and is the same within them.
TEST(Compare, PairsTakeOutTheDrift) {
  Values baseline;
  Values contender;
  for (int k = 0; k < 8; ++k) {
    const double drift = std::exp(0.1 * k);
    baseline.push_back(100 * drift);
    contender.push_back(103 * drift * std::exp(k % 2 == 0 ? 0.001 : -0.001));
  }
  const Comparison paired = Compare(baseline, contender, Pairing::kByPosition);
  EXPECT_TRUE(paired.paired);
  EXPECT_EQ(paired.finding, Finding::kDifferent);
  EXPECT_NEAR(paired.ratio, 1.03, 1e-9);
  // Alternating ± 0.001: a deviation of 0.001 · sqrt(8 / 7).
  const double reach = StudentQuantile(0.975, 7) * 0.001 * std::sqrt(8.0 / 7) / std::sqrt(8.0);
  EXPECT_NEAR(paired.ratio_interval.high, 1.03 * std::exp(reach), 1e-9);
  EXPECT_EQ(Compare(baseline, contender, Pairing::kNone).finding, Finding::kInconclusive);
}

// Three campaigns in which whatever happened hit both targets: only pairs can see through it.
TEST(Compare, WhatRanAtOnceIsComparedInPairsHoweverFewThereAre) {
  const Values baseline = {100, 150, 80};
  const Values contender = {103, 154.5 * 1.001, 82.4 / 1.001};
  const Comparison at_once = Compare(baseline, contender, Pairing::kAtOnce);
  EXPECT_TRUE(at_once.paired);
  EXPECT_EQ(at_once.finding, Finding::kDifferent);
  // The log-ratios are ln 1.03 and that ± ln 1.001: a deviation of ln 1.001.
  const double reach = StudentQuantile(0.975, 2) * std::log(1.001) / std::sqrt(3.0);
  EXPECT_NEAR(at_once.ratio_interval.low, 1.03 * std::exp(-reach), 1e-9);
  EXPECT_NEAR(at_once.ratio_interval.high, 1.03 * std::exp(reach), 1e-9);
  EXPECT_EQ(Compare(baseline, contender, Pairing::kNone).finding, Finding::kInconclusive);
  EXPECT_EQ(Compare({100}, {103}, Pairing::kAtOnce).finding, Finding::kNotComparable);
}

TEST(Compare, FewPairsAreComparedWithoutPairing) {
  const Values five = {100, 101, 102, 103, 104};
  EXPECT_FALSE(Compare(five, five, Pairing::kByPosition).paired);
  const Values six = {100, 101, 102, 103, 104, 105};
  EXPECT_TRUE(Compare(six, six, Pairing::kByPosition).paired);
  EXPECT_FALSE(Compare(six, five, Pairing::kByPosition).paired);
}

TEST(Compare, TheIntervalAndTheEffectOfInterestDecide) {
  EXPECT_EQ(Compare(Around(100, 0.01), Around(100.1, 0.01), Pairing::kNone).finding,
            Finding::kAlike);
  // The same data, for somebody who cares for one per cent.
  EXPECT_EQ(Compare(Around(100, 0.01), Around(100.1, 0.01), Pairing::kNone,
                    {.smallest_effect_of_interest = 0.01})
                .finding,
            Finding::kInconclusive);
  EXPECT_EQ(Compare(Around(100, 0.1), Around(101, 0.1), Pairing::kNone).finding,
            Finding::kInconclusive);
}

TEST(Compare, SaysHowManyMoreRepeatsNoticeTheEffect) {
  const double step = 0.05;
  const Comparison c = Compare(Around(100, step), Around(101, step), Pairing::kNone);
  ASSERT_EQ(c.finding, Finding::kInconclusive);
  const size_t wanted = 3 + c.more_repeats;
  EXPECT_LE(*SmallestEffect(step, wanted, wanted), kSmallestEffectOfInterest);
  EXPECT_GT(*SmallestEffect(step, wanted - 1, wanted - 1), kSmallestEffectOfInterest);
  // Normal approximation: 2 (2.80 · 0.05 / ln 1.05)² = 16.5 of each side, and one or two for t.
  EXPECT_GE(wanted, 17u);
  EXPECT_LE(wanted, 19u);
  const Comparison hopeless = Compare(Around(100, 3), Around(101, 3), Pairing::kNone);
  EXPECT_EQ(hopeless.more_repeats, kMostRepeats - 3);
}

TEST(Compare, NeedsTwoRepeatsOfEachAndPositiveValues) {
  for (const auto& [a, b] : {std::pair<Values, Values>{{1}, {2}},
                             {{1, 1.1}, {2}},
                             {{}, {2, 2}},
                             {{0, 0}, {1, 1}},
                             {{1, 1}, {-1, 1}}}) {
    EXPECT_EQ(Compare(a, b, Pairing::kNone).finding, Finding::kNotComparable);
  }
  const Comparison one = Compare({50}, {60}, Pairing::kNone);
  EXPECT_DOUBLE_EQ(one.ratio, 1.2);
}

TEST(LargestCompatible, IsTheFartherEnd) {
  EXPECT_NEAR(LargestCompatible({0.98, 1.01}), 0.02, 1e-12);
  EXPECT_NEAR(LargestCompatible({0.98, 1.04}), 0.04, 1e-12);
}

}  // namespace
}  // namespace drumline
