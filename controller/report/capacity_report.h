// What a search for the highest rate has found: the knee of each target, and the latency at each
// rate that was run.
//
//     CapacitySearch search = ReplaySearch(plan.capacity(), probes);   // where it stands
//     report.capacity = CapacityReports(plan, runs);
//
// A search is a function of how its runs went, in their order: it is replayed from their reports,
// so that nothing else has to be kept of it. Pure.
#ifndef CONTROLLER_REPORT_CAPACITY_REPORT_H_
#define CONTROLLER_REPORT_CAPACITY_REPORT_H_

#include <string>
#include <vector>

#include "core/capacity_search.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// kYes: VALID, and every objective is met. kUnjudged: INVALID. An objective that is INCONCLUSIVE is
// not met: a capacity is what was shown.
Met JudgeProbe(const proto::RunReport& run);

// [probes] are the runs of one target at one point, in their order.
CapacitySearch ReplaySearch(const proto::CapacityPlan& plan,
                            const std::vector<const proto::RunReport*>& probes);

std::string StepName(CapacitySearch::Step step);

// One for each target and point, in the order of their first runs.
std::vector<proto::CapacityReport> CapacityReports(const proto::Plan& plan,
                                                   const std::vector<proto::RunReport>& runs);

// Of the campaign: the runs beyond the knee have failed, as they should. PASS if each search ended
// with a rate that was confirmed; FAIL if a target missed its objectives at the lowest rate.
proto::Verdict JudgeCapacity(const std::vector<proto::CapacityReport>& searches,
                             const proto::Plan& plan, const std::vector<proto::RunReport>& runs);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_CAPACITY_REPORT_H_
