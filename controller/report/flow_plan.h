// Whether a run's requests are steps of flows. The steps after a flow's first are scheduled by the
// answers to those before them and not by a beat, so that requests and beats cannot be held against
// each other.
//
//     if (!HasFlows(run)) { … }       // as many requests came due as the plan has beats
#ifndef CONTROLLER_REPORT_FLOW_PLAN_H_
#define CONTROLLER_REPORT_FLOW_PLAN_H_

#include <algorithm>
#include <vector>

#include "core/plan.h"
#include "proto/plan.pb.h"

namespace drumline {

inline bool HasFlows(const proto::RunPlan& run) {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(run);
  return std::any_of(requests.begin(), requests.end(),
                     [](const proto::RequestPlan* request) { return !request->flow().empty(); });
}

}  // namespace drumline

#endif  // CONTROLLER_REPORT_FLOW_PLAN_H_
