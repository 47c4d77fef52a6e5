// The report, from what was measured: closed-form arithmetic on counts, nothing else.
//
//     std::vector<proto::RunReport> runs;
//     runs.push_back(BuildRunReport(result, objectives));       // as each run ends
//     proto::Report report = BuildReport(campaign, runs);
//     return ExitCodeFor(report.verdict());
//
// A run's report is small; its result (books of every agent, megabytes each) need not be kept.
// Pure; any thread.
#ifndef CONTROLLER_REPORT_REPORT_BUILDER_H_
#define CONTROLLER_REPORT_REPORT_BUILDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/report/run_result.h"
#include "core/histogram.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

inline constexpr uint32_t kReportSchemaVersion = 1;

// What the scenario demands of each run.
struct Objectives {
  // On generator lag: agents.max_send_lag.
  proto::Bound max_send_lag;
  std::vector<proto::Bound> slo;
  // Nothing: ask nothing.
  std::optional<proto::ValidityBounds> validity = std::nullopt;
  // pacing: spin.
  bool spins = false;
  proto::OnLoss on_loss = proto::ON_LOSS_INVALIDATE;
};

// Rates are per second of the measured window: offered is what came due in it; sent, achieved and
// goodput are what happened in it (RunResult::in_window).
proto::RunReport BuildRunReport(const RunResult& run, const Objectives& objectives);

// What is known of a campaign besides its runs.
struct CampaignFacts {
  // Not owned.
  const proto::Plan* plan = nullptr;
  // RFC 3339, UTC; empty where it is not known.
  std::string started_at;
  proto::Environment environment = {};
  // Who took part: id, host, cores and binary_sha256 and engine. The other fields are filled from
  // the runs.
  std::vector<proto::AgentReport> agents = {};
  // Of the fleet, where one was kept; noise_floor.h.
  std::optional<proto::NoiseFloor> noise_floor = {};
  // Those that hold for the agents under this plan.
  proto::Calibration calibration = {};
};

proto::Report BuildReport(const CampaignFacts& campaign, const std::vector<proto::RunReport>& runs);

// `lower_bound_min_ns`: see Book; 0 if there is none.
proto::TimeSummary Summarize(const Histogram& histogram, int64_t lower_bound_min_ns);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_REPORT_BUILDER_H_
