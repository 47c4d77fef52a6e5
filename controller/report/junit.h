// A report as JUnit XML, for a CI system to show.
//
//     absl::Status status = WriteFileAtomically(path, ReportToJunit(report));
//
// A run is a test suite. Its cases are its validity and each of its objectives; each comparison and
// each search adds a case to a suite of the campaign's own. FAIL is a failure; INVALID and
// INCONCLUSIVE are errors, since nothing was shown either way. Times are those of the measured
// windows, in seconds. The format is that of Ant's junitreport, which CI systems read. Pure.
#ifndef CONTROLLER_REPORT_JUNIT_H_
#define CONTROLLER_REPORT_JUNIT_H_

#include <string>

#include "proto/report.pb.h"

namespace drumline {

// Beside report.json.
inline constexpr char kJunitFile[] = "junit.xml";

// UTF-8, ends in a newline.
std::string ReportToJunit(const proto::Report& report);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_JUNIT_H_
