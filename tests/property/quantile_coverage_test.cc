// A 95 % interval has to cover the truth in 95 % of repetitions. Ranks are whole numbers, so that
// small samples have to give a little more; up to 97 % passes here, and never less than 93 %.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>

#include "core/histogram.h"
#include "core/quantile.h"

namespace drumline {
namespace {

struct Case {
  uint64_t n;
  double q;
  uint64_t seed;
};

// Exponential service times of mean 1 ms, whose true quantile is −ln(1 − q) ms.
double ObservedCoverage(const Case& c, int repetitions) {
  std::mt19937_64 random(c.seed);
  const double truth_ns = -1e6 * std::log1p(-c.q);
  Histogram histogram;
  int covered = 0;
  for (int i = 0; i < repetitions; ++i) {
    histogram.Clear();
    for (uint64_t k = 0; k < c.n; ++k) {
      const double uniform = (static_cast<double>(random() >> 11) + 0.5) * 0x1.0p-53;
      histogram.Record(static_cast<int64_t>(-1e6 * std::log(uniform)));
    }
    const QuantileInterval interval = IntervalOfQuantile(histogram, c.q);
    EXPECT_TRUE(interval.supported);
    covered += static_cast<double>(interval.low_ns) <= truth_ns &&
               truth_ns <= static_cast<double>(interval.high_ns);
  }
  return static_cast<double>(covered) / repetitions;
}

TEST(QuantileCoverage, IsNinetyFivePerCentForAllSampleSizes) {
  for (const Case& c : {Case{500, 0.5, 1}, Case{1'000, 0.9, 2}, Case{2'000, 0.95, 3},
                        Case{2'000, 0.99, 4}, Case{20'000, 0.999, 5}}) {
    const double coverage = ObservedCoverage(c, c.n > 10'000 ? 1'000 : 4'000);
    EXPECT_GE(coverage, 0.93) << c.n << " samples, q = " << c.q;
    EXPECT_LE(coverage, 0.97) << c.n << " samples, q = " << c.q;
  }
}

TEST(QuantileCoverage, TheNormalApproximationCoversToo) {
  // Variance 12,250: beyond the exact range, and few enough samples to simulate many times.
  EXPECT_NEAR(ObservedCoverage({49'000, 0.5, 6}, 1'000), 0.95, 0.02);
}

}  // namespace
}  // namespace drumline
