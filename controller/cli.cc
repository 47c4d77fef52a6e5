#include "controller/cli.h"

#include <array>
#include <boost/program_options.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "controller/scenario/suggestion.h"

namespace drumline {
namespace {

namespace po = boost::program_options;
using Command = CommandLine::Command;

struct Subcommand {
  std::string_view name;
  Command command;
  std::string_view subject;
  std::string_view help;
};

constexpr double kMostTolerance = 1'000;

constexpr char kExitCodes[] =
    "Exit codes:\n"
    "  0  the measurement is valid and every SLO was met (or there is none)\n"
    "  1  an SLO failed, or compare found a regression\n"
    "  2  the scenario or the command line is wrong; nothing was started\n"
    "  3  INVALID: the measurement cannot be trusted; the report says why\n"
    "  4  INCONCLUSIVE: it says too little, or it was stopped before its end\n"
    "  5  the cluster could not be used (no agents, a port taken, no permission)\n";

constexpr char kOverview[] =
    "Usage: controller [COMMAND] SUBJECT [--results DIR]\n"
    "\n"
    "Commands:\n"
    "  run SCENARIO        carry a scenario out and report; `run` may be left out\n"
    "  validate SCENARIO   say everything that is wrong with a scenario; nothing is started\n"
    "  plan SCENARIO       show each run and what each agent would send; nothing is started\n"
    "  report BUNDLE       build the report of a bundle again from what it holds\n"
    "  compare A B         say whether B is worse than A: two bundles or report.json files\n"
    "  aa SCENARIO         compare the first target with itself: the noise floor of the fleet\n"
    "  help [COMMAND]      more about a command\n"
    "\n"
    "Options:\n"
    "  --results DIR       where bundles go (default: results/ where you stand)\n"
    "  --tolerance 5%      of compare: the change for the worse that is borne (default: 0%)\n"
    "  --help              print this and exit\n"
    "\n"
    "Ctrl-C ends the load, and what was measured is reported; a second one quits at once.\n"
    "\n";

constexpr std::array<Subcommand, 6> kSubcommands = {{
    {"run", Command::kRun, "SCENARIO",
     "Usage: controller [run] SCENARIO [--results DIR]\n\n"
     "Reads the scenario, gathers the agents (its own, on this machine, unless the scenario has a\n"
     "cluster), carries out each run, and ends in a report. Everything is kept in a bundle,\n"
     "DIR/NAME-TIME/: scenario.yaml, plan.json, intervals.pb, scrapes.pb, runs.pb,\n"
     "environment.json, report.json and the logs of what was started.\n\n"},
    {"validate", Command::kValidate, "SCENARIO",
     "Usage: controller validate SCENARIO\n\n"
     "Lists every fault as FILE:LINE:COLUMN: MESSAGE, or says that there is none. Reads the\n"
     "scenario and the files that it names; starts nothing and sends nothing.\n\n"},
    {"plan", Command::kPlan, "SCENARIO",
     "Usage: controller plan SCENARIO\n\n"
     "Shows the runs in their order with their length, and what each agent would send: requests,\n"
     "rate, connections, bandwidth. Starts nothing and sends nothing.\n\n"},
    {"report", Command::kReport, "BUNDLE",
     "Usage: controller report BUNDLE\n\n"
     "Builds report.json of a bundle again from its intervals and scrapes, and prints it. A "
     "bundle\n"
     "that was cut off is reported as far as it goes.\n\n"},
    {"compare", Command::kCompare, "BASELINE and CONTENDER",
     "Usage: controller compare BASELINE CONTENDER [--tolerance 5%]\n\n"
     "Compares two bundles, or report.json files of other machines, target by target and point by\n"
     "point: p50, p95, p99 and p99.9 of response time, throughput, CPU a request and RSS. Says\n"
     "which facts of the environments differ and whether the comparison is fair.\n\n"
     "A metric has regressed if its 95 % interval excludes equality on the worse side and the\n"
     "measured change is beyond the tolerance: exit code 1. Exit code 4 if nothing regressed but\n"
     "the repeats are too few to exclude it. Each side needs two valid repeats; three or more are\n"
     "better. Of many metrics that did not change, one in forty seems to have regressed.\n\n"},
    {"aa", Command::kAa, "SCENARIO",
     "Usage: controller aa SCENARIO [--results DIR]\n\n"
     "Carries the scenario out with its first target twice, under two names, in turns, and shows\n"
     "the largest difference from itself that each metric can show by chance: the noise floor of\n"
     "this fleet. The scenario needs repeats: 2 or more. Its objectives are left aside.\n\n"},
}};

const Subcommand* Find(std::string_view name) {
  for (const Subcommand& subcommand : kSubcommands) {
    if (subcommand.name == name) return &subcommand;
  }
  return nullptr;
}

constexpr size_t kLeastToMisspell = 3;

// Empty if no command is near enough to be meant.
std::string NearestCommand(const std::string& word) {
  std::vector<absl::string_view> names = {"help"};
  for (const Subcommand& subcommand : kSubcommands) {
    // Any short name of a file is near to a short command.
    if (subcommand.name.size() < kLeastToMisspell) continue;
    names.emplace_back(subcommand.name.data(), subcommand.name.size());
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
  return absl::InvalidArgumentError(
      absl::StrCat("there is no command `", word, "`",
                   nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"),
                   "; see controller --help"));
}

CommandLine Help(std::string_view topic) {
  CommandLine line;
  line.command = Command::kHelp;
  const Subcommand* subcommand = Find(topic);
  line.help_text = std::string(subcommand == nullptr ? kOverview : subcommand->help) + kExitCodes;
  return line;
}

struct Given {
  std::vector<std::string> words;
  std::optional<std::string> results;
  std::optional<std::string> tolerance;
  bool help = false;
};

absl::StatusOr<Given> Split(int argc, const char* const* argv) {
  Given given;
  po::options_description options;
  options.add_options()("results", po::value<std::string>())("tolerance", po::value<std::string>())(
      "help,h", "")("word", po::value(&given.words));
  po::positional_options_description positional;
  positional.add("word", -1);
  try {
    po::variables_map values;
    // Whole names only: a scenario's script must not break when an option is added.
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv)
                  .options(options)
                  .positional(positional)
                  .style(style)
                  .run(),
              values);
    po::notify(values);
    given.help = values.count("help") > 0;
    if (values.count("results") > 0) given.results = values["results"].as<std::string>();
    if (values.count("tolerance") > 0) given.tolerance = values["tolerance"].as<std::string>();
  } catch (const po::error& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see controller --help"));
  }
  return given;
}

// "5%" as 0.05. A bare number could be either.
absl::StatusOr<double> ParseTolerance(absl::string_view text) {
  double per_cent = 0;
  if (!absl::ConsumeSuffix(&text, "%") || !absl::SimpleAtod(text, &per_cent) ||
      !(per_cent >= 0 && per_cent < kMostTolerance)) {
    return absl::InvalidArgumentError(
        "--tolerance needs per cent from 0% to below 1000%, for example 5%; see controller --help");
  }
  return per_cent / 100;
}

// Options that belong to other commands, or have no meaning.
absl::Status FillOptions(const Given& given, CommandLine* line) {
  const bool runs = line->command == Command::kRun || line->command == Command::kAa;
  if (given.results && !runs) {
    return absl::InvalidArgumentError(
        "--results belongs to `run` and `aa` alone; see controller --help");
  }
  if (given.results && given.results->empty()) {
    return absl::InvalidArgumentError("--results needs a directory; see controller --help");
  }
  if (given.tolerance && line->command != Command::kCompare) {
    return absl::InvalidArgumentError(
        "--tolerance belongs to `compare` alone; see controller --help");
  }
  line->results_directory = given.results.value_or("results");
  if (!given.tolerance) return absl::OkStatus();
  const absl::StatusOr<double> tolerance = ParseTolerance(*given.tolerance);
  if (tolerance.ok()) line->tolerance = *tolerance;
  return tolerance.status();
}

// The words after the command.
absl::Status FillSubjects(const Subcommand& subcommand, const std::vector<std::string>& words,
                          CommandLine* line) {
  const std::string subject(subcommand.subject);
  const size_t wanted = subcommand.command == Command::kCompare ? 2 : 1;
  if (words.size() < wanted || words.front().empty() || words.back().empty()) {
    return absl::InvalidArgumentError(
        wanted == 1 ? absl::StrCat("no ", subject, " was given; see controller --help")
                    : absl::StrCat(subject, " are expected; see controller --help"));
  }
  if (words.size() > wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat(wanted == 1 ? "one " : "", subject, wanted == 1 ? " is" : " are",
                     " expected, but `", words[wanted], "` was given too; see controller --help"));
  }
  line->subject = words.front();
  if (wanted == 2) line->contender = words[1];
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  absl::StatusOr<Given> given = Split(argc, argv);
  if (!given.ok()) return given.status();
  std::vector<std::string> words = given->words;
  const Subcommand* subcommand = words.empty() ? nullptr : Find(words.front());
  if (given->help) return Help(words.empty() ? "" : words.front());
  if (!words.empty() && words.front() == "help") {
    if (words.size() == 1) return Help("");
    if (Find(words[1]) != nullptr) return Help(words[1]);
    return NoSuchCommand(words[1]);
  }
  if (subcommand != nullptr) {
    words.erase(words.begin());
  } else if (!words.empty() && IsMisspeltCommand(words.front())) {
    return NoSuchCommand(words.front());
  } else {
    subcommand = Find("run");
  }
  CommandLine line;
  line.command = subcommand->command;
  absl::Status status = FillSubjects(*subcommand, words, &line);
  status.Update(FillOptions(*given, &line));
  if (!status.ok()) return status;
  return line;
}

}  // namespace drumline
