#include "controller/bundle/bundle_reader.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/bundle/bundle.h"
#include "controller/bundle/posix_file.h"
#include "controller/bundle/record_file.h"

namespace drumline {
namespace {

absl::StatusOr<std::string> ReadPart(const std::string& bundle, const std::string& file_name) {
  absl::StatusOr<std::string> text =
      ReadWholeFile(absl::StrCat(bundle, "/", file_name), BundleReader::kMaxFileBytes);
  if (text.ok() || !absl::IsNotFound(text.status())) return text;
  return absl::NotFoundError(
      absl::StrCat(bundle, " is not a bundle: it has no ", file_name,
                   "; name a directory that a campaign made, for example results/NAME-TIME"));
}

absl::Status ParsePart(const std::string& bundle, const std::string& file_name,
                       google::protobuf::Message* message) {
  absl::StatusOr<std::string> json = ReadPart(bundle, file_name);
  if (!json.ok()) return json.status();
  const auto status = google::protobuf::util::JsonStringToMessage(*json, message);
  if (status.ok()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("cannot understand ", bundle, "/", file_name, ": ",
                                          std::string(status.message()),
                                          "; was it edited, or written by another version?"));
}

template <typename Message>
absl::StatusOr<BundleReader::End> ForEachRecord(
    const std::string& bundle, const std::string& file_name,
    const std::function<absl::Status(const Message&)>& visit) {
  absl::StatusOr<RecordReader> reader = RecordReader::Open(absl::StrCat(bundle, "/", file_name));
  if (!reader.ok()) return reader.status();
  BundleReader::End end;
  std::string record;
  Message message;
  while (true) {
    const absl::StatusOr<bool> more = reader->Next(&record);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (!message.ParseFromString(record)) {
      end.damage = absl::StrCat(file_name, ", record ", end.records + 1, ": not a ",
                                message.GetTypeName(), "; was it written by another version?");
      return end;
    }
    if (absl::Status status = visit(message); !status.ok()) return status;
    ++end.records;
  }
  if (reader->damage()) {
    end.damage = absl::StrCat(file_name, ", byte ", reader->damage()->at_byte, ": ",
                              reader->damage()->reason, "; the ", end.records,
                              " records before it are intact");
  }
  return end;
}

}  // namespace

absl::StatusOr<BundleReader> BundleReader::Open(const std::string& path) {
  BundleReader reader;
  reader.path_ = path;
  absl::StatusOr<std::string> scenario = ReadPart(path, kScenarioFile);
  if (!scenario.ok()) return scenario.status();
  reader.scenario_ = *std::move(scenario);
  if (absl::Status status = ParsePart(path, kPlanFile, &reader.plan_); !status.ok()) return status;
  absl::Status environment = ParsePart(path, kEnvironmentFile, &reader.environment_);
  if (!environment.ok() && !absl::IsNotFound(environment)) return environment;
  absl::Status preflight = ParsePart(path, kPreflightFile, &reader.preflight_);
  if (!preflight.ok() && !absl::IsNotFound(preflight)) return preflight;
  return reader;
}

absl::StatusOr<proto::Scenario> BundleReader::ReadScenarioMessage() const {
  proto::Scenario scenario;
  absl::Status status = ParsePart(path_, kScenarioMessageFile, &scenario);
  if (absl::IsNotFound(status)) {
    return absl::FailedPreconditionError(absl::StrCat(path_, " cannot be resumed: it has no ",
                                                      kScenarioMessageFile,
                                                      "; was it written by an older version?"));
  }
  if (!status.ok()) return status;
  return scenario;
}

absl::StatusOr<BundleReader::End> BundleReader::ForEachInterval(
    const std::function<absl::Status(const proto::Interval&)>& visit) const {
  return ForEachRecord<proto::Interval>(path_, kIntervalsFile, visit);
}

absl::StatusOr<BundleReader::End> BundleReader::ForEachScrape(
    const std::function<absl::Status(const proto::Scrape&)>& visit) const {
  return ForEachRecord<proto::Scrape>(path_, kScrapesFile, visit);
}

absl::StatusOr<BundleReader::End> BundleReader::ForEachRunRecord(
    const std::function<absl::Status(const proto::RunRecord&)>& visit) const {
  return ForEachRecord<proto::RunRecord>(path_, kRunsFile, visit);
}

}  // namespace drumline
