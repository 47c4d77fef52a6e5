// What the controller's commands do. Each prints for the person at the terminal and returns the
// program's exit code.
#ifndef CONTROLLER_COMMANDS_H_
#define CONTROLLER_COMMANDS_H_

#include "controller/cli.h"

namespace drumline {

int RunCommand(const CommandLine& line);

}  // namespace drumline

#endif  // CONTROLLER_COMMANDS_H_
