// `controller certs init DIR`: an authority, a certificate for the controller and one for each
// agent (see controller/certs/certs_directory.h).
#ifndef CONTROLLER_CERTS_COMMAND_H_
#define CONTROLLER_CERTS_COMMAND_H_

#include "controller/cli.h"

namespace drumline {

// Prints what was made and how it is used. Returns the program's exit code.
int CertsCommand(const CommandLine& line);

}  // namespace drumline

#endif  // CONTROLLER_CERTS_COMMAND_H_
