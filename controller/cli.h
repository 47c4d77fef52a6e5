// The controller's command line, read against the table of commands (controller/command_table.h).
//
//     controller scenario.yaml                   carries the scenario out
//     controller validate scenario.yaml          says what is wrong with it
//     controller report results/NAME-TIME        builds a bundle's report again
//     controller help                            lists the others
//
//     absl::StatusOr<CommandLine> line = ParseCommandLine(argc, argv);
//     line->subject;  line->Flag("results", "results");
//
// Flags stand anywhere, as `--flag VALUE` or `--flag=VALUE`, and by their whole names: a script
// must not break when a flag is added. After `--` everything is an operand. Pure functions.
#ifndef CONTROLLER_CLI_H_
#define CONTROLLER_CLI_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/command_table.h"

namespace drumline {

struct CommandLine {
  using Command = CommandId;

  Command command = Command::kRun;
  // What the command was given: as many words as its row asks for.
  std::vector<std::string> operands;
  // The first of them, empty if there is none: the scenario or the bundle; for kCompare the
  // baseline.
  std::string subject;
  // The second, for kCompare.
  std::string contender;
  // By their names, without dashes; a switch has an empty value.
  std::map<std::string, std::string, std::less<>> flags;
  // For kCompare: the change for the worse that is borne, as a fraction of 1.
  double tolerance = 0;
  // Where bundles go.
  std::string results_directory = "results";
  // For kHelp.
  std::string help_text;

  bool HasFlag(std::string_view name) const { return flags.find(name) != flags.end(); }
  std::string Flag(std::string_view name, std::string_view otherwise) const {
    const auto found = flags.find(name);
    return std::string(found == flags.end() ? otherwise : std::string_view(found->second));
  }
};

// InvalidArgument, in words for the person at the terminal, if the line is wrong.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace drumline

#endif  // CONTROLLER_CLI_H_
