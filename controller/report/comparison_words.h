// A comparison in words: what may be said, and no more.
//
//     "faster by 35 % [31, 38]"
//     "no difference larger than 4 % seen"
//     "inconclusive: needs about 7 more repeats"
//
// Pure.
#ifndef CONTROLLER_REPORT_COMPARISON_WORDS_H_
#define CONTROLLER_REPORT_COMPARISON_WORDS_H_

#include <string>

#include "controller/report/compared_metric.h"
#include "core/comparison.h"

namespace drumline {

// Per cent of change are those of the baseline: a ratio of 0.65 is "by 35 %". They are given as
// fine as the interval is wide.
std::string ComparisonWords(const Comparison& comparison, const ComparedMetric& metric);

// A fraction of 1 as per cent, rounded up to two digits: "4.2 %". Limits of what could be seen must
// not look better than they are.
std::string FormatLimit(double fraction);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COMPARISON_WORDS_H_
