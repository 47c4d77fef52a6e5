#include "controller/report/verdict.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/bundle/attempt_id.h"
#include "controller/format/units.h"
#include "controller/report/flow_plan.h"
#include "controller/report/validity.h"
#include "controller/scenario/bound.h"

namespace drumline {
namespace {

using Reasons = std::vector<std::string>;

void JudgeAgents(const RunResult& run, Reasons* invalid) {
  if (run.agents.empty()) invalid->push_back("no agent reported anything");
  for (const AgentResult& agent : run.agents) {
    // Whoever carried the run out has usually said so, and why.
    const std::string loss = absl::StrCat("agent ", agent.agent_id, " was lost");
    const auto names_it = [&](const std::string& words) { return absl::StartsWith(words, loss); };
    const bool named = std::any_of(run.faults.begin(), run.faults.end(), names_it) ||
                       std::any_of(run.notes.begin(), run.notes.end(), names_it);
    if (!agent.lost_at_s || named) continue;
    invalid->push_back(
        absl::StrFormat("agent %s was lost %.1f s into the run", agent.agent_id, *agent.lost_at_s));
  }
}

// Whoever was late learns whether the machine was, too: hiccups at the same quantile that are half
// of the lag or more. They do not excuse the lag: the measurement is as bad.
std::string PlatformsShare(const proto::Bound& bound, double lag_ns, const Histogram& hiccups) {
  if (hiccups.empty()) return "";
  const double hiccup_ns = MeasuredTimeNs(bound, hiccups);
  if (hiccup_ns < lag_ns / 2) return "";
  return absl::StrCat("; the platform kept its threads from running: hiccup ", bound.metric(),
                      " is ", FormatTime(hiccup_ns / 1e3));
}

void JudgeGeneratorLag(const Evidence& evidence, Reasons* invalid) {
  const proto::Bound& bound = *evidence.max_send_lag;
  const Histogram& lag = evidence.measure->generator_lag();
  // Without a bound, or without a single request on its way, there is nothing to hold it against.
  if (bound.comparison() == proto::COMPARISON_UNSPECIFIED || lag.empty()) return;
  if (!IsTimeBound(bound)) {
    invalid->push_back(
        absl::StrCat("agents.max_send_lag is not a bound on a time: ", bound.text()));
    return;
  }
  // A handful of samples does not excuse a late generator: the measured value decides, even where
  // an objective would be INCONCLUSIVE.
  const double measured_ns = MeasuredTimeNs(bound, lag);
  if (Satisfies(measured_ns, bound)) return;
  invalid->push_back(absl::StrCat("the generator was late: generator lag ", bound.metric(), " is ",
                                  FormatTime(measured_ns / 1e3), ", the scenario allows ",
                                  bound.text(),
                                  PlatformsShare(bound, measured_ns, *evidence.hiccups)));
}

void JudgeRange(const Evidence& evidence, Reasons* invalid) {
  const uint64_t strays = evidence.warmup->out_of_range() + evidence.measure->out_of_range() +
                          evidence.hiccups->out_of_range();
  if (strays == 0) return;
  invalid->push_back(
      absl::StrCat(FormatCount(strays), " measured times were negative or longer than an hour"));
}

// What was open when an agent was lost, when the window was cut, or when the controller ended, was
// never closed.
void JudgeBalance(const char* phase, const Book& book, bool open_ended, Reasons* invalid) {
  absl::Status status = open_ended ? absl::OkStatus() : book.ledger().CheckClosed();
  status.Update(book.CheckBalance());
  if (!status.ok()) {
    invalid->push_back(absl::StrCat(phase, ": ", std::string(status.message())));
  }
}

void JudgeBeats(const Evidence& evidence, Reasons* invalid) {
  const proto::LoadPlan& load = evidence.run->plan->load();
  if (load.closed_loop() || evidence.run->interrupted || !evidence.run->aborted.empty()) return;
  if (HasFlows(*evidence.run->plan)) return;
  uint64_t scheduled =
      evidence.warmup->ledger().scheduled() + evidence.measure->ledger().scheduled();
  for (const AgentResult& agent : evidence.run->agents) {
    scheduled += agent.missed_warmup + agent.missed_measure;
  }
  if (scheduled == load.beats()) return;
  invalid->push_back(absl::StrCat("the plan has ", FormatCount(load.beats()), " requests, but ",
                                  FormatCount(scheduled), " came due"));
}

// A gap until others have taken over is what `redistribute` accepts; that they could not is not.
void JudgeTakeover(const RunResult& run, Reasons* invalid) {
  for (const AgentResult& agent : run.agents) {
    if (agent.nobodys == 0) continue;
    invalid->push_back(absl::StrCat(
        "nobody sent ", FormatCount(agent.nobodys), " of the beats of agent ", agent.agent_id,
        ", which was lost: the others had no room for them below their --max-rate"));
  }
}

// What a loss that was dealt with cost, as notes, unless it is a reason already. An heir may have
// heard too late of what it was to take over.
void TellMissed(const Evidence& evidence, proto::Verdict* verdict) {
  const RunResult& run = *evidence.run;
  if (MissedTooMany(evidence)) return;
  const auto due = static_cast<double>(DueInWindow(run, *evidence.measure));
  for (const AgentResult& agent : run.agents) {
    if (agent.MissedInWindow() == 0) continue;
    verdict->add_reasons(absl::StrFormat(
        "nobody is known to have sent %s of agent %s's requests in the window, %.3g %% of all that "
        "were due there",
        FormatCount(agent.MissedInWindow()), agent.agent_id,
        100 * static_cast<double>(agent.MissedInWindow()) / due));
  }
}

// Response times speak for a service that answers. Where nobody has said how many errors are borne,
// a hundredth of them is the most that a p99 can stand for.
constexpr double kMostFailed = 0.01;

void JudgeFailed(const Evidence& evidence, Reasons* inconclusive) {
  const bool bounded = std::any_of(
      evidence.slo->begin(), evidence.slo->end(),
      [](const SloEvaluation& slo) { return absl::StartsWith(slo.result.expression(), "errors"); });
  const Ledger& ledger = evidence.measure->ledger();
  if (bounded || static_cast<double>(ledger.Failed()) <=
                     kMostFailed * static_cast<double>(ledger.scheduled())) {
    return;
  }
  inconclusive->push_back(absl::StrCat(
      FormatCount(ledger.Failed()), " of ", FormatCount(ledger.scheduled()),
      " requests did not end ok (see the ledger), and no objective says how many errors are "
      "acceptable: state it, for example slo: [errors < 1%]"));
}

proto::SloOutcome::Value Worst(proto::SloOutcome::Value a, proto::SloOutcome::Value b) {
  for (auto value : {proto::SloOutcome::FAIL, proto::SloOutcome::INCONCLUSIVE}) {
    if (a == value || b == value) return value;
  }
  return a == proto::SloOutcome::NONE ? b : a;
}

proto::Validity::Value Worst(proto::Validity::Value a, proto::Validity::Value b) {
  for (auto value : {proto::Validity::INVALID, proto::Validity::INCONCLUSIVE}) {
    if (a == value || b == value) return value;
  }
  return proto::Validity::VALID;
}

proto::Verdict Combine(const Reasons& invalid, const Reasons& inconclusive) {
  proto::Verdict verdict;
  verdict.set_validity(!invalid.empty()        ? proto::Validity::INVALID
                       : !inconclusive.empty() ? proto::Validity::INCONCLUSIVE
                                               : proto::Validity::VALID);
  for (const std::string& reason : invalid) verdict.add_reasons(reason);
  for (const std::string& reason : inconclusive) verdict.add_reasons(reason);
  return verdict;
}

}  // namespace

proto::Verdict JudgeRun(const Evidence& evidence) {
  const RunResult& run = *evidence.run;
  Reasons invalid = run.faults;
  JudgeAgents(run, &invalid);
  JudgeGeneratorLag(evidence, &invalid);
  JudgeRange(evidence, &invalid);
  JudgeGenerator(evidence, &invalid);
  const bool lost = std::any_of(run.agents.begin(), run.agents.end(),
                                [](const auto& agent) { return agent.lost_at_s.has_value(); });
  JudgeBalance("warm-up", *evidence.warmup, lost || run.cut_off, &invalid);
  JudgeBalance("measured window", *evidence.measure, lost || run.cut_off, &invalid);
  if (run.faults.empty() && !run.cut_at_s && (!lost || !run.notes.empty())) {
    JudgeBeats(evidence, &invalid);
    JudgeTakeover(run, &invalid);
  }
  Reasons inconclusive;
  JudgeSettling(evidence, &inconclusive);
  if (run.interrupted) inconclusive.push_back("the run was interrupted");
  if (evidence.measure->ledger().scheduled() == 0) {
    inconclusive.push_back("no request came due in the measured window");
  }
  // A run that was given up says by that how bad it was.
  if (run.aborted.empty()) JudgeFailed(evidence, &inconclusive);
  proto::Verdict verdict = Combine(invalid, inconclusive);
  for (const std::string& note : run.notes) verdict.add_reasons(note);
  TellMissed(evidence, &verdict);
  if (!run.aborted.empty()) {
    verdict.set_slo(proto::SloOutcome::FAIL);
    verdict.add_reasons("aborted: " + run.aborted);
  }
  for (const SloEvaluation& slo : *evidence.slo) {
    verdict.set_slo(Worst(verdict.slo(), slo.result.result()));
    if (!slo.reason.empty()) verdict.add_reasons(slo.reason);
  }
  return verdict;
}

proto::Verdict JudgeCampaign(const std::vector<proto::RunReport>& runs, int planned_runs) {
  proto::Verdict verdict;
  verdict.set_validity(proto::Validity::VALID);
  // The newest attempt of each run.
  std::map<std::string, std::string> attempts;
  for (const proto::RunReport& run : runs) attempts[FirstAttemptOf(run.run_id())] = run.run_id();
  if (static_cast<int>(attempts.size()) < planned_runs) {
    verdict.set_validity(proto::Validity::INCONCLUSIVE);
    verdict.add_reasons(
        absl::StrCat(attempts.size(), " of ", planned_runs, " planned runs were carried out"));
  }
  if (runs.empty()) verdict.set_validity(proto::Validity::INCONCLUSIVE);
  for (const proto::RunReport& run : runs) {
    if (const std::string& last = attempts[FirstAttemptOf(run.run_id())]; last != run.run_id()) {
      verdict.add_reasons(absl::StrCat(run.run_id(), " was cut off and done again as ", last));
      continue;
    }
    verdict.set_validity(Worst(verdict.validity(), run.verdict().validity()));
    verdict.set_slo(Worst(verdict.slo(), run.verdict().slo()));
    for (const std::string& reason : run.verdict().reasons()) {
      verdict.add_reasons(runs.size() == 1 ? reason : absl::StrCat(run.run_id(), ": ", reason));
    }
  }
  return verdict;
}

int ExitCodeFor(const proto::Verdict& verdict) {
  if (verdict.validity() == proto::Validity::INVALID) return kExitInvalid;
  if (verdict.validity() != proto::Validity::VALID) return kExitInconclusive;
  if (verdict.slo() == proto::SloOutcome::FAIL) return kExitSloFailed;
  return verdict.slo() == proto::SloOutcome::INCONCLUSIVE ? kExitInconclusive : kExitMet;
}

}  // namespace drumline
