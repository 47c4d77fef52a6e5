// The report of a bundle, built again from what it holds: plan, intervals, scrapes and records of
// its runs. The same arithmetic as at the end of the campaign itself; nothing in it is taken from
// an earlier report.
//
//     absl::StatusOr<proto::Report> report = RebuildReport("results/echo-100k-20260711T093000Z");
#ifndef CONTROLLER_CAMPAIGN_REBUILD_H_
#define CONTROLLER_CAMPAIGN_REBUILD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/run/run_totals.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// Each attempt of each run that a bundle holds, in the order of the plan. The record of a run that
// was cut off is the one of its start, with the fault added.
struct KeptRuns {
  std::vector<proto::RunReport> reports;
  std::vector<proto::RunRecord> records;
};
absl::StatusOr<KeptRuns> ReadRuns(const BundleReader& reader);

// The intervals of one run up to [cut_ns] after its start.
absl::StatusOr<RunTotals> ReadTotals(const std::string& bundle_path, const proto::RunPlan& run,
                                     int64_t cut_ns);

// A run that was cut off before its record was written is reported as far as its intervals go, and
// is INVALID; so is one whose file is damaged.
absl::StatusOr<proto::Report> ReadReport(const std::string& bundle_path);

// The same, and report.json and report.html in the bundle are written anew.
absl::StatusOr<proto::Report> RebuildReport(const std::string& bundle_path);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_REBUILD_H_
