// Repeats that go on until a mean is known well enough: what the interval at the end is worth, for
// campaigns of which the truth is known.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "core/repeats.h"
#include "core/stopping.h"

namespace drumline {
namespace {

constexpr double kTruth = 800;
constexpr int kCampaigns = 4'000;

struct Ended {
  std::vector<double> values;
  bool precise = false;
};

// Repeats with a relative spread of [spread], looked at as the rule has it, with intervals of
// [confidence] each.
Ended CarryOut(double spread, double relative, size_t most, double confidence,
               std::mt19937_64* random) {
  std::normal_distribution<double> noise(0, spread);
  Ended ended;
  for (const size_t look : LooksOf(most)) {
    while (ended.values.size() < look) ended.values.push_back(kTruth * std::exp(noise(*random)));
    const std::optional<double> width = HalfWidth(ended.values, confidence);
    ended.precise = width && *width <= relative;
    if (ended.precise) break;
  }
  return ended;
}

struct Tally {
  double covered = 0;
  double precise = 0;
  double repeats = 0;
};

Tally Campaigns(double spread, double relative, size_t most, double confidence) {
  std::mt19937_64 random(20'240'607);
  Tally tally;
  for (int i = 0; i < kCampaigns; ++i) {
    const Ended ended = CarryOut(spread, relative, most, confidence, &random);
    const Interval interval = *SummarizeRepeats(ended.values, confidence)->interval;
    tally.covered += interval.low <= kTruth && kTruth <= interval.high;
    tally.precise += ended.precise;
    tally.repeats += static_cast<double>(ended.values.size());
  }
  tally.covered /= kCampaigns;
  tally.precise /= kCampaigns;
  tally.repeats /= kCampaigns;
  return tally;
}

TEST(Looks, GrowByHalfAndEndAtTheMost) {
  EXPECT_EQ(LooksOf(20), (std::vector<size_t>{3, 5, 8, 12, 18, 20}));
  EXPECT_EQ(LooksOf(3), (std::vector<size_t>{3}));
  EXPECT_DOUBLE_EQ(ConfidenceOfEachLook(3), 0.95);
  EXPECT_DOUBLE_EQ(ConfidenceOfEachLook(20), 1 - 0.05 / 6);
}

TEST(HalfWidth, IsThatOfStudentsIntervalOfTheLogarithms) {
  // Logarithms 0 and ± 0.01: s = 0.01, t(0.975, 2) = 4.302652...
  const std::vector<double> values = {100 * std::exp(-0.01), 100, 100 * std::exp(0.01)};
  EXPECT_NEAR(*HalfWidth(values, 0.95), std::expm1(4.30265273 * 0.01 / std::sqrt(3)), 1e-9);
  EXPECT_FALSE(HalfWidth({100}, 0.95).has_value());
}

TEST(StoppingCoverage, HoldsHoweverOftenOneLooks) {
  for (const double spread : {0.01, 0.03, 0.06}) {
    const Tally tally = Campaigns(spread, 0.02, 20, ConfidenceOfEachLook(20));
    EXPECT_GE(tally.covered, 0.94) << spread;
  }
}

// What the shared 5 % are for: intervals of 95 % at each look, taken where they happen to be
// narrow, cover less.
TEST(StoppingCoverage, IsLostWhereEachLookHasAllOfTheFivePerCent) {
  const Tally naive = Campaigns(0.03, 0.02, 20, 0.95);
  const Tally shared = Campaigns(0.03, 0.02, 20, ConfidenceOfEachLook(20));
  EXPECT_LT(naive.covered, 0.94);
  EXPECT_GT(shared.covered, naive.covered + 0.02);
}

TEST(StoppingCoverage, QuietTargetsNeedFewerRepeats) {
  const Tally quiet = Campaigns(0.005, 0.02, 20, ConfidenceOfEachLook(20));
  const Tally loud = Campaigns(0.1, 0.02, 20, ConfidenceOfEachLook(20));
  EXPECT_GT(quiet.precise, 0.99);
  EXPECT_LT(quiet.repeats, 7);
  EXPECT_LT(loud.precise, 0.05);
  EXPECT_GT(loud.repeats, 19);
}

}  // namespace
}  // namespace drumline
