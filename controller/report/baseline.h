// Two campaigns compared: a baseline's report and a contender's, of other days or other machines.
//
//     absl::StatusOr<BaselineComparison> compared = CompareReports(baseline, contender, 0.05);
//     std::cout << BaselineToText(*compared, "results/a", "results/b", 100);
//     return ExitCodeFor(*compared);
//
// Targets of the same name are compared at each point that both campaigns have; where each campaign
// has one target, these two, whatever they are called. Only VALID runs count. Nothing is paired:
// the campaigns' runs were no neighbours.
//
// Pure.
#ifndef CONTROLLER_REPORT_BASELINE_H_
#define CONTROLLER_REPORT_BASELINE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/report/fairness.h"
#include "proto/report.pb.h"

namespace drumline {

struct BaselineComparison {
  // For each target and point, its metrics.
  std::vector<std::vector<proto::ComparisonResult>> pairs;
  // Those that are worse by more than is tolerated.
  std::vector<proto::ComparisonResult> regressions;
  std::vector<FactDifference> facts;
  // Whole phrases: runs that do not count, targets and points that only one side has.
  std::vector<std::string> remarks;
  // A fraction of 1.
  double tolerance = 0;
  // When the noise floor that differences were held against was measured; empty without one.
  std::string floor_measured_at;
};

// A metric has regressed if the 95 % interval excludes equality on the worse side and the measured
// change is beyond [tolerance], a fraction of 1; with 0, every change for the worse that the
// interval shows counts. The smallest effect of interest is the tolerance, or core/comparison.h's
// where that is 0. A [floor] (noise_floor.h; null without one) that was measured like both reports
// is held against each difference, which then says where it is smaller; it does not change what has
// regressed. InvalidArgument if the two have no target and point in common.
absl::StatusOr<BaselineComparison> CompareReports(const proto::Report& baseline,
                                                  const proto::Report& contender, double tolerance,
                                                  const proto::NoiseFloor* floor = nullptr);

// 1: something regressed. 4: nothing did, but a metric is inconclusive, or nothing could be
// compared. 0 otherwise.
int ExitCodeFor(const BaselineComparison& comparison);

// For a terminal. The names are those of the two reports' files.
std::string BaselineToText(const BaselineComparison& comparison, const std::string& baseline,
                           const std::string& contender, size_t columns);

// The noise floor of a fleet, from the report of a campaign whose targets are one and the same: the
// largest difference of each metric that its intervals cannot exclude. Empty without a comparison.
std::string NoiseFloorText(const proto::Report& report, size_t columns);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_BASELINE_H_
