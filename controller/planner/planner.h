// The planner: a scenario compiled into the runs that carry it out. Reads the bodies' files; sends
// nothing anywhere.
//
//     absl::StatusOr<proto::Plan> plan = MakePlan({scenario, sha256, directory});
//
// Order of the runs. interleaved: each repeat goes through all points of the matrix, and at each
// point through all targets, every second repeat in the opposite order (A B, B A, A B …), so that a
// drift of the machines meets all targets alike. sequential: all repeats and points of one target,
// then the next.
#ifndef CONTROLLER_PLANNER_PLANNER_H_
#define CONTROLLER_PLANNER_PLANNER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
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
};

// Errors are the user's: a body that cannot be read, a load that no profile holds.
absl::StatusOr<proto::Plan> MakePlan(const PlannerInput& input);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_PLANNER_H_
