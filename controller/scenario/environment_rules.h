// The rules that concern several fields of an environment at once.
//
// Each breach is a fault at the field that has to change, and says what to do. None reports what
// another fault has caused already. No I/O.
#ifndef CONTROLLER_SCENARIO_ENVIRONMENT_RULES_H_
#define CONTROLLER_SCENARIO_ENVIRONMENT_RULES_H_

#include "controller/scenario/fault.h"
#include "controller/scenario/given_fields.h"
#include "proto/environment.pb.h"

namespace drumline {

// The name under which a controller's port for agents stands in its host's `ports`.
inline constexpr char kAgentsPort[] = "agents";
// The name of a target's port for metrics, where it is not the service's own.
inline constexpr char kMetricsPort[] = "metrics";

// Judges the environment, and fills in each machine's threads from its cores where it names none.
void ApplyEnvironmentRules(const GivenFields& given, proto::EnvironmentFile* environment,
                           FaultList* faults);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_ENVIRONMENT_RULES_H_
