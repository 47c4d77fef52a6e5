// How a report says that it is not its scenario's own.
//
//     ScalingWords(report.scaling())   // "scaled: rates, connections and counts × 0.05, …"
//
// Pure.
#ifndef CONTROLLER_REPORT_SCALING_WORDS_H_
#define CONTROLLER_REPORT_SCALING_WORDS_H_

#include <string>

#include "proto/report.pb.h"

namespace drumline {

std::string ScalingWords(const proto::ReportScaling& scaling);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_SCALING_WORDS_H_
