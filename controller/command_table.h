// The controller's commands and flags: one table, from which the command line is read, `--help` is
// printed, a mistyped word is told its nearest neighbour, and the shells complete.
//
//     for (const CommandRow& row : CommandRows()) …
//
// A new command is an enumerator of CommandId, a row of kCommandRows in command_table.cc and a case
// in controller/commands.cc. A new flag is a row of kFlagRows and its name among the `flags` of the
// commands that take it; what was given is in CommandLine::flags.
//
// Constants; safe from any thread.
#ifndef CONTROLLER_COMMAND_TABLE_H_
#define CONTROLLER_COMMAND_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace drumline {

enum class CommandId {
  kRun,
  kValidate,
  kPlan,
  kReport,
  kResume,
  kCompare,
  kAa,
  kCheck,
  kCalibrate,
  kCerts,
  kUi,
  kInit,
  kExport,
  kCompletion,
  kEnvironment,
  kHelp,
};

struct FlagRow {
  // Without the dashes.
  std::string_view name;
  // What follows it, as --help shows it: DIR, FILE, HOST:PORT. Empty for a switch. DIR and FILE are
  // completed as such.
  std::string_view value;
  // Half a sentence; it is wrapped.
  std::string_view help;
};

struct CommandRow {
  std::string_view name;
  CommandId command;
  // What the command is given, word by word: "SCENARIO", "BASELINE CONTENDER", "[FILE]" where it
  // may be left out, "bash|zsh|fish" where it is one of these. SCENARIO, BUNDLE, DIR and FILE are
  // completed as such.
  std::string_view operands;
  // Names of flags, between blanks.
  std::string_view flags;
  // For the overview: as many letters as fit into the line beside the name.
  std::string_view summary;
  // Paragraphs with an empty line between them; they are wrapped. With its flags and the exit codes
  // the whole fits a screen of 80 × 24, and a test says so.
  std::string_view text;
};

absl::Span<const CommandRow> CommandRows();
absl::Span<const FlagRow> FlagRows();

// Null if there is none of that name.
const CommandRow* FindCommand(std::string_view name);
const FlagRow* FindFlag(std::string_view name);

// The words of a cell of the table.
std::vector<std::string> WordsOf(std::string_view cell);
bool TakesFlag(const CommandRow& row, std::string_view flag);
// `[FILE]`: may be left out.
bool IsOptional(std::string_view operand);

}  // namespace drumline

#endif  // CONTROLLER_COMMAND_TABLE_H_
