// The page of a bundle: report.html, from what the bundle holds.
//
//     absl::Status status = WriteReportPage("results/echo-100k-20260711T093000Z", report);
//     WriteOverlayPage({path_a, report_a}, {path_b, report_b});     // overlay.html in the first
//
// Intervals are read one by one and kept as columns (see run_timeline.h). Where a file is damaged,
// the charts show what comes before the damage; the report, which is given, names it.
#ifndef CONTROLLER_PAGE_BUNDLE_PAGE_H_
#define CONTROLLER_PAGE_BUNDLE_PAGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/report.pb.h"

namespace drumline {

// The names within a bundle.
inline constexpr char kReportPageFile[] = "report.html";
inline constexpr char kOverlayPageFile[] = "overlay.html";

struct ReportedBundle {
  std::string path;
  proto::Report report;
};

absl::Status WriteReportPage(const std::string& bundle_path, const proto::Report& report);

// The page of the first bundle with the second one's charts drawn over it. Returns its path.
absl::StatusOr<std::string> WriteOverlayPage(const ReportedBundle& bundle,
                                             const ReportedBundle& over);

}  // namespace drumline

#endif  // CONTROLLER_PAGE_BUNDLE_PAGE_H_
