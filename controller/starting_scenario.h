// The scenario that `controller init` writes: one to start from, with every line explained. It is
// right as it stands: `controller run scenario.yaml` carries it out on this machine.
#ifndef CONTROLLER_STARTING_SCENARIO_H_
#define CONTROLLER_STARTING_SCENARIO_H_

#include <string>

namespace drumline {

std::string StartingScenario();

}  // namespace drumline

#endif  // CONTROLLER_STARTING_SCENARIO_H_
