// The commands that write something for other programs or for a start: export, init, completion.
// Each returns the program's exit code.
#ifndef CONTROLLER_WRITE_COMMANDS_H_
#define CONTROLLER_WRITE_COMMANDS_H_

#include "controller/cli.h"

namespace drumline {

// A bundle's intervals as a table.
int ExportCommand(const CommandLine& line);
// A scenario to start from; a file that is there already is not touched.
int InitCommand(const CommandLine& line);
int CompletionCommand(const CommandLine& line);

}  // namespace drumline

#endif  // CONTROLLER_WRITE_COMMANDS_H_
