// The preflight of a fleet: each agent's facts held against what the plan asks of it, and the
// controller's own.
//
//     proto::Preflight preflight = JudgeFleet(plan, crew, ReadOwnHostFacts());
//     absl::Status status = RefuseFatal(preflight);
//
// Pure functions.
#ifndef CONTROLLER_CAMPAIGN_FLEET_PREFLIGHT_H_
#define CONTROLLER_CAMPAIGN_FLEET_PREFLIGHT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"
#include "proto/preflight.pb.h"

namespace drumline {

// The largest that any run of [plan] asks of one agent.
struct AgentDemand {
  uint64_t connections = 0;
  // Requests a second at the peak; 0 if all runs are closed loops.
  double peak_rate = 0;
  // The same once one agent is lost and the others have equal shares of its beats; 0 where nobody
  // takes them over.
  double heir_peak_rate = 0;
};
AgentDemand DemandOfEach(const proto::Plan& plan);

proto::Preflight JudgeFleet(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                            const proto::HostFacts& own);

// Naming host, check and remedy of all that is fatal. Unavailable; OutOfRange if all of it is that
// the plan is above ceilings that were calibrated.
absl::Status RefuseFatal(const proto::Preflight& preflight);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_FLEET_PREFLIGHT_H_
