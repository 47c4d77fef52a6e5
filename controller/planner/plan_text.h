// A plan as people read it: the runs in their order, and what each agent would send.
#ifndef CONTROLLER_PLANNER_PLAN_TEXT_H_
#define CONTROLLER_PLANNER_PLAN_TEXT_H_

#include <string>

#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// Ends in a newline. Pure.
std::string PlanToText(const proto::Plan& plan, const proto::Scenario& scenario);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_PLAN_TEXT_H_
