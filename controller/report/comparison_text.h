// The sections of a report that speak of several runs: the repeats of each target, and each target
// beside the baseline.
//
//     RepeatsText(report, width) + ComparisonText(report, width)
//
// Each is empty where the report has nothing of it, and ends in an empty line otherwise. Pure.
#ifndef CONTROLLER_REPORT_COMPARISON_TEXT_H_
#define CONTROLLER_REPORT_COMPARISON_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "proto/report.pb.h"

namespace drumline {

// Up to this many repeats, each has a column; from then on, the lowest and the highest.
inline constexpr int kMostRepeatColumns = 3;

std::string RepeatsText(const proto::Report& report, size_t width);

std::string ComparisonText(const proto::Report& report, size_t width);

// The comparison of one pair of targets at one point: its metrics, of which there is one at least.
std::string PairText(const std::vector<proto::ComparisonResult>& results, size_t width);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COMPARISON_TEXT_H_
