#include "controller/campaign/assembly.h"

#include <algorithm>
#include <utility>

namespace drumline {
namespace {

constexpr double kNsPerUs = 1e3;
constexpr double kNsPerS = 1e9;

AgentResult AssembleAgent(const proto::AgentRecord& record, const AgentTotals& totals) {
  AgentResult agent;
  agent.agent_id = record.id();
  agent.warmup = totals.warmup;
  agent.measure = totals.measure;
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
  result.interrupted = !record.interrupted().empty();
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
  result.measured_seconds = static_cast<double>(window_ns) / kNsPerS;
  return result;
}

}  // namespace drumline
