// Whether a series goes one way: has a warm-up settled, or did what was measured still drift?
//
//     const Drift drift = DriftOf(medians_by_second);
//     if (drift.certain && drift.relative > 0.5) …       // it rose by half over the series
//
// Mann's and Kendall's test for trend (Mann, Econometrica 13 (1945) 245–259; Kendall: Rank
// Correlation Methods, 1975, chapter 4): S is the number of pairs that rise less that of those that
// fall. Without a trend its mean is 0 and its variance n (n − 1) (2 n + 5) / 18, less a correction
// for ties; it asks nothing of the distribution. How far the series went is n − 1 times the median
// of the slopes of all pairs (Sen, J. Amer. Statist. Assoc. 63 (1968) 1379–1389), which a few
// outliers do not move.
//
// The test takes the values to be independent. Neighbouring seconds of a run are not quite, so that
// the level is set low (0.1 %), and a trend is only worth a word if it is large, too.
//
// Pure; any thread.
#ifndef CORE_DRIFT_H_
#define CORE_DRIFT_H_

#include <cstddef>
#include <vector>

namespace drumline {

struct Drift {
  // A trend at the level of 0.1 %, two-sided.
  bool certain = false;
  // From the first to the last value along the median slope, as a fraction of the median value;
  // negative if it fell.
  double relative = 0;
};

// Shorter series tell no trend.
inline constexpr size_t kFewestForDrift = 10;

// Values in the order of time, at equal distances.
Drift DriftOf(const std::vector<double>& values);

}  // namespace drumline

#endif  // CORE_DRIFT_H_
