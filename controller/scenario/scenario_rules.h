// The rules that concern several fields of a scenario at once: contradictions, sums, files.
//
// Each breach is a fault at the field that has to change, and says what to do. Reads the sizes of
// files named by the scenario; otherwise no I/O.
#ifndef CONTROLLER_SCENARIO_SCENARIO_RULES_H_
#define CONTROLLER_SCENARIO_SCENARIO_RULES_H_

#include <cstdint>
#include <string>

#include "controller/scenario/fault.h"
#include "controller/scenario/given_fields.h"
#include "proto/environment.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Runs of a campaign: targets × matrix × repeats.
inline constexpr uint64_t kMaxRuns = 10'000;
// Requests of one run, warm-up included.
inline constexpr uint64_t kMaxRequestsPerRun = 1'000'000'000'000;
// All runs with their warm-up, drain and pause.
inline constexpr int64_t kMaxCampaignNs = 366LL * 24 * 3600 * 1'000'000'000;

// What the rules work with and on.
struct RuleSubject {
  // Where files named by the scenario are looked for.
  std::string directory;
  proto::Scenario* scenario;
  GivenFields* given;
  FaultList* faults;
  // Null where the scenario's environment is a label, or nothing.
  const proto::EnvironmentFile* environment = nullptr;
};

// Judges the scenario, folds `target` into `targets` and fills in what follows from other fields:
// measure from the stages; urls, metrics and the number of agents from the environment.
void ApplyScenarioRules(const RuleSubject& subject);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SCENARIO_RULES_H_
