#include "controller/help_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/format/columns.h"

namespace drumline {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kIndent = 2;
// The widest name of a flag or a command with its operands that still has its words beside it.
constexpr size_t kMaxName = 28;

constexpr char kExitCodes[] =
    "Exit codes: 0 valid and every SLO met, 1 an SLO failed or a regression, 2 wrong\n"
    "input, 3 INVALID, 4 INCONCLUSIVE or stopped, 5 the cluster could not be used.\n";

// In lines of at most kWidth; those after the first begin after `indent` blanks.
std::string Filled(absl::string_view text, size_t indent) {
  std::string filled;
  size_t column = indent;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!filled.empty() && column + 1 + DisplayWidth(word) > kWidth) {
      absl::StrAppend(&filled, "\n", std::string(indent, ' '));
      column = indent;
    } else if (!filled.empty()) {
      filled += ' ';
      ++column;
    }
    absl::StrAppend(&filled, word);
    column += DisplayWidth(word);
  }
  return filled;
}

struct Entry {
  std::string name;
  std::string_view help;
};

// The names in one column, what they mean in another.
std::string Entries(const std::vector<Entry>& entries) {
  size_t widest = 0;
  for (const Entry& entry : entries) widest = std::max(widest, entry.name.size());
  const size_t column = kIndent + std::min(widest, kMaxName) + 2;
  std::string text;
  for (const Entry& entry : entries) {
    const absl::string_view help(entry.help.data(), entry.help.size());
    absl::StrAppend(&text, std::string(kIndent, ' '), PadRight(entry.name, column - kIndent),
                    Filled(help, column), "\n");
  }
  return text;
}

std::string NameOf(const FlagRow& flag) {
  return absl::StrCat("--", std::string(flag.name), flag.value.empty() ? "" : " ",
                      std::string(flag.value));
}

std::string Overview() {
  std::vector<Entry> commands;
  for (const CommandRow& row : CommandRows()) {
    commands.push_back({std::string(row.name), row.summary});
  }
  return absl::StrCat("Usage: controller [COMMAND] SUBJECT [FLAGS]\n\n", Entries(commands),
                      "\n`controller COMMAND --help` says more, and which flags it takes.\n",
                      kExitCodes);
}

std::string UsageOf(const CommandRow& row) {
  const std::string name(row.name);
  std::string usage = absl::StrCat(
      "Usage: controller ", row.command == CommandId::kRun ? absl::StrCat("[", name, "]") : name);
  if (!row.operands.empty()) absl::StrAppend(&usage, " ", std::string(row.operands));
  const std::vector<std::string> flags = WordsOf(row.flags);
  if (flags.size() == 1) {
    absl::StrAppend(&usage, " [", NameOf(*FindFlag(flags.front())), "]");
  } else if (!flags.empty()) {
    absl::StrAppend(&usage, " [FLAGS]");
  }
  return usage;
}

std::string Details(const CommandRow& row) {
  std::string text = UsageOf(row);
  for (const absl::string_view paragraph :
       absl::StrSplit(absl::string_view(row.text.data(), row.text.size()), "\n\n")) {
    absl::StrAppend(&text, "\n\n", Filled(paragraph, 0));
  }
  std::vector<Entry> flags;
  for (const std::string& name : WordsOf(row.flags)) {
    flags.push_back({NameOf(*FindFlag(name)), FindFlag(name)->help});
  }
  absl::StrAppend(&text, "\n\n", Entries(flags), flags.empty() ? "" : "\n", kExitCodes);
  return text;
}

}  // namespace

std::string HelpText(const CommandRow* row) { return row == nullptr ? Overview() : Details(*row); }

}  // namespace drumline
