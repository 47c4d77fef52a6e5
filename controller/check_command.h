// `controller check SCENARIO`: gathers the fleet as a run would, prints the preflight of every
// host, and lets the fleet go. No load is sent.
#ifndef CONTROLLER_CHECK_COMMAND_H_
#define CONTROLLER_CHECK_COMMAND_H_

#include <string>

#include "controller/campaign/cluster_terms.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Returns the program's exit code: 0; 5 if the fleet could not be gathered or something is fatal; 2
// if that is only that the plan is above ceilings that were calibrated, which are kept in
// [calibration]. Files that the scenario names are relative to [directory].
int CheckFleet(const proto::Scenario& scenario, const std::string& directory,
               const proto::Plan& plan, const ClusterTerms& terms, const std::string& calibration);

}  // namespace drumline

#endif  // CONTROLLER_CHECK_COMMAND_H_
