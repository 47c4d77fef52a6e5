// The controller's command line.
//
//     controller scenario.yaml                   carries the scenario out
//     controller validate scenario.yaml          says what is wrong with it
//     controller plan scenario.yaml              shows what would be sent
//     controller report results/NAME-TIME        builds a bundle's report again
//     controller compare results/A results/B     compares two bundles or report.json files
//     controller aa scenario.yaml                compares a target with itself
#ifndef CONTROLLER_CLI_H_
#define CONTROLLER_CLI_H_

#include <string>

#include "absl/status/statusor.h"

namespace drumline {

struct CommandLine {
  enum class Command { kRun, kValidate, kPlan, kReport, kCompare, kAa, kHelp };

  Command command = Command::kRun;
  // The scenario or the bundle; for kCompare the baseline.
  std::string subject;
  // For kCompare.
  std::string contender;
  // For kCompare: the change for the worse that is borne, as a fraction of 1.
  double tolerance = 0;
  // Where bundles go.
  std::string results_directory = "results";
  // For kHelp.
  std::string help_text;
};

// InvalidArgument, in words for the person at the terminal, if the line is wrong.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace drumline

#endif  // CONTROLLER_CLI_H_
