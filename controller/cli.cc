#include "controller/cli.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "controller/help_text.h"
#include "controller/scenario/suggestion.h"

namespace drumline {
namespace {

constexpr double kMostTolerance = 1'000;
constexpr char kHelpFlag[] = "help";

// Every refusal says where the right words are.
absl::Status Refuse(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(why, "; see controller --help"));
}

// Empty if no command is near enough to be meant.
std::string NearestCommand(const std::string& word) {
  constexpr size_t kLeastToMisspell = 3;
  std::vector<absl::string_view> names;
  for (const CommandRow& row : CommandRows()) {
    // Any short name of a file is near to a short command.
    if (row.name.size() < kLeastToMisspell) continue;
    names.emplace_back(row.name.data(), row.name.size());
  }
  return std::string(NearestWord(word, names));
}

// A word in the place of a command that is a misspelt one rather than the name of a file: those
// have a directory or an ending.
bool IsMisspeltCommand(const std::string& word) {
  return word.find_first_of("./") == std::string::npos && !NearestCommand(word).empty();
}

// "there is no command `valdiate`; did you mean `validate`?", without what was meant where no
// command is near.
absl::Status NoSuchCommand(const std::string& word) {
  const std::string nearest = NearestCommand(word);
  return Refuse(
      absl::StrCat("there is no command `", word, "`",
                   nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?")));
}

absl::Status NoSuchFlag(const std::string& written) {
  std::vector<absl::string_view> names = {kHelpFlag};
  for (const FlagRow& row : FlagRows()) names.emplace_back(row.name.data(), row.name.size());
  const std::string bare = written.substr(std::min(written.find_first_not_of('-'), written.size()));
  const absl::string_view nearest =
      bare.size() < 2 ? absl::string_view() : NearestWord(bare, names);
  return Refuse(
      absl::StrCat("there is no flag `", written, "`",
                   nearest.empty() ? "" : absl::StrCat("; did you mean `--", nearest, "`?")));
}

struct Given {
  std::vector<std::string> words;
  std::map<std::string, std::string, std::less<>> flags;
  bool help = false;
};

// The flag that `argument` is, and its value, which may be the argument after it: then `*at` is
// moved on to that one.
absl::Status TakeFlag(const std::string& argument, const std::vector<std::string>& arguments,
                      size_t* at, Given* given) {
  if (argument == "--help" || argument == "-h") {
    given->help = true;
    return absl::OkStatus();
  }
  const size_t equals = argument.find('=');
  const std::string written = argument.substr(0, equals);
  const FlagRow* row = written.starts_with("--") ? FindFlag(written.substr(2)) : nullptr;
  if (row == nullptr) return NoSuchFlag(written);
  std::string value;
  if (row->value.empty()) {
    if (equals != std::string::npos) return Refuse(absl::StrCat(written, " takes no value"));
  } else if (equals != std::string::npos) {
    value = argument.substr(equals + 1);
  } else if (*at + 1 < arguments.size() && !arguments[*at + 1].starts_with("--")) {
    value = arguments[++*at];
  }
  if (!row->value.empty() && value.empty()) {
    return Refuse(absl::StrCat(written, " needs a value: ", written, " ", std::string(row->value)));
  }
  if (!given->flags.emplace(row->name, value).second) {
    return Refuse(absl::StrCat(written, " was given twice"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Given> Split(const std::vector<std::string>& arguments) {
  Given given;
  bool operands_only = false;
  for (size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if (operands_only || argument.size() < 2 || argument.front() != '-') {
      given.words.push_back(argument);
    } else if (argument == "--") {
      operands_only = true;
    } else if (absl::Status status = TakeFlag(argument, arguments, &at, &given); !status.ok()) {
      return status;
    }
  }
  return given;
}

// "`run` and `aa` alone"
std::string CommandsWith(std::string_view flag) {
  std::vector<std::string> names;
  for (const CommandRow& row : CommandRows()) {
    if (TakesFlag(row, flag)) names.push_back(absl::StrCat("`", std::string(row.name), "`"));
  }
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : absl::StrCat(absl::StrJoin(names, ", "), " and ", last);
}

// "5%" as 0.05. A bare number could be either.
absl::StatusOr<double> ParseTolerance(absl::string_view text) {
  double per_cent = 0;
  if (!absl::ConsumeSuffix(&text, "%") || !absl::SimpleAtod(text, &per_cent) ||
      !(per_cent >= 0 && per_cent < kMostTolerance)) {
    return Refuse("--tolerance needs per cent from 0% to below 1000%, for example 5%");
  }
  return per_cent / 100;
}

absl::Status FillFlags(const Given& given, const CommandRow& row, CommandLine* line) {
  for (const auto& [name, value] : given.flags) {
    if (TakesFlag(row, name)) continue;
    return Refuse(absl::StrCat("--", name, " belongs to ", CommandsWith(name), " alone"));
  }
  line->flags = given.flags;
  line->results_directory = line->Flag("results", "results");
  if (!line->HasFlag("tolerance")) return absl::OkStatus();
  const absl::StatusOr<double> tolerance = ParseTolerance(line->Flag("tolerance", ""));
  if (tolerance.ok()) line->tolerance = *tolerance;
  return tolerance.status();
}

// The words after the command, as many as its row has operands.
absl::Status FillOperands(const CommandRow& row, const std::vector<std::string>& words,
                          CommandLine* line) {
  const std::vector<std::string> operands = WordsOf(row.operands);
  size_t needed = 0;
  for (const std::string& operand : operands) needed += IsOptional(operand) ? 0 : 1;
  const std::string wanted = absl::StrJoin(operands, " and ");
  const bool empty_word = std::find(words.begin(), words.end(), "") != words.end();
  if (words.size() < needed || empty_word) {
    return Refuse(operands.size() == 1 ? absl::StrCat("no ", wanted, " was given")
                                       : absl::StrCat(wanted, " are expected"));
  }
  if (words.size() > operands.size()) {
    const std::string expected = operands.empty() ? "nothing is expected"
                                 : operands.size() == 1
                                     ? absl::StrCat("one ", wanted, " is expected")
                                     : absl::StrCat(wanted, " are expected");
    return Refuse(absl::StrCat(expected, ", but `", words[operands.size()], "` was given too"));
  }
  line->operands = words;
  if (!words.empty()) line->subject = words[0];
  if (words.size() > 1) line->contender = words[1];
  return absl::OkStatus();
}

CommandLine Help(const CommandRow* row) {
  CommandLine line;
  line.command = CommandId::kHelp;
  line.help_text = HelpText(row);
  return line;
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  absl::StatusOr<Given> given = Split({argv + std::min(argc, 1), argv + argc});
  if (!given.ok()) return given.status();
  std::vector<std::string> words = given->words;
  const CommandRow* row = words.empty() ? nullptr : FindCommand(words.front());
  if (given->help) return Help(row);
  if (row != nullptr && row->command == CommandId::kHelp) {
    if (words.size() == 1) return Help(nullptr);
    if (FindCommand(words[1]) == nullptr) return NoSuchCommand(words[1]);
    return Help(FindCommand(words[1]));
  }
  if (row != nullptr) {
    words.erase(words.begin());
  } else if (!words.empty() && IsMisspeltCommand(words.front())) {
    return NoSuchCommand(words.front());
  } else {
    row = FindCommand("run");
  }
  CommandLine line;
  line.command = row->command;
  absl::Status status = FillOperands(*row, words, &line);
  status.Update(FillFlags(*given, *row, &line));
  if (!status.ok()) return status;
  return line;
}

}  // namespace drumline
