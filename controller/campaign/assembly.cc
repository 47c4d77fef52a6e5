#include "controller/campaign/assembly.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "controller/report/flow_plan.h"
#include "core/beat_count.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "core/plan.h"

namespace drumline {
namespace {

constexpr double kNsPerUs = 1e3;
constexpr double kNsPerS = 1e9;
// Beats that are looked at one by one, for the requests that they would have sent: some seconds.
constexpr uint64_t kMostBeatsSeen = 100'000'000;

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
  agent.start_skew_us = static_cast<double>(record.start_skew_ns()) / kNsPerUs;
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

LaneStretch StretchOf(const proto::LaneSpan& span) {
  LaneStretch stretch{{span.first(), span.stride()}, span.from_ns()};
  if (span.has_until_ns()) stretch.until_ns = span.until_ns();
  return stretch;
}

// Which requests the agent's missed beats would have sent: what its lanes hold of each, without
// what came due. Left empty where nothing is missed, and where the lanes are too long to be read.
void DivideMissed(const proto::RunPlan& plan, const LoadProfile& profile,
                  const proto::AgentRecord& record, uint64_t held, AgentResult* agent) {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(plan);
  const bool several = requests.size() > 1;
  if (!several || agent->missed_measure == 0 || held > kMostBeatsSeen) return;
  const Mix mix(ChoicesOf(requests).weights, plan.load().seed());
  std::vector<uint64_t> missed(requests.size(), 0);
  for (const proto::LaneSpan& span : record.lanes()) {
    const std::vector<uint64_t> counts =
        CountChoices(plan.load(), profile, StretchOf(span), mix, requests.size());
    for (size_t i = 0; i < missed.size(); ++i) missed[i] += counts[i];
  }
  for (size_t i = 0; i < missed.size(); ++i) {
    const uint64_t due = i < agent->requests.size() ? agent->requests[i].ledger().scheduled() : 0;
    if (due > missed[i]) return;
    missed[i] -= due;
  }
  agent->missed_requests = std::move(missed);
}

// What the agent's lanes hold against what it said came due. Who is lost, was cut off, or was to
// take beats over and perhaps heard of it too late, may owe some; anybody else none, and nobody may
// have more.
void AccountForBeats(const proto::RunPlan& plan, const LoadProfile& profile,
                     const proto::AgentRecord& record, bool cut, AgentResult* agent,
                     std::vector<std::string>* faults) {
  BeatCounts held;
  bool heir = false;
  for (const proto::LaneSpan& span : record.lanes()) {
    const BeatCounts counts = CountBeats(plan.load(), profile, StretchOf(span));
    held.warmup += counts.warmup;
    held.measure += counts.measure;
    heir = heir || span.from_ns() > 0;
    if (record.has_lost_at_ns() && !cut && span.has_until_ns()) {
      agent->taken_over_at_s = static_cast<double>(span.until_ns()) / kNsPerS;
    }
  }
  const uint64_t warmup = agent->warmup.ledger().scheduled();
  const uint64_t measure = agent->measure.ledger().scheduled();
  const bool may_owe = cut || heir || record.has_lost_at_ns();
  const bool adds_up = may_owe ? warmup <= held.warmup && measure <= held.measure
                               : BeatCounts{warmup, measure} == held;
  if (!adds_up) {
    faults->push_back(absl::StrCat("agent ", record.id(), ": ", warmup, " and ", measure,
                                   " requests came due in warm-up and measured window; its lanes "
                                   "hold ",
                                   held.warmup, " and ", held.measure));
    return;
  }
  agent->missed_warmup = held.warmup - warmup;
  agent->missed_measure = held.measure - measure;
  DivideMissed(plan, profile, record, held.measure, agent);
}

}  // namespace

RunResult AssembleRun(const proto::RunPlan& plan, const RunTotals& totals,
                      const proto::RunRecord& record, const std::vector<proto::Scrape>& scrapes) {
  RunResult result;
  result.plan = &plan;
  result.scrapes = scrapes;
  result.faults.assign(record.faults().begin(), record.faults().end());
  result.notes.assign(record.notes().begin(), record.notes().end());
  // An aborted run was ended, too, but not because somebody wanted to know no more.
  result.interrupted = !record.interrupted().empty() && record.aborted().empty();
  result.aborted = record.aborted();
  if (record.has_cold_start_ns()) result.cold_start_ns = record.cold_start_ns();
  if (record.has_cut_ns()) result.cut_at_s = static_cast<double>(record.cut_ns()) / kNsPerS;
  const absl::StatusOr<LoadProfile> profile = ProfileOf(plan.load());
  // A run that was stopped has beats that nobody was to send.
  const bool accounted = profile.ok() && !plan.load().closed_loop() && !HasFlows(plan) &&
                         !result.interrupted && result.faults.empty();
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
    if (accounted && agent.lanes_size() > 0) {
      AccountForBeats(plan, *profile, agent, record.has_cut_ns(), &result.agents.back(),
                      &result.faults);
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
