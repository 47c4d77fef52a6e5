// The report at the end of a campaign, for a terminal of 80 to 100 columns.
//
//     std::cout << ReportToText(report, bundle.path(), TerminalColumns(stdout).value_or(100));
//
// Every number has its unit beside it; a quantile that is only a lower bound has "≥" before it; the
// ledger stands as the two equations that it is. UTF-8, ends in a newline. Pure.
#ifndef CONTROLLER_REPORT_REPORT_TEXT_H_
#define CONTROLLER_REPORT_REPORT_TEXT_H_

#include <cstddef>
#include <string>

#include "proto/report.pb.h"

namespace drumline {

// A report is as wide as the terminal within these limits: below the one its columns would touch,
// beyond the other the eye loses the line.
inline constexpr size_t kNarrowestReport = 80;
inline constexpr size_t kWidestReport = 100;

// `bundle_path` is named at the end; may be empty. It, and names that are long by themselves, may
// go beyond the width.
std::string ReportToText(const proto::Report& report, const std::string& bundle_path,
                         size_t columns = kWidestReport);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_REPORT_TEXT_H_
