// Bundle: the directory in which a campaign is kept, as it is written.
//
//     auto bundle = Bundle::Create("results", "echo-100k", now);
//     bundle->WriteScenario(text);
//     bundle->AppendInterval(interval);
//     bundle->Sync();                          // only now may the agent be told that it is kept
//     bundle->WriteReport(ReportToJson(report));
//
//     results/echo-100k-20260711T093000Z/
//       scenario.yaml  plan.json  environment.json                 written whole or not at all
//       preflight.json report.json report.html
//       intervals.pb   scrapes.pb  runs.pb                         appended to; see record_file.h
//       logs/                                                      what child processes print
//
// Errors name the file and what can be done. A full disk is RESOURCE_EXHAUSTED; whatever was
// written before it stays readable. Movable. One thread at a time.
#ifndef CONTROLLER_BUNDLE_BUNDLE_H_
#define CONTROLLER_BUNDLE_BUNDLE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "controller/bundle/record_file.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"
#include "proto/preflight.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// The names within a bundle; they are documented and do not change.
inline constexpr char kScenarioFile[] = "scenario.yaml";
// The scenario as it was understood, with all its defaults.
inline constexpr char kScenarioMessageFile[] = "scenario.json";
// Where files that the scenario names are looked for, should it be resumed.
inline constexpr char kDirectoryFile[] = "scenario.directory";
inline constexpr char kPlanFile[] = "plan.json";
inline constexpr char kEnvironmentFile[] = "environment.json";
inline constexpr char kPreflightFile[] = "preflight.json";
inline constexpr char kReportFile[] = "report.json";
inline constexpr char kIntervalsFile[] = "intervals.pb";
inline constexpr char kScrapesFile[] = "scrapes.pb";
inline constexpr char kRunsFile[] = "runs.pb";
inline constexpr char kLogsDirectory[] = "logs";

class Bundle {
 public:
  // Campaigns of the same name that may begin within the same second.
  static constexpr int kMaxPerSecond = 100;

  // Makes `results_directory` if it is not there, and in it a directory of its own:
  // NAME-YYYYMMDDThhmmssZ, with "-2", "-3" … behind it where that is taken.
  static absl::StatusOr<Bundle> Create(const std::string& results_directory,
                                       const std::string& name, absl::Time now);

  // One that a campaign left unfinished, to go on in it. What cannot be read at the end of a file
  // (a record that was not whole when the power went) is cut off. FailedPrecondition while another
  // controller writes to it.
  static absl::StatusOr<Bundle> Reopen(const std::string& path);

  const std::string& path() const { return path_; }

  // The scenario's bytes as they were read.
  absl::Status WriteScenario(absl::string_view text);
  absl::Status WriteScenarioMessage(const proto::Scenario& scenario);
  absl::Status WritePlan(const proto::Plan& plan);
  absl::Status WriteEnvironment(const proto::Environment& environment);
  absl::Status WritePreflight(const proto::Preflight& preflight);
  // The text of report.json.
  absl::Status WriteReport(absl::string_view json);
  // Any other file, whole or not at all: "report.html". The name must not contain a slash.
  absl::Status WriteFile(const std::string& file_name, absl::string_view bytes);

  absl::Status AppendInterval(const proto::Interval& interval);
  absl::Status AppendScrape(const proto::Scrape& scrape);
  // At the end of a run.
  absl::Status AppendRunRecord(const proto::RunRecord& record);
  // All that was appended is on the disk when this returns OK.
  absl::Status Sync();

  // Where a child's output belongs: PATH/logs/NAME.log. The directory is there, the file is not
  // made.
  std::string LogPath(absl::string_view name) const;

 private:
  Bundle(std::string path, RecordWriter intervals, RecordWriter scrapes, RecordWriter runs)
      : path_(std::move(path)),
        intervals_(std::move(intervals)),
        scrapes_(std::move(scrapes)),
        runs_(std::move(runs)) {}

  std::string path_;
  RecordWriter intervals_;
  RecordWriter scrapes_;
  RecordWriter runs_;
};

}  // namespace drumline

#endif  // CONTROLLER_BUNDLE_BUNDLE_H_
