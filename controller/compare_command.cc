#include "controller/compare_command.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/bundle/posix_file.h"
#include "controller/campaign/rebuild.h"
#include "controller/format/terminal.h"
#include "controller/refusal.h"
#include "controller/report/baseline.h"
#include "controller/report/noise_floor.h"
#include "controller/report/report_json.h"
#include "controller/report/report_text.h"

namespace drumline {
namespace {

constexpr int64_t kMaxReportBytes = int64_t{256} << 20;

absl::StatusOr<proto::Report> ReadEither(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return ReadReport(path);
  const absl::StatusOr<std::string> json = ReadWholeFile(path, kMaxReportBytes);
  if (!json.ok()) return json.status();
  absl::StatusOr<proto::Report> report = ReportFromJson(*json);
  // Fields that are not known are ignored, so that much else can be read as an empty report.
  if (!report.ok() || report->schema_version() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is neither a bundle nor a report.json",
                     report.ok() ? "" : ": " + std::string(report.status().message())));
  }
  return report;
}

// The floor that `controller aa` keeps lies among the bundles. A bundle, or the report.json in one,
// is taken for one of them.
std::string FloorBeside(const std::string& path) {
  std::error_code error;
  std::filesystem::path bundle = std::filesystem::absolute(path, error).lexically_normal();
  if (error) return "";
  // Of "results/x/" the last part is empty.
  if (bundle.filename().empty()) bundle = bundle.parent_path();
  if (!std::filesystem::is_directory(bundle, error)) bundle = bundle.parent_path();
  std::string floor = (bundle.parent_path() / kNoiseFloorFile).string();
  return std::filesystem::exists(floor, error) ? floor : "";
}

// The contender's fleet's, or else the baseline's; nothing where none was kept.
absl::StatusOr<std::optional<proto::NoiseFloor>> ReadFloor(const CommandLine& line) {
  std::string path = FloorBeside(line.contender);
  if (path.empty()) path = FloorBeside(line.subject);
  if (path.empty()) return std::nullopt;
  const absl::StatusOr<std::string> json = ReadWholeFile(path, kMaxNoiseFloorBytes);
  if (!json.ok()) return json.status();
  absl::StatusOr<proto::NoiseFloor> floor = NoiseFloorFromJson(*json);
  if (floor.ok()) return *std::move(floor);
  return absl::InvalidArgumentError(absl::StrCat(path, " ", std::string(floor.status().message())));
}

}  // namespace

int CompareCommand(const CommandLine& line) {
  const absl::StatusOr<proto::Report> baseline = ReadEither(line.subject);
  if (!baseline.ok()) return Refuse(baseline.status(), kExitWrongInput);
  const absl::StatusOr<proto::Report> contender = ReadEither(line.contender);
  if (!contender.ok()) return Refuse(contender.status(), kExitWrongInput);
  const absl::StatusOr<std::optional<proto::NoiseFloor>> floor = ReadFloor(line);
  if (!floor.ok()) return Refuse(floor.status(), kExitWrongInput);
  const absl::StatusOr<BaselineComparison> compared = CompareReports(
      *baseline, *contender, line.tolerance, floor->has_value() ? &**floor : nullptr);
  if (!compared.ok()) return Refuse(compared.status(), kExitWrongInput);
  const size_t columns = TerminalColumns(stdout).value_or(kWidestReport);
  std::fputs(BaselineToText(*compared, line.subject, line.contender, columns).c_str(), stdout);
  return ExitCodeFor(*compared);
}

}  // namespace drumline
