// Whether one target differs from another in one measure, by how much and how surely: an interval
// on the ratio, and what it allows to be said.
//
//     Comparison p99 = Compare({812, 790, 835}, {530, 541, 522}, Pairing::kNone);
//     p99.ratio, p99.ratio_interval        // 0.654 [0.619, 0.691]
//     p99.finding                          // kDifferent
//
// Method. Without pairs: Welch's t interval on the difference of the mean logarithms (Welch,
// Biometrika 34 (1947) 28–35; degrees of freedom by Satterthwaite, Biometrics Bulletin 2 (1946)
// 110–114), which does not take the two spreads to be equal. With pairs, that is where value k of
// either side was measured next to value k of the other: Student's t on the differences of the
// logarithms within pairs (Box, Hunter, Hunter: Statistics for Experimenters, 2nd ed. 2005, section
// 3.2), which takes out what drifts from pair to pair. Pairs are used from kFewestPairs on: below,
// the degrees of freedom that they cost (n − 1 instead of up to 2n − 2) widen the interval more
// than a usual drift does. The number of repeats alone decides, never the values. Values that were
// measured at the same time are always compared in pairs: what hits both is no part of a spread
// that Welch's interval could know.
//
// The difference, in the measure's own unit, gets the same kind of interval on the values
// themselves. What is said is said of the ratio alone.
//
// Pure functions.
#ifndef CORE_COMPARISON_H_
#define CORE_COMPARISON_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "core/repeats.h"

namespace drumline {

inline constexpr size_t kFewestPairs = 6;
// Whoever compares cares for differences of this size; smaller ones may stay unseen.
inline constexpr double kSmallestEffectOfInterest = 0.05;
// Nobody repeats more often than this to know.
inline constexpr size_t kMostRepeats = 1'000;

enum class Pairing {
  kNone,
  // Values of the same position belong together; both sides have equally many.
  kByPosition,
  // And were measured at once: pairs however few there are.
  kAtOnce,
};

struct ComparisonTerms {
  double confidence = kConfidence;
  double power = kPower;
  // As a fraction of 1.
  double smallest_effect_of_interest = kSmallestEffectOfInterest;
};

enum class Finding {
  // The interval excludes equality.
  kDifferent,
  // It includes equality, and nothing beyond the smallest effect of interest.
  kAlike,
  // It includes both.
  kInconclusive,
  // A value is not positive and finite, or there are fewer than two of a side.
  kNotComparable,
};

struct Comparison {
  Finding finding = Finding::kNotComparable;
  bool paired = false;
  size_t n_baseline = 0;
  size_t n_contender = 0;
  // Geometric means and contender / baseline. 0 if a side has no usable value.
  double baseline = 0;
  double contender = 0;
  double ratio = 0;
  // The rest is there unless the finding is kNotComparable.
  Interval ratio_interval;
  // Arithmetic means, contender − baseline.
  double difference = 0;
  Interval difference_interval;
  // The smallest true effect, either way, that so many repeats of this spread notice with the power
  // of the terms.
  double smallest_effect_seen = 0;
  // How many more repeats of each side would notice the smallest effect of interest with that
  // power, by the spread that was seen; kInconclusive alone, and then at least 1. kMostRepeats
  // stands for that many or more.
  size_t more_repeats = 0;
};

Comparison Compare(const std::vector<double>& baseline, const std::vector<double>& contender,
                   Pairing pairing, const ComparisonTerms& terms = {});

// The interval's end that is farther from equality, as a fraction of 1: no larger difference is
// compatible with what was seen.
double LargestCompatible(const Interval& ratio);

}  // namespace drumline

#endif  // CORE_COMPARISON_H_
