// The controller's command line.
//
//     controller scenario.yaml                   carries the scenario out
//     controller validate scenario.yaml          says what is wrong with it
//     controller plan scenario.yaml              shows what would be sent
//     controller report results/NAME-TIME        builds a bundle's report again
#ifndef CONTROLLER_CLI_H_
#define CONTROLLER_CLI_H_

#include <string>

#include "absl/status/statusor.h"

namespace drumline {

struct CommandLine {
  enum class Command { kRun, kValidate, kPlan, kReport, kHelp };

  Command command = Command::kRun;
  // The scenario or the bundle.
  std::string subject;
  // Where bundles go.
  std::string results_directory = "results";
  // For kHelp.
  std::string help_text;
};

// InvalidArgument, in words for the person at the terminal, if the line is wrong.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace drumline

#endif  // CONTROLLER_CLI_H_
