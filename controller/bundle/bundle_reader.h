// BundleReader: a bundle that is there already, for `controller report BUNDLE`.
//
//     auto bundle = BundleReader::Open("results/echo-100k-20260711T093000Z");
//     auto end = bundle->ForEachInterval([&](const proto::Interval& interval) {
//       return merger.Add(interval);
//     });
//     if (end.ok() && end->damage) …      // all intervals before the damage were delivered
//
// Intervals are handed over one by one: those of a long campaign need not fit into memory. Errors
// say what is missing from the directory. Immutable after Open; any thread.
#ifndef CONTROLLER_BUNDLE_BUNDLE_READER_H_
#define CONTROLLER_BUNDLE_BUNDLE_READER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"
#include "proto/preflight.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

class BundleReader {
 public:
  // No file of a bundle that is read whole is larger.
  static constexpr int64_t kMaxFileBytes = int64_t{1} << 30;

  // How reading a file of records ended.
  struct End {
    uint64_t records = 0;
    // Where the file cannot be read any further, and why: "intervals.pb, byte 4711: …".
    std::optional<std::string> damage;
  };

  // Reads the scenario, the plan and, where they are there, the environment and the preflight.
  static absl::StatusOr<BundleReader> Open(const std::string& path);

  const std::string& path() const { return path_; }
  const std::string& scenario() const { return scenario_; }
  const proto::Plan& plan() const { return plan_; }
  const proto::Environment& environment() const { return environment_; }
  const proto::Preflight& preflight() const { return preflight_; }

  // FailedPrecondition where an older version did not keep it.
  absl::StatusOr<proto::Scenario> ReadScenarioMessage() const;

  // In the order in which they were written. An error of the visitor ends the reading and is
  // returned.
  absl::StatusOr<End> ForEachInterval(
      const std::function<absl::Status(const proto::Interval&)>& visit) const;
  absl::StatusOr<End> ForEachScrape(
      const std::function<absl::Status(const proto::Scrape&)>& visit) const;
  absl::StatusOr<End> ForEachRunRecord(
      const std::function<absl::Status(const proto::RunRecord&)>& visit) const;

 private:
  BundleReader() = default;

  std::string path_;
  std::string scenario_;
  proto::Plan plan_;
  proto::Environment environment_;
  proto::Preflight preflight_;
};

}  // namespace drumline

#endif  // CONTROLLER_BUNDLE_BUNDLE_READER_H_
