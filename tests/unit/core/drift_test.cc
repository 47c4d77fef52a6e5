#include "core/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace drumline {
namespace {

std::vector<double> Line(size_t n, double from, double step) {
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i) values.push_back(from + step * static_cast<double>(i));
  return values;
}

TEST(DriftTest, AStraightLineIsItsOwnSlope) {
  const Drift rise = DriftOf(Line(11, 100, 10));
  EXPECT_TRUE(rise.certain);
  EXPECT_DOUBLE_EQ(rise.relative, 100.0 / 150.0);
  const Drift fall = DriftOf(Line(11, 200, -10));
  EXPECT_TRUE(fall.certain);
  EXPECT_DOUBLE_EQ(fall.relative, -100.0 / 150.0);
}

TEST(DriftTest, NothingMovesWhereAllIsAlike) {
  const Drift drift = DriftOf(std::vector<double>(30, 5.0));
  EXPECT_FALSE(drift.certain);
  EXPECT_EQ(drift.relative, 0);
}

TEST(DriftTest, AFewSecondsTellNothing) { EXPECT_FALSE(DriftOf(Line(9, 1, 1)).certain); }

// S = 45 of 45 pairs; its variance for n = 10 is 10 · 9 · 25 / 18 = 125. The smallest S that is
// certain is the first with (S − 1) / √125 above 3.2905: 38. Swapping two neighbours takes 2 off.
TEST(DriftTest, TheLevelLiesWhereTheFormulaHasIt) {
  std::vector<double> values = Line(10, 1, 1);
  const size_t swaps[] = {0, 2, 4, 6, 8};
  int certain = 0;
  for (const size_t at : swaps) {
    certain += DriftOf(values).certain ? 1 : 0;
    std::swap(values[at], values[at + 1]);
  }
  // S is 45, 43, 41, 39 and 37 when it is looked at.
  EXPECT_EQ(certain, 4);
}

// Of series without a trend, no more than the level says are called one.
TEST(DriftTest, NoiseIsSeldomATrend) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> noise(0, 0.5);
  int certain = 0;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::vector<double> values(20);
    for (double& value : values) value = noise(random);
    certain += DriftOf(values).certain ? 1 : 0;
  }
  EXPECT_LE(certain, 40);
}

TEST(DriftTest, AnOutlierDoesNotMakeATrend) {
  std::vector<double> values(20, 10.0);
  for (size_t i = 0; i < values.size(); ++i) values[i] += i % 2 == 0 ? 0.1 : -0.1;
  values.back() = 1000;
  EXPECT_FALSE(DriftOf(values).certain);
}

}  // namespace
}  // namespace drumline
