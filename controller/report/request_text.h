// The table of single requests in a report for a terminal.
//
//     text += RequestsText(run);
//
//       request     sent  not ok     p50     p99   p99.9     max
//       list       7,000       0  181 µs  420 µs  712 µs  1.3 ms
//       checkout   3,000       2  1.2 ms  4.8 ms  9.1 ms   12 ms
//
// Times are response times. Empty where the run has but one request. Pure.
#ifndef CONTROLLER_REPORT_REQUEST_TEXT_H_
#define CONTROLLER_REPORT_REQUEST_TEXT_H_

#include <string>

#include "proto/report.pb.h"

namespace drumline {

std::string RequestsText(const proto::RunReport& run);

// The response times of the request that the bound names, or of all.
const proto::TimeSummary& TimesOf(const proto::RunReport& run, const proto::SloResult& slo);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_REQUEST_TEXT_H_
