#include "core/student_t.h"

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace drumline {
namespace {

namespace policies = boost::math::policies;

// Faults become NaN or infinity instead of exceptions.
using Quiet = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>,
    policies::rounding_error<policies::ignore_error>,
    policies::indeterminate_result_error<policies::ignore_error>, policies::promote_double<false>>;
using StudentT = boost::math::students_t_distribution<double, Quiet>;
using NoncentralT = boost::math::non_central_t_distribution<double, Quiet>;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

bool IsShare(double value) { return value > 0 && value < 1; }

// P(|T| > critical) of the noncentral t.
double Beyond(double shift, double degrees, double critical) {
  const NoncentralT shifted(degrees, shift);
  return boost::math::cdf(boost::math::complement(shifted, critical)) +
         boost::math::cdf(shifted, -critical);
}

}  // namespace

double StudentQuantile(double probability, double degrees) {
  if (!IsShare(probability) || !(degrees > 0)) return kNotANumber;
  return boost::math::quantile(StudentT(degrees), probability);
}

double PowerOfShift(double shift, double degrees, double confidence) {
  if (!IsShare(confidence) || !(degrees > 0) || !std::isfinite(shift)) return kNotANumber;
  // Where the true shift is 0, the noncentral t is the central one.
  if (shift == 0) return 1 - confidence;
  return Beyond(std::abs(shift), degrees, StudentQuantile((1 + confidence) / 2, degrees));
}

double DetectableShift(double degrees, double confidence, double power) {
  if (!IsShare(confidence) || !(degrees > 0) || !(power > 1 - confidence && power < 1)) {
    return kNotANumber;
  }
  // With one degree of freedom, 95 % and 80 % it is about 50; more is asked of nobody.
  constexpr double kLargestShift = 1'000;
  constexpr double kPrecision = 1e-7;
  const double critical = StudentQuantile((1 + confidence) / 2, degrees);
  double low = 0;
  double high = 1;
  while (high < kLargestShift && Beyond(high, degrees, critical) < power) {
    low = high;
    high *= 2;
  }
  while (high - low > kPrecision * high) {
    const double middle = (low + high) / 2;
    (Beyond(middle, degrees, critical) < power ? low : high) = middle;
  }
  return high;
}

}  // namespace drumline
