// What a search found, and why repeats were stopped, for a terminal.
//
//     std::cout << CapacityText(report, 100) << StoppingText(report, 100);
//
// Empty where the report has none. Pure.
#ifndef CONTROLLER_REPORT_CAPACITY_TEXT_H_
#define CONTROLLER_REPORT_CAPACITY_TEXT_H_

#include <cstddef>
#include <string>

#include "proto/report.pb.h"

namespace drumline {

// For each target its knee, then a line for each rate that was run, in ascending order.
std::string CapacityText(const proto::Report& report, size_t width);

std::string StoppingText(const proto::Report& report, size_t width);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_CAPACITY_TEXT_H_
