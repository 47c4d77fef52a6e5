// `controller environment FILE [--json]`: says what is wrong with an environment, or what it is.
#ifndef CONTROLLER_ENVIRONMENT_COMMAND_H_
#define CONTROLLER_ENVIRONMENT_COMMAND_H_

#include "controller/cli.h"

namespace drumline {

// Prints for a person, or with --json for a program: the whole environment as JSON, with the names
// of environment.proto. Returns the program's exit code.
int EnvironmentCommand(const CommandLine& line);

}  // namespace drumline

#endif  // CONTROLLER_ENVIRONMENT_COMMAND_H_
