// The name of a target service, as a scenario has it and as its program is called.
//
//     ServiceName(proto::SERVICE_ECHO);   // "echo"
#ifndef CONTROLLER_SCENARIO_SERVICE_NAME_H_
#define CONTROLLER_SCENARIO_SERVICE_NAME_H_

#include <string>

#include "proto/scenario.pb.h"

namespace drumline {

std::string ServiceName(proto::Service service);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SERVICE_NAME_H_
