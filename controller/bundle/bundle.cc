#include "controller/bundle/bundle.h"

#include <google/protobuf/util/json_util.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "controller/bundle/posix_file.h"

namespace drumline {
namespace {

std::string UtcStamp(absl::Time now) {
  const time_t seconds = absl::ToTimeT(now);
  tm utc = {};
  gmtime_r(&seconds, &utc);
  char stamp[32];
  return std::string(stamp, strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc));
}

absl::Status MakeResultsDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return FileError("create the directory", path, error.value());
}

absl::StatusOr<std::string> MakeUniqueDirectory(const std::string& stem) {
  for (int attempt = 1; attempt <= Bundle::kMaxPerSecond; ++attempt) {
    const std::string path = attempt == 1 ? stem : absl::StrCat(stem, "-", attempt);
    if (mkdir(path.c_str(), 0755) == 0) return path;
    if (errno != EEXIST) return FileError("create the directory", path, errno);
  }
  return absl::ResourceExhaustedError(absl::StrCat("cannot create a bundle: ", stem, " and ",
                                                   Bundle::kMaxPerSecond - 1,
                                                   " names after it are taken; try again"));
}

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("cannot write ", message.GetTypeName(),
                                            " as JSON: ", std::string(status.message())));
  }
  return json;
}

}  // namespace

absl::StatusOr<Bundle> Bundle::Create(const std::string& results_directory, const std::string& name,
                                      absl::Time now) {
  if (absl::Status status = MakeResultsDirectory(results_directory); !status.ok()) return status;
  absl::StatusOr<std::string> path =
      MakeUniqueDirectory(absl::StrCat(results_directory, "/", name, "-", UtcStamp(now)));
  if (!path.ok()) return path.status();
  const std::string logs = absl::StrCat(*path, "/", kLogsDirectory);
  if (mkdir(logs.c_str(), 0755) != 0) return FileError("create the directory", logs, errno);
  auto intervals = RecordWriter::Create(absl::StrCat(*path, "/", kIntervalsFile));
  if (!intervals.ok()) return intervals.status();
  auto scrapes = RecordWriter::Create(absl::StrCat(*path, "/", kScrapesFile));
  if (!scrapes.ok()) return scrapes.status();
  auto runs = RecordWriter::Create(absl::StrCat(*path, "/", kRunsFile));
  if (!runs.ok()) return runs.status();
  for (const std::string& directory : {*path, results_directory}) {
    if (absl::Status status = SyncDirectory(directory); !status.ok()) return status;
  }
  return Bundle(*std::move(path), *std::move(intervals), *std::move(scrapes), *std::move(runs));
}

absl::StatusOr<Bundle> Bundle::Reopen(const std::string& path) {
  auto intervals = RecordWriter::Reopen(absl::StrCat(path, "/", kIntervalsFile));
  if (!intervals.ok()) return intervals.status();
  auto scrapes = RecordWriter::Reopen(absl::StrCat(path, "/", kScrapesFile));
  if (!scrapes.ok()) return scrapes.status();
  auto runs = RecordWriter::Reopen(absl::StrCat(path, "/", kRunsFile));
  if (!runs.ok()) return runs.status();
  return Bundle(path, *std::move(intervals), *std::move(scrapes), *std::move(runs));
}

absl::Status Bundle::WriteFile(const std::string& file_name, absl::string_view bytes) {
  if (file_name.empty() || file_name.find('/') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot write '", file_name, "' into a bundle: not a plain file name"));
  }
  return WriteFileAtomically(absl::StrCat(path_, "/", file_name), bytes);
}

absl::Status Bundle::WriteScenario(absl::string_view text) {
  return WriteFile(kScenarioFile, text);
}

absl::Status Bundle::WriteScenarioMessage(const proto::Scenario& scenario) {
  absl::StatusOr<std::string> json = ToJson(scenario);
  return json.ok() ? WriteFile(kScenarioMessageFile, *json) : json.status();
}

absl::Status Bundle::WritePlan(const proto::Plan& plan) {
  absl::StatusOr<std::string> json = ToJson(plan);
  return json.ok() ? WriteFile(kPlanFile, *json) : json.status();
}

absl::Status Bundle::WritePreflight(const proto::Preflight& preflight) {
  absl::StatusOr<std::string> json = ToJson(preflight);
  return json.ok() ? WriteFile(kPreflightFile, *json) : json.status();
}

absl::Status Bundle::WriteEnvironment(const proto::Environment& environment) {
  absl::StatusOr<std::string> json = ToJson(environment);
  return json.ok() ? WriteFile(kEnvironmentFile, *json) : json.status();
}

absl::Status Bundle::WriteReport(absl::string_view json) { return WriteFile(kReportFile, json); }

absl::Status Bundle::AppendInterval(const proto::Interval& interval) {
  return intervals_.AppendRecord(interval.SerializeAsString());
}

absl::Status Bundle::AppendScrape(const proto::Scrape& scrape) {
  return scrapes_.AppendRecord(scrape.SerializeAsString());
}

absl::Status Bundle::AppendRunRecord(const proto::RunRecord& record) {
  return runs_.AppendRecord(record.SerializeAsString());
}

absl::Status Bundle::Sync() {
  absl::Status status = intervals_.Sync();
  status.Update(scrapes_.Sync());
  status.Update(runs_.Sync());
  return status;
}

std::string Bundle::LogPath(absl::string_view name) const {
  return absl::StrCat(path_, "/", kLogsDirectory, "/", name, ".log");
}

}  // namespace drumline
