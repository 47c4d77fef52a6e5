// How sure a quantile is: its confidence interval from order statistics, which assumes nothing of
// the distribution but that the samples are independent.
//
//     QuantileInterval p99 = IntervalOfQuantile(histogram, 0.99);
//     if (p99.supported) …   // the true p99 lies within [p99.low_ns, p99.high_ns], 95 %
//
// Of n samples, the number that lie at or below the true q-quantile is binomial (n, q). The
// interval from the l-th to the u-th smallest sample therefore covers it with probability P(l ≤ B ≤
// u − 1), B ~ Binomial(n, q): Hahn, Meeker: Statistical Intervals, 1991, section 5.2. l is the
// largest and u the smallest rank that leave at most half of the error on their side, so that the
// coverage is never below the nominal one.
//
// Requests of one run are not quite independent: a stall delays many. The interval is the least
// that has to be conceded, not the whole truth; repeats give that.
//
// Pure functions.
#ifndef CORE_QUANTILE_H_
#define CORE_QUANTILE_H_

#include <cstdint>

#include "core/histogram.h"

namespace drumline {

struct QuantileRanks {
  // In [1, n]. Where no sample is small or large enough to bound the quantile on its side, 1 or n.
  uint64_t low = 0;
  uint64_t high = 0;
  // Whether n is large enough for a bound on this side, for this quantile and this confidence.
  bool low_bounded = false;
  bool high_bounded = false;
  bool supported() const { return low_bounded && high_bounded; }
};

// The ranks l and u. Exact binomial up to a variance n q (1 − q) of kExactVariance, beyond it the
// normal approximation n q ± z sqrt(n q (1 − q)), rounded outwards. q and confidence in (0, 1).
inline constexpr double kExactVariance = 10'000;
QuantileRanks RanksOfQuantile(uint64_t n, double q, double confidence = 0.95);

struct QuantileInterval {
  int64_t low_ns = 0;
  int64_t high_ns = 0;
  // Where there are too few samples, the interval is open on one side or both: that end is merely
  // the most extreme sample, and the interval is not supported.
  bool low_bounded = false;
  bool high_bounded = false;
  bool supported = false;
};

// Rounded outwards to the bounds of the slots, but never beyond the histogram's extremes.
QuantileInterval IntervalOfQuantile(const Histogram& histogram, double q, double confidence = 0.95);

// The fewest samples from which RanksOfQuantile is supported: what an INCONCLUSIVE verdict tells
// its reader to collect.
uint64_t FewestSamples(double q, double confidence = 0.95);

}  // namespace drumline

#endif  // CORE_QUANTILE_H_
