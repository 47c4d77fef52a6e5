// report.json: the report as JSON with the field names of report.proto, zeros included, so that a
// script finds every field it may ask for; and back again.
//
//     absl::StatusOr<std::string> json = ReportToJson(report);
//
// 64-bit counts are strings, as proto3's JSON has them; enumerators are their names. Pure.
#ifndef CONTROLLER_REPORT_REPORT_JSON_H_
#define CONTROLLER_REPORT_REPORT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/report.pb.h"

namespace drumline {

// Ends in a newline. INTERNAL if a string in the report is not UTF-8.
absl::StatusOr<std::string> ReportToJson(const proto::Report& report);

// INVALID_ARGUMENT if it is not such a report. Fields that this version does not know are ignored:
// they may be added.
absl::StatusOr<proto::Report> ReportFromJson(const std::string& json);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_REPORT_JSON_H_
