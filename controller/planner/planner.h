// The planner: a scenario compiled into the runs that carry it out. Reads the bodies' files; sends
// nothing anywhere.
//
//     absl::StatusOr<proto::Plan> plan = MakePlan({scenario, sha256, directory});
//
// In which order the runs come, run_order.h says. With repeats until something is known, the most
// that there can be are planned; of a search, the first run of each target and point.
#ifndef CONTROLLER_PLANNER_PLANNER_H_
#define CONTROLLER_PLANNER_PLANNER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/environment.pb.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

struct PlannerInput {
  const proto::Scenario& scenario;  // loaded: complete and without faults
  std::string scenario_sha256;
  // What file names in the scenario are relative to.
  std::string directory;
  // What the scenario was multiplied by, if it was (see scale.h).
  std::optional<proto::Scaling> scaling = {};
  // The hosts that it runs on; null where its environment is a label.
  const proto::EnvironmentFile* environment = nullptr;
};

// Errors are the user's: a body that cannot be read, a load that no profile holds.
absl::StatusOr<proto::Plan> MakePlan(const PlannerInput& input);

// A run of a search: the first one's at another rate, in requests a second.
absl::StatusOr<proto::RunPlan> ProbeOf(const proto::RunPlan& first, double rate, uint32_t index,
                                       const std::string& step);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_PLANNER_H_
