// The costs of a report for a terminal: a line each, below it its formula with its inputs and where
// they came from, and what was not computed.
//
//     std::string text = CostText(report, 100);
//
// Pure.
#ifndef CONTROLLER_REPORT_COST_TEXT_H_
#define CONTROLLER_REPORT_COST_TEXT_H_

#include <cstddef>
#include <string>

#include "proto/report.pb.h"

namespace drumline {

// Empty where the scenario has no environment with prices.
std::string CostText(const proto::Report& report, size_t width);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COST_TEXT_H_
