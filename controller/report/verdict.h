// The verdict: whether a measurement can be trusted, whether the objectives were met, and why.
//
//     proto::Verdict verdict = JudgeRun(evidence);
//     return ExitCodeFor(verdict);
//
// INVALID: a fault that the run reported, a lost agent (unless agents.on_loss has it otherwise, and
// the others had room for its beats), a
// generator later than agents.max_send_lag allows or beyond another bound of `validity`
// (validity.h), values that no histogram holds, books that do not balance, or an open loop that was
// carried out and did not start exactly the planned requests. INCONCLUSIVE: interrupted, nothing
// came due, or more than 1 % of the requests did not end ok and no objective says how many errors
// are borne. A run that was aborted as hopeless has failed its objectives. Too few samples for an
// objective's quantile make the objective INCONCLUSIVE, not the measurement.
//
// Pure.
#ifndef CONTROLLER_REPORT_VERDICT_H_
#define CONTROLLER_REPORT_VERDICT_H_

#include <string>
#include <vector>

#include "controller/report/run_result.h"
#include "controller/report/slo.h"
#include "core/book.h"
#include "core/histogram.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// What a run is judged by. Nothing is owned.
struct Evidence {
  const RunResult* run = nullptr;
  // The books of all agents together.
  const Book* warmup = nullptr;
  const Book* measure = nullptr;
  // Of all agents together.
  const Histogram* hiccups = nullptr;
  const proto::Bound* max_send_lag = nullptr;
  // Null asks nothing.
  const proto::ValidityBounds* validity = nullptr;
  // The workers never sleep.
  bool spins = false;
  // Null where nobody scraped.
  const proto::TargetResources* resources = nullptr;
  const std::vector<SloEvaluation>* slo = nullptr;
};

proto::Verdict JudgeRun(const Evidence& evidence);

// The worst of the runs (of the newest attempt at each, where one was done again), their reasons
// with the run's id before them; INCONCLUSIVE if fewer runs than planned were carried out.
proto::Verdict JudgeCampaign(const std::vector<proto::RunReport>& runs, int planned_runs);

// What the process ends with, as the README has it.
inline constexpr int kExitMet = 0;
inline constexpr int kExitSloFailed = 1;
inline constexpr int kExitInvalid = 3;
inline constexpr int kExitInconclusive = 4;
int ExitCodeFor(const proto::Verdict& verdict);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_VERDICT_H_
