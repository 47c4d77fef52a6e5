// `controller compare BASELINE CONTENDER`: two bundles or report.json files, side by side.
#ifndef CONTROLLER_COMPARE_COMMAND_H_
#define CONTROLLER_COMPARE_COMMAND_H_

#include "controller/cli.h"

namespace drumline {

// Prints the comparison and returns the exit code: see controller/report/baseline.h; 2 if a side is
// neither a bundle nor a report, or the two have nothing in common. A bundle's report is built from
// what it holds, and nothing is written.
int CompareCommand(const CommandLine& line);

}  // namespace drumline

#endif  // CONTROLLER_COMPARE_COMMAND_H_
