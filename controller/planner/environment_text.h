// An environment in words: its hosts, what they are and what they cost.
//
// Pure functions.
#ifndef CONTROLLER_PLANNER_ENVIRONMENT_TEXT_H_
#define CONTROLLER_PLANNER_ENVIRONMENT_TEXT_H_

#include <string>

#include "proto/environment.pb.h"

namespace drumline {

// A line for each host, by name, between a heading and the price of all of them for an hour.
std::string EnvironmentToText(const proto::EnvironmentFile& environment);

// One line without its end: "aws-c7g: 1 controller, 4 generators, 2 targets; 2.61 USD/h (prices of
// 2026-11-26)". Hosts without a price are counted and named as such.
std::string EnvironmentLine(const proto::EnvironmentFile& environment);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_ENVIRONMENT_TEXT_H_
