// What a scenario sends, as the plan has it: its requests in order, and the rows of its feeds.
//
//     absl::StatusOr<std::vector<proto::RequestPlan>> requests =
//         PlanRequests(scenario, directory, "zero-copy", /*payload=*/nullptr);
//     absl::Status status = PlanFeeds(scenario, directory, &plan);
//
// The scenario has passed the loader's rules. Files are read here, by the controller, and never by
// an agent.
#ifndef CONTROLLER_PLANNER_REQUEST_PLAN_H_
#define CONTROLLER_PLANNER_REQUEST_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Of one run: to that target, with that value of matrix.payload (null where there is none), which
// sizes the bodies of those requests that have one.
absl::StatusOr<std::vector<proto::RequestPlan>> PlanRequests(const proto::Scenario& scenario,
                                                             const std::string& directory,
                                                             const std::string& target,
                                                             const proto::Bytes* payload);

// All rows of all feeds, by the order of their names.
absl::Status PlanFeeds(const proto::Scenario& scenario, const std::string& directory,
                       proto::Plan* plan);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_REQUEST_PLAN_H_
