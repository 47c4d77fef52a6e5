#include "controller/completion.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "controller/command_table.h"

namespace drumline {
namespace {

// What may stand in a place of the line.
enum class Kind { kNothing, kFile, kDirectory, kWords };

struct Place {
  Kind kind = Kind::kNothing;
  // For kWords.
  std::vector<std::string> words;
};

// Of an operand or of a flag's value, by its word in the table.
Place PlaceOf(absl::string_view word) {
  if (word.find("COMMAND") != absl::string_view::npos) {
    Place place{Kind::kWords, {}};
    for (const CommandRow& row : CommandRows()) place.words.emplace_back(row.name);
    return place;
  }
  // Words in capitals stand for something; others are meant as they are.
  if (word.find('|') != absl::string_view::npos && absl::ascii_islower(word.front())) {
    return {Kind::kWords, absl::StrSplit(word, '|')};
  }
  for (const absl::string_view name : {"BUNDLE", "DIR"}) {
    if (word.find(name) != absl::string_view::npos) return {Kind::kDirectory, {}};
  }
  for (const absl::string_view name : {"SCENARIO", "FILE", "BASELINE", "CONTENDER"}) {
    if (word.find(name) != absl::string_view::npos) return {Kind::kFile, {}};
  }
  return {};
}

// All operands of a command are of one kind.
Place OperandPlace(const CommandRow& row) {
  return PlaceOf(absl::string_view(row.operands.data(), row.operands.size()));
}

Place ValuePlace(const FlagRow& row) {
  return PlaceOf(absl::string_view(row.value.data(), row.value.size()));
}

std::vector<std::string> FlagWords(const CommandRow& row) {
  std::vector<std::string> words = {"--help"};
  for (const std::string& flag : WordsOf(row.flags)) words.push_back(absl::StrCat("--", flag));
  return words;
}

// ---- bash and zsh: one script but for the way in which words are offered ----

struct Dialect {
  const char* head;
  // The word that is being written, the one before it, and those from the first to the latter.
  const char* word;
  const char* before;
  const char* earlier;
  const char* is_first;
  const char* files;
  const char* directories;
  // In front of words and behind them.
  const char* words_begin;
  const char* words_end;
  const char* tail;
};

constexpr Dialect kBash = {
    "# bash completion of Drumline's controller:  source <(controller completion bash)\n"
    "_drumline_controller() {\n"
    "  local command=run candidate\n"
    "  COMPREPLY=()\n",
    "${COMP_WORDS[COMP_CWORD]}",
    "${COMP_WORDS[COMP_CWORD - 1]}",
    "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"",
    "((COMP_CWORD == 1))",
    "mapfile -t COMPREPLY < <(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\")",
    "mapfile -t COMPREPLY < <(compgen -d -- \"${COMP_WORDS[COMP_CWORD]}\")",
    "mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W '",
    "' -- \"${COMP_WORDS[COMP_CWORD]}\")",
    "complete -o filenames -F _drumline_controller controller\n"};

constexpr Dialect kZsh = {
    "#compdef controller\n"
    "# zsh completion of Drumline's controller:  source <(controller completion zsh)\n"
    "_drumline_controller() {\n"
    "  local command=run candidate\n",
    "${words[CURRENT]}",
    "${words[CURRENT-1]}",
    "${words[2,CURRENT-1]}",
    "((CURRENT == 2))",
    "_files",
    "_files -/",
    "compadd -- ",
    "",
    "compdef _drumline_controller controller\n"};

std::string Offer(const Dialect& dialect, const Place& place) {
  switch (place.kind) {
    case Kind::kFile:
      return dialect.files;
    case Kind::kDirectory:
      return dialect.directories;
    case Kind::kWords:
      return absl::StrCat(dialect.words_begin, absl::StrJoin(place.words, " "), dialect.words_end);
    case Kind::kNothing:
      break;
  }
  return ":";
}

std::string BourneScript(const Dialect& dialect) {
  std::string values;
  for (const FlagRow& flag : FlagRows()) {
    if (flag.value.empty()) continue;
    absl::StrAppend(&values, "    --", std::string(flag.name), ") ",
                    Offer(dialect, ValuePlace(flag)), "; return ;;\n");
  }
  std::string flags;
  std::string operands;
  std::vector<std::string> commands;
  for (const CommandRow& row : CommandRows()) {
    const std::string name(row.name);
    commands.push_back(name);
    absl::StrAppend(&flags, "      ", name, ") ", Offer(dialect, {Kind::kWords, FlagWords(row)}),
                    " ;;\n");
    absl::StrAppend(&operands, "    ", name, ") ", Offer(dialect, OperandPlace(row)), " ;;\n");
  }
  // The first word that is a command is the command; a line without one is a run's.
  return absl::StrCat(dialect.head, "  case ", dialect.before, " in\n", values, "  esac\n",
                      "  for candidate in ", dialect.earlier, "; do\n    case $candidate in ",
                      absl::StrJoin(commands, "|"), ") command=$candidate; break ;; esac\n  done\n",
                      "  if [[ ", dialect.word, " == -* ]]; then\n    case $command in\n", flags,
                      "    esac\n    return\n  fi\n  case $command in\n", operands, "  esac\n  ",
                      dialect.is_first, " && ", Offer(dialect, {Kind::kWords, commands}),
                      "\n  return 0\n}\n", dialect.tail);
}

// ---- fish ----

std::string FishQuoted(std::string_view text) {
  return absl::StrCat("'",
                      absl::StrReplaceAll(absl::string_view(text.data(), text.size()),
                                          {{"\\", "\\\\"}, {"'", "\\'"}}),
                      "'");
}

std::string FishOffer(const Place& place) {
  switch (place.kind) {
    case Kind::kFile:
      return " -F";
    case Kind::kDirectory:
      return " -a '(__fish_complete_directories)'";
    case Kind::kWords:
      return absl::StrCat(" -a ", FishQuoted(absl::StrJoin(place.words, " ")));
    case Kind::kNothing:
      break;
  }
  return "";
}

// What follows a flag: a file, or nothing but what is offered.
std::string FishValue(const FlagRow& flag) {
  if (flag.value.empty()) return "";
  const Place place = ValuePlace(flag);
  return place.kind == Kind::kFile ? " -r -F" : absl::StrCat(" -x", FishOffer(place));
}

std::string FishScript() {
  std::string script =
      "# fish completion of Drumline's controller:  controller completion fish | source\n"
      "complete -c controller -f\n"
      "complete -c controller -l help -d 'Say more and exit'\n"
      "complete -c controller -n __fish_use_subcommand -F\n";
  for (const CommandRow& row : CommandRows()) {
    const std::string name(row.name);
    absl::StrAppend(&script, "complete -c controller -n __fish_use_subcommand -a ", name, " -d ",
                    FishQuoted(row.summary), "\n");
    const std::string seen =
        absl::StrCat("complete -c controller -n '__fish_seen_subcommand_from ", name, "'");
    const std::string operands = FishOffer(OperandPlace(row));
    if (!operands.empty()) absl::StrAppend(&script, seen, operands, "\n");
    for (const std::string& flag : WordsOf(row.flags)) {
      const FlagRow& entry = *FindFlag(flag);
      absl::StrAppend(&script, seen, " -l ", flag, FishValue(entry), " -d ", FishQuoted(entry.help),
                      "\n");
    }
  }
  return script;
}

}  // namespace

absl::StatusOr<std::string> CompletionScript(std::string_view shell) {
  if (shell == "bash") return BourneScript(kBash);
  if (shell == "zsh") return BourneScript(kZsh);
  if (shell == "fish") return FishScript();
  return absl::InvalidArgumentError(absl::StrCat("there is no completion for `", std::string(shell),
                                                 "`, only for bash, zsh and fish"));
}

}  // namespace drumline
