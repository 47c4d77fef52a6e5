// What n repeats of one measure say: mean, spread and an interval, on the scale of logarithms.
//
//     const std::vector<double> p99_us = {812, 790, 835};
//     std::optional<RepeatsSummary> p99 = SummarizeRepeats(p99_us);
//     p99->mean, p99->interval->low, p99->interval->high                    // 812, 757, 871
//     SmallestEffect(p99->log_deviation, 3, 3)        // could these repeats have seen 5 %?
//
// Times, rates and sizes are positive, their errors are proportional to them, and they are compared
// by their ratio: their logarithms are what is near to normal. The mean is therefore the geometric
// one, and the interval is Student's t with n − 1 degrees of freedom on the logarithms, taken back.
// Box, Hunter, Hunter: Statistics for Experimenters, 2nd ed. 2005, chapters 2 and 3. It assumes
// that repeats are independent and that their logarithms are normal; docs/statistics.md says what
// breaks it.
//
// Pure functions.
#ifndef CORE_REPEATS_H_
#define CORE_REPEATS_H_

#include <cstddef>
#include <optional>
#include <vector>

namespace drumline {

inline constexpr double kConfidence = 0.95;
inline constexpr double kPower = 0.80;

// A histogram's slots and a clock's ticks round away spreads that are smaller than this: repeats
// that agree to the last digit are taken to differ by that much. It is the standard deviation of
// rounding to slots of 0.1 %.
inline constexpr double kLeastLogDeviation = 0.0003;

struct Interval {
  double low = 0;
  double high = 0;
};

struct RepeatsSummary {
  size_t n = 0;
  // Geometric.
  double mean = 0;
  // Standard deviation of the logarithms (n − 1 in its denominator), at least kLeastLogDeviation:
  // for small values, the relative spread. 0 for n = 1, which shows none.
  double log_deviation = 0;
  // Of the mean. None for n = 1.
  std::optional<Interval> interval;
};

// Nothing if there is no value, or one is not positive and finite.
std::optional<RepeatsSummary> SummarizeRepeats(const std::vector<double>& values,
                                               double confidence = kConfidence);

// The smallest true effect, as a fraction of 1 (0.05: one is 5 % above the other), that Welch's
// comparison (comparison.h) of [n_baseline] with [n_contender] repeats of this spread notices with
// [power]. From the noncentral t with the degrees of freedom that Welch's formula usually gives
// where the spreads are equal; that the spread is itself an estimate is not allowed for. Nothing
// for fewer than two repeats of a side.
std::optional<double> SmallestEffect(double log_deviation, size_t n_baseline, size_t n_contender,
                                     double confidence = kConfidence, double power = kPower);

// The same for pairs, where [log_deviation] is that of the differences within pairs: pairs − 1
// degrees of freedom.
std::optional<double> SmallestPairedEffect(double log_deviation, size_t pairs,
                                           double confidence = kConfidence, double power = kPower);

}  // namespace drumline

#endif  // CORE_REPEATS_H_
