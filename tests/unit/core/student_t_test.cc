#include "core/student_t.h"

#include <gtest/gtest.h>

#include <cmath>

namespace drumline {
namespace {

// Closed forms: one degree of freedom is Cauchy's law, two have an algebraic quantile.
TEST(StudentQuantile, IsTheClosedFormOfOneAndTwoDegrees) {
  for (double p : {0.6, 0.9, 0.975, 0.995}) {
    EXPECT_NEAR(StudentQuantile(p, 1), std::tan(M_PI * (p - 0.5)), 1e-9);
    EXPECT_NEAR(StudentQuantile(p, 2), (2 * p - 1) * std::sqrt(2 / (4 * p * (1 - p))), 1e-9);
    EXPECT_NEAR(StudentQuantile(1 - p, 2), -StudentQuantile(p, 2), 1e-9);
  }
}

TEST(StudentQuantile, BecomesTheNormalDeviate) {
  EXPECT_NEAR(StudentQuantile(0.975, 1e9), 1.959963984540054, 1e-6);
}

TEST(StudentQuantile, RefusesWhatHasNoAnswer) {
  EXPECT_TRUE(std::isnan(StudentQuantile(0, 2)));
  EXPECT_TRUE(std::isnan(StudentQuantile(1, 2)));
  EXPECT_TRUE(std::isnan(StudentQuantile(0.5, 0)));
  EXPECT_TRUE(std::isnan(PowerOfShift(1, -1, 0.95)));
  EXPECT_TRUE(std::isnan(DetectableShift(2, 0.95, 0.01)));
}

// P(|T| > t) with T = (Z + shift) / sqrt(V / degrees), by the midpoint rule over V, the chi square
// of `degrees`: the definition instead of the library's series.
double PowerByIntegration(double shift, double degrees, double critical) {
  const auto above = [](double x) { return 0.5 * std::erfc(x / std::sqrt(2.0)); };
  constexpr int kSteps = 200'000;
  constexpr double kEnd = 200;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double v = (i + 0.5) * kEnd / kSteps;
    const double density = std::exp((degrees / 2 - 1) * std::log(v) - v / 2 -
                                    std::lgamma(degrees / 2) - degrees / 2 * std::log(2.0));
    const double root = std::sqrt(v / degrees);
    sum += density * (above(critical * root - shift) + above(critical * root + shift));
  }
  return sum * kEnd / kSteps;
}

TEST(PowerOfShift, IsTheIntegralOverTheSpread) {
  for (double degrees : {2.0, 4.0, 9.0}) {
    for (double shift : {0.5, 2.0, 4.0}) {
      EXPECT_NEAR(PowerOfShift(shift, degrees, 0.95),
                  PowerByIntegration(shift, degrees, StudentQuantile(0.975, degrees)), 1e-4)
          << degrees << " degrees, shift " << shift;
    }
  }
}

TEST(PowerOfShift, OfNoShiftIsTheRateOfFalseAlarms) {
  EXPECT_DOUBLE_EQ(PowerOfShift(0, 4, 0.95), 1 - 0.95);
  EXPECT_NEAR(PowerOfShift(1e-9, 4, 0.95), 0.05, 1e-6);
  EXPECT_NEAR(PowerOfShift(-3, 4, 0.95), PowerOfShift(3, 4, 0.95), 1e-12);
}

TEST(DetectableShift, InvertsThePower) {
  for (double degrees : {1.0, 2.0, 4.0, 18.0, 500.0}) {
    const double shift = DetectableShift(degrees, 0.95, 0.8);
    EXPECT_NEAR(PowerOfShift(shift, degrees, 0.95), 0.8, 1e-6) << degrees;
  }
  // The textbook's z(0.975) + z(0.8) = 1.95996 + 0.84162.
  EXPECT_NEAR(DetectableShift(1e6, 0.95, 0.8), 2.80159, 1e-3);
}

}  // namespace
}  // namespace drumline
