// The report at the end of a campaign, for a terminal of 100 columns.
//
//     std::cout << ReportToText(report, bundle.path());
//
// Every number has its unit beside it; a quantile that is only a lower bound has "≥" before it; the
// ledger stands as the two equations that it is. UTF-8, ends in a newline. Pure.
#ifndef CONTROLLER_REPORT_REPORT_TEXT_H_
#define CONTROLLER_REPORT_REPORT_TEXT_H_

#include <string>

#include "proto/report.pb.h"

namespace drumline {

// `bundle_path` is named at the end; may be empty.
std::string ReportToText(const proto::Report& report, const std::string& bundle_path);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_REPORT_TEXT_H_
