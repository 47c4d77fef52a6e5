#include "controller/campaign/assembly.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

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
  agent.start_skew_us = static_cast<double>(record.start_skew_ns()) / kNsPerUs;
  agent.clock_uncertainty_us = static_cast<double>(record.clock_uncertainty_ns()) / kNsPerUs;
  if (record.has_lost_at_ns()) {
    agent.lost_at_s = static_cast<double>(record.lost_at_ns()) / kNsPerS;
  }
  return agent;
}

}  // namespace

RunResult AssembleRun(const proto::RunPlan& plan, const RunTotals& totals,
                      const proto::RunRecord& record, const std::vector<proto::Scrape>& scrapes) {
  RunResult result;
  result.plan = &plan;
  result.scrapes = scrapes;
  result.faults.assign(record.faults().begin(), record.faults().end());
  // An aborted run was ended, too, but not because somebody wanted to know no more.
  result.interrupted = !record.interrupted().empty() && record.aborted().empty();
  result.aborted = record.aborted();
  if (record.has_cold_start_ns()) result.cold_start_ns = record.cold_start_ns();
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
  }
  result.response_time_blocks = totals.response_time_blocks();
  result.measured_seconds = static_cast<double>(window_ns) / kNsPerS;
  return result;
}

Objectives ObjectivesOf(const proto::Plan& plan) {
  const auto& slo = plan.has_capacity() ? plan.capacity().slo() : plan.slo();
  return {plan.max_send_lag(), {slo.begin(), slo.end()}};
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
