// Repeats and comparisons: from the runs of a report to what they say together.
//
//     AddComparison(&report);        // report.repeats, report.comparison and report.left_out
//
// Only VALID runs that were not aborted count; the others are named in left_out. Each target is
// compared with the report's baseline (in reports from before it was kept: the first target in the
// order of execution) at each point of the matrix that both have. Where repeats were stopped by
// what they showed, each interval has the confidence of one look (core/stopping.h). The statistics
// are core/repeats.h and core/comparison.h; repeat k of the one and repeat k of the other are a
// pair where the targets took turns, or ran at once. Of two runs that were carried out at once both
// count or none, and neither if one of them left no report: what the one shows without the other is
// of another load.
//
// Pure.
#ifndef CONTROLLER_REPORT_COMPARISON_H_
#define CONTROLLER_REPORT_COMPARISON_H_

#include <map>
#include <string>
#include <vector>

#include "core/comparison.h"
#include "proto/report.pb.h"

namespace drumline {

// The VALID runs of one target at one point, in ascending order of their repeats. The runs are not
// owned.
struct RunGroup {
  std::string target;
  std::map<std::string, std::string> point;
  std::vector<const proto::RunReport*> runs;
};

// Groups in the order in which their first runs, valid or not, were carried out. Where `left_out`
// is not null, the runs that do not count are added to it.
std::vector<RunGroup> GroupRuns(const google::protobuf::RepeatedPtrField<proto::RunReport>& runs,
                                google::protobuf::RepeatedPtrField<proto::LeftOutRun>* left_out);

// Whether the targets of two groups of one report took turns, so that equal repeats are neighbours,
// or ran at once.
enum class Turns { kNone, kTaken, kAtOnce };

// One result for each metric.
std::vector<proto::ComparisonResult> CompareGroups(const RunGroup& baseline,
                                                   const RunGroup& contender, Turns turns,
                                                   const ComparisonTerms& terms = {});

// Does nothing where there is one target and one repeat, nor for a search.
void AddComparison(proto::Report* report);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COMPARISON_H_
