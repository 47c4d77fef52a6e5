// Calibrations for a terminal: what each agent can do at most and adds by itself.
//
//     std::cout << CalibrationTable(report.calibration(), 100) << CoresWords(report.calibration());
//
// Pure functions.
#ifndef CONTROLLER_REPORT_CALIBRATION_TEXT_H_
#define CONTROLLER_REPORT_CALIBRATION_TEXT_H_

#include <google/protobuf/repeated_field.h>

#include <cstddef>
#include <string>

#include "proto/preflight.pb.h"

namespace drumline {

// A row for each; empty if there are none.
std::string CalibrationTable(
    const google::protobuf::RepeatedPtrField<proto::AgentCalibration>& agents, size_t columns);

// Whether workers and null services had a core each, host by host, and what follows from it. Whole
// lines.
std::string CoresWords(const google::protobuf::RepeatedPtrField<proto::AgentCalibration>& agents,
                       size_t columns);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_CALIBRATION_TEXT_H_
