// On data of which the truth is known: intervals cover it in 95 % of trials (93 to 97 % pass), a
// target that is compared with itself is called different in 5 % at most, and an effect is found
// with the power that was promised for it. Seeded; thousands of trials each, so that the rates are
// known to half a per cent.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "core/comparison.h"
#include "core/repeats.h"

namespace drumline {
namespace {

constexpr int kTrials = 6'000;

class Campaigns {
 public:
  explicit Campaigns(uint64_t seed) : random_(seed) {}

  // n repeats around `median`, their logarithms normal with `deviation`.
  std::vector<double> Repeats(size_t n, double median, double deviation) {
    std::vector<double> values;
    for (size_t i = 0; i < n; ++i)
      values.push_back(median * std::exp(deviation * normal_(random_)));
    return values;
  }
  // Multiplies value k of both by the same drift.
  void Drift(double deviation, std::vector<double>* a, std::vector<double>* b) {
    for (size_t i = 0; i < a->size(); ++i) {
      const double drift = std::exp(deviation * normal_(random_));
      (*a)[i] *= drift;
      (*b)[i] *= drift;
    }
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

bool Covers(const Interval& interval, double truth) {
  return interval.low <= truth && truth <= interval.high;
}

double Rate(int hits) { return static_cast<double>(hits) / kTrials; }

TEST(RepeatsCoverage, TheIntervalOnTheMeanIsNinetyFivePerCent) {
  for (size_t n : {2u, 3u, 5u, 10u}) {
    Campaigns campaigns(n);
    int covered = 0;
    for (int i = 0; i < kTrials; ++i) {
      covered += Covers(*SummarizeRepeats(campaigns.Repeats(n, 800, 0.05))->interval, 800);
    }
    EXPECT_GE(Rate(covered), 0.93) << n;
    EXPECT_LE(Rate(covered), 0.97) << n;
  }
}

struct Case {
  size_t n;
  double deviation_a;
  double deviation_b;
  double drift;
  Pairing pairing;
};

struct Observed {
  double ratio_coverage;
  double difference_coverage;
  double called_different;
};

Observed Simulate(const Case& c, double true_ratio, uint64_t seed) {
  Campaigns campaigns(seed);
  int ratio = 0;
  int difference = 0;
  int different = 0;
  // Means of the log-normal law, which is what the difference is about; drift raises both.
  const auto mean = [&](double median, double deviation) {
    return median * std::exp((deviation * deviation + c.drift * c.drift) / 2);
  };
  const double true_difference = mean(800 * true_ratio, c.deviation_b) - mean(800, c.deviation_a);
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> a = campaigns.Repeats(c.n, 800, c.deviation_a);
    std::vector<double> b = campaigns.Repeats(c.n, 800 * true_ratio, c.deviation_b);
    campaigns.Drift(c.drift, &a, &b);
    // No effect of interest is so large: how many more repeats there should be is not asked.
    const Comparison comparison = Compare(a, b, c.pairing, {.smallest_effect_of_interest = 1e9});
    ratio += Covers(comparison.ratio_interval, true_ratio);
    difference += Covers(comparison.difference_interval, true_difference);
    different += comparison.finding == Finding::kDifferent;
  }
  return {Rate(ratio), Rate(difference), Rate(different)};
}

TEST(ComparisonCoverage, RatioAndDifferenceAreCoveredAtTheStatedRate) {
  for (const Case& c :
       {Case{3, 0.03, 0.03, 0, Pairing::kNone}, Case{5, 0.03, 0.03, 0, Pairing::kNone},
        Case{5, 0.02, 0.06, 0, Pairing::kNone}, Case{10, 0.03, 0.03, 0, Pairing::kNone},
        Case{2, 0.02, 0.03, 0.1, Pairing::kAtOnce}, Case{3, 0.02, 0.03, 0.1, Pairing::kAtOnce},
        Case{6, 0.02, 0.02, 0.1, Pairing::kByPosition},
        Case{12, 0.02, 0.04, 0.1, Pairing::kByPosition}}) {
    const Observed observed = Simulate(c, 0.65, 100 + c.n);
    EXPECT_GE(observed.ratio_coverage, 0.93) << c.n << ' ' << c.deviation_b;
    EXPECT_LE(observed.ratio_coverage, 0.97) << c.n << ' ' << c.deviation_b;
    EXPECT_GE(observed.difference_coverage, 0.93) << c.n << ' ' << c.deviation_b;
    EXPECT_LE(observed.difference_coverage, 0.975) << c.n << ' ' << c.deviation_b;
  }
}

// Half a per cent above the stated rate is what chance adds in so many trials (1.8 deviations).
TEST(ComparisonCoverage, ATargetComparedWithItselfRaisesNoMoreFalseAlarmsThanStated) {
  for (const Case& c :
       {Case{2, 0.03, 0.03, 0, Pairing::kNone}, Case{3, 0.03, 0.03, 0, Pairing::kNone},
        Case{5, 0.03, 0.03, 0, Pairing::kNone}, Case{3, 0.03, 0.03, 0.05, Pairing::kByPosition},
        Case{3, 0.03, 0.03, 0.05, Pairing::kAtOnce},
        Case{8, 0.03, 0.03, 0.05, Pairing::kByPosition}}) {
    EXPECT_LE(Simulate(c, 1, 200 + c.n).called_different, 0.055) << c.n;
  }
}

TEST(ComparisonCoverage, AnEffectIsFoundWithThePromisedPower) {
  for (size_t n : {3u, 5u, 10u}) {
    const double effect = *SmallestEffect(0.03, n, n);
    const Case c = {n, 0.03, 0.03, 0, Pairing::kNone};
    EXPECT_NEAR(Simulate(c, 1 + effect, 300 + n).called_different, 0.80, 0.02) << n;
    EXPECT_NEAR(Simulate(c, 1 / (1 + effect), 400 + n).called_different, 0.80, 0.02) << n;
  }
  const double effect = *SmallestPairedEffect(0.03 * std::sqrt(2.0), 8);
  EXPECT_NEAR(
      Simulate({8, 0.03, 0.03, 0.1, Pairing::kByPosition}, 1 + effect, 500).called_different, 0.80,
      0.02);
  const double at_once = *SmallestPairedEffect(0.03 * std::sqrt(2.0), 3);
  EXPECT_NEAR(Simulate({3, 0.03, 0.03, 0.1, Pairing::kAtOnce}, 1 + at_once, 600).called_different,
              0.80, 0.02);
}

// As many repeats as are said to be needed for 5 % do find 5 %.
TEST(ComparisonCoverage, TheRepeatsThatAreAskedForFindFivePerCent) {
  constexpr double kDeviation = 0.04;
  size_t n = 2;
  while (*SmallestEffect(kDeviation, n, n) > 0.05) ++n;
  const Case c = {n, kDeviation, kDeviation, 0, Pairing::kNone};
  const double found = Simulate(c, 1.05, 600).called_different;
  EXPECT_GE(found, 0.78) << n;
  EXPECT_LE(found, 0.86) << n;
}

}  // namespace
}  // namespace drumline
