#include "controller/report_command.h"

#include <cstddef>
#include <cstdio>
#include <string>

#include "absl/status/statusor.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
#include "controller/campaign/rebuild.h"
#include "controller/export/latency_log.h"
#include "controller/format/terminal.h"
#include "controller/page/bundle_page.h"
#include "controller/refusal.h"
#include "controller/report/junit.h"
#include "controller/report/report_text.h"
#include "controller/report/verdict.h"

namespace drumline {

int ExitCodeOfBundle(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return kExitWrongInput;
    default:
      return kExitUnusable;
  }
}

int PrintReport(const proto::Report& report, const std::string& bundle_path) {
  const size_t columns = TerminalColumns(stdout).value_or(kWidestReport);
  std::fputs(ReportToText(report, bundle_path, columns).c_str(), stdout);
  return ExitCodeFor(report.verdict());
}

void WriteLog(const std::string& bundle_path) {
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(bundle_path);
  const absl::Status status = reader.ok() ? WriteLatencyLog(*reader) : reader.status();
  if (!status.ok()) PrintError(status);
}

bool WriteJunit(const CommandLine& line, const proto::Report& report) {
  if (!line.HasFlag("junit")) return true;
  const absl::Status status = WriteFileAtomically(line.Flag("junit", ""), ReportToJunit(report));
  if (!status.ok()) PrintError(status);
  return status.ok();
}

int ReportCommand(const CommandLine& line, const std::string& bundle_path) {
  const absl::StatusOr<proto::Report> report = RebuildReport(bundle_path);
  if (!report.ok()) return Refuse(report.status(), ExitCodeOfBundle(report.status()));
  if (!WriteJunit(line, *report)) return kExitUnusable;
  if (const std::string other = line.Flag("overlay", ""); !other.empty()) {
    const absl::StatusOr<proto::Report> over = ReadReport(other);
    if (!over.ok()) return Refuse(over.status(), ExitCodeOfBundle(over.status()));
    const absl::StatusOr<std::string> page =
        WriteOverlayPage({bundle_path, *report}, {other, *over});
    if (!page.ok()) return Refuse(page.status(), ExitCodeOfBundle(page.status()));
    std::fprintf(stderr, "controller: both stand in %s\n", page->c_str());
  }
  WriteLog(bundle_path);
  return PrintReport(*report, bundle_path);
}

}  // namespace drumline
