#include "controller/campaign/assembly.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace drumline {
namespace {

constexpr double kNsPerUs = 1e3;
constexpr double kNsPerS = 1e9;

AgentResult AssembleAgent(const proto::AgentRecord& record, const AgentTotals& totals) {
  AgentResult agent;
  agent.agent_id = record.id();
  agent.warmup = totals.warmup;
  agent.measure = totals.measure;
  agent.requests = totals.requests;
  agent.hiccups = totals.hiccups;
  agent.engine = record.engine();
  agent.connections_open = totals.connections_open;
  agent.connects = totals.connects_in_window;
  agent.opening_in_window = totals.opening_in_window;
  agent.opening_before = totals.opening_before;
  agent.worker_busy_max = totals.max_worker_busy;
  agent.cpu_ns = totals.cpu_in_window_ns;
  agent.measured_seconds = static_cast<double>(totals.window_ns) / kNsPerS;
  if (record.has_start_skew_ns()) {
    agent.start_skew_us = static_cast<double>(record.start_skew_ns()) / kNsPerUs;
  }
  agent.clock_uncertainty_us = static_cast<double>(record.clock_uncertainty_ns()) / kNsPerUs;
  if (record.has_lost_at_ns()) {
    agent.lost_at_s = static_cast<double>(record.lost_at_ns()) / kNsPerS;
  }
  agent.reported_until_s = static_cast<double>(totals.end_ns) / kNsPerS;
  agent.turned_to_in_window = totals.turned_to_in_window;
  if (totals.window_ns > 0) {
    const auto window_ns = static_cast<double>(totals.window_ns);
    agent.busiest_core_mean = totals.busiest_worker_ns / window_ns;
    agent.host_steal_share =
        static_cast<double>(totals.host_steal_ns) / window_ns / std::max<double>(record.cores(), 1);
    agent.throttled_share = static_cast<double>(totals.throttled_ns) / window_ns;
  }
  if (record.has_clock_drift_ns()) {
    agent.clock_drift_us = static_cast<double>(record.clock_drift_ns()) / kNsPerUs;
    agent.clock_drift_uncertainty_us =
        static_cast<double>(record.clock_drift_uncertainty_ns()) / kNsPerUs;
  }
  return agent;
}

// Whether the agent had a share of beats from [from_ns] on, and reported beyond that.
bool TookOver(const proto::AgentRecord& heir, const RunTotals& totals, int64_t from_ns) {
  const auto found = totals.agents().find(heir.id());
  if (found == totals.agents().end() || found->second.end_ns <= from_ns) return false;
  return std::any_of(heir.lanes().begin(), heir.lanes().end(),
                     [from_ns](const proto::LaneSpan& span) { return span.from_ns() == from_ns; });
}

// From when on others had what the lost agent held. Nothing where none of them had room for it, or
// where the run had ended by then.
std::optional<double> TakenOverAt(const proto::AgentRecord& lost, const proto::RunRecord& record,
                                  const RunTotals& totals) {
  if (!lost.has_lost_at_ns() || record.has_cut_ns()) return std::nullopt;
  for (const proto::LaneSpan& span : lost.lanes()) {
    const int64_t at_ns = span.until_ns();
    if (!span.has_until_ns() || at_ns == std::numeric_limits<int64_t>::max()) continue;
    const bool taken = std::any_of(record.agents().begin(), record.agents().end(),
                                   [&](const auto& heir) { return TookOver(heir, totals, at_ns); });
    if (taken) return static_cast<double>(at_ns) / kNsPerS;
  }
  return std::nullopt;
}

// What the agent's lanes hold against what it said came due.
void TakeBeats(const proto::AgentRecord& record, const BeatAccount::Agent& beats,
               AgentResult* agent, std::vector<std::string>* faults) {
  if (!beats.AddsUp()) {
    faults->push_back(absl::StrCat("agent ", record.id(), ": ", beats.due.warmup, " and ",
                                   beats.due.measure,
                                   " requests came due in warm-up and measured window; its lanes "
                                   "hold ",
                                   beats.held.warmup, " and ", beats.held.measure));
    return;
  }
  agent->beats_known = true;
  agent->missed_warmup = beats.missed().warmup;
  agent->missed_measure = beats.missed().measure;
  agent->missed_requests = beats.missed_requests;
  agent->nobodys = beats.nobodys;
}

}  // namespace

RunResult AssembleRun(const proto::RunPlan& plan, const RunTotals& totals,
                      const proto::RunRecord& record, const std::vector<proto::Scrape>& scrapes) {
  BeatAccount account(plan, totals, record);
  while (account.Step()) {
  }
  return AssembleRun(plan, totals, record, scrapes, account);
}

RunResult AssembleRun(const proto::RunPlan& plan, const RunTotals& totals,
                      const proto::RunRecord& record, const std::vector<proto::Scrape>& scrapes,
                      const BeatAccount& account) {
  RunResult result;
  result.plan = &plan;
  result.scrapes = scrapes;
  result.faults.assign(record.faults().begin(), record.faults().end());
  result.notes.assign(record.notes().begin(), record.notes().end());
  // An aborted run was ended, too, but not because somebody wanted to know no more.
  result.interrupted = !record.interrupted().empty() && record.aborted().empty();
  result.aborted = record.aborted();
  result.cut_off = !record.ended();
  if (record.has_cold_start_ns()) result.cold_start_ns = record.cold_start_ns();
  if (record.has_cut_ns()) result.cut_at_s = static_cast<double>(record.cut_ns()) / kNsPerS;
  if (record.has_stopped_at_ns()) {
    result.stopped_at_s = static_cast<double>(record.stopped_at_ns()) / kNsPerS;
  }
  int64_t window_ns = 0;
  for (const proto::AgentRecord& agent : record.agents()) {
    const auto found = totals.agents().find(agent.id());
    const AgentTotals none;
    const AgentTotals& sums = found == totals.agents().end() ? none : found->second;
    window_ns = std::max(window_ns, sums.window_ns);
    result.in_window.sent += sums.sent_in_window;
    result.in_window.answered += sums.answered_in_window;
    result.in_window.ok += sums.ok_in_window;
    result.agents.push_back(AssembleAgent(agent, sums));
    result.agents.back().taken_over_at_s = TakenOverAt(agent, record, totals);
    if (const BeatAccount::Agent* beats = account.Find(agent.id())) {
      TakeBeats(agent, *beats, &result.agents.back(), &result.faults);
    }
  }
  result.response_time_blocks = totals.response_time_blocks();
  result.measured_seconds = static_cast<double>(window_ns) / kNsPerS;
  return result;
}

Objectives ObjectivesOf(const proto::Plan& plan) {
  Objectives objectives;
  objectives.max_send_lag = plan.max_send_lag();
  const auto& slo = plan.has_capacity() ? plan.capacity().slo() : plan.slo();
  objectives.slo.assign(slo.begin(), slo.end());
  if (plan.has_validity()) objectives.validity = plan.validity();
  objectives.spins = plan.engine().pacing() == proto::PACING_SPIN;
  if (plan.on_loss() != proto::ON_LOSS_UNSPECIFIED) objectives.on_loss = plan.on_loss();
  return objectives;
}

CampaignFacts FactsOf(const proto::Plan& plan, const proto::Environment& environment,
                      const std::vector<proto::RunRecord>& records) {
  CampaignFacts facts;
  facts.plan = &plan;
  // A run that was cut off has not written down when it began.
  if (!records.empty() && records.front().started_unix_ns() != 0) {
    facts.started_at = absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ",
                                        absl::FromUnixNanos(records.front().started_unix_ns()),
                                        absl::UTCTimeZone());
  }
  facts.environment = environment;
  std::map<std::string, proto::AgentReport> agents;
  for (const proto::RunRecord& record : records) {
    for (const proto::AgentRecord& agent : record.agents()) {
      proto::AgentReport& report = agents[agent.id()];
      report.set_id(agent.id());
      report.set_host(agent.host());
      report.set_cores(agent.cores());
      report.set_binary_sha256(agent.binary_sha256());
      report.set_engine(agent.engine());
    }
  }
  for (auto& [id, agent] : agents) facts.agents.push_back(std::move(agent));
  return facts;
}

}  // namespace drumline
