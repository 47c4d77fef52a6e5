#include "controller/command_table.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace drumline {
namespace {

constexpr FlagRow kFlagRows[] = {
    {"json", "", "print it as JSON, for a program to read"},
    {"results", "DIR", "where bundles and ceilings are (default: results/)"},
    {"overlay", "BUNDLE", "draw that bundle's charts over the first one's, in overlay.html"},
    {"ui", "HOST:PORT", "show it in a browser, at this address"},
    {"scale", "0.05", "multiply rates, connections, counts by this"},
    {"time-scale", "0.01", "multiply the lengths of phases by this"},
    {"tls-cert", "FILE", "certificate, for mutual TLS with the agents"},
    {"tls-key", "FILE", "its key"},
    {"tls-ca", "FILE", "the authority that vouches for agents"},
    {"insecure", "", "meet agents of other machines in plain text"},
    {"wait-for-agents", "N|IDS", "how many agents, or which, must be there"},
    {"wait-timeout", "2m", "how long they are waited for"},
    {"agents", "N|IDS", "agents that get a certificate (default: 4)"},
    {"hosts", "NAMES", "names and addresses by which agents dial the controller"},
    {"days", "N", "how long certificates hold (default: 365)"},
    {"csv", "", "a row for each second of each run, comma-separated"},
    {"by-agent", "", "with --csv: a row for each agent's second"},
    {"metrics", "HOST:PORT", "serve Prometheus's /metrics while it lasts"},
    {"resumable", "NAME", "begin it by this name, or go on with it"},
    {"junit", "FILE", "write the verdicts as JUnit XML, too"},
    {"answer-size", "4KiB", "of the null service (default: the request body's)"},
    {"tolerance", "5%", "the change for the worse that is borne (default: 0%)"},
};

constexpr CommandRow kCommandRows[] = {
    {"run", CommandId::kRun, "SCENARIO",
     "results scale time-scale ui metrics tls-cert tls-key tls-ca insecure wait-for-agents "
     "wait-timeout junit resumable",
     "carry a scenario out and report; `run` may be left out",
     "Gathers the agents (its own, on this machine, unless the scenario has a cluster), carries "
     "out each run, and reports. All is kept in a bundle, DIR/NAME-TIME/. Ctrl-C ends the load and "
     "reports, a second one quits; `controller resume` carries out the rest."},
    {"validate", CommandId::kValidate, "SCENARIO", "scale time-scale",
     "say everything that is wrong with a scenario; nothing is started",
     "Lists every fault as FILE:LINE:COLUMN: MESSAGE, or says that there is none. Sends nothing."},
    {"plan", CommandId::kPlan, "SCENARIO", "results scale time-scale",
     "show each run and what each agent would send; nothing is started",
     "Shows the runs in their order and length, and what each agent would send. Sends nothing."},
    {"report", CommandId::kReport, "BUNDLE", "overlay junit", "build the report of a bundle again",
     "Builds report.json and report.html of a bundle again from its intervals and scrapes, and "
     "prints it. A bundle that was cut off is reported as far as it goes."},
    {"resume", CommandId::kResume, "BUNDLE",
     "ui tls-cert tls-key tls-ca insecure wait-for-agents wait-timeout",
     "go on with a campaign that was cut short",
     "Carries out the runs that a campaign has left, in its own bundle; the one that was cut off "
     "again, under a name of its own."},
    {"compare", CommandId::kCompare, "BASELINE CONTENDER", "tolerance",
     "say whether B is worse than A: bundles or report.json files",
     "Compares two bundles, or report.json files of other machines, target by target and point by "
     "point. Says which facts of the environments differ and whether the comparison is fair.\n\n"
     "A metric has regressed if its 95 % interval excludes equality on the worse side and the "
     "change is beyond the tolerance: exit code 1. Exit code 4 if nothing regressed but the "
     "repeats are too few to exclude it. Each side needs two valid repeats."},
    {"aa", CommandId::kAa, "SCENARIO",
     "results scale time-scale ui metrics tls-cert tls-key tls-ca insecure wait-for-agents "
     "wait-timeout",
     "compare the baseline with itself: the fleet's noise floor",
     "Carries the scenario out with its baseline twice, in turns, and keeps the largest difference "
     "that each metric shows by chance, DIR/noise-floor.json. Needs repeats: 2 or more."},
    {"check", CommandId::kCheck, "SCENARIO",
     "results tls-cert tls-key tls-ca insecure wait-for-agents wait-timeout",
     "say what of each host is in the way of a good measurement",
     "Gathers the fleet as a run would, and prints of each host what was found, what is wanted, "
     "whether that is fatal (exit code 5) and how to mend it. Sends no load."},
    {"calibrate", CommandId::kCalibrate, "SCENARIO",
     "answer-size results scale tls-cert tls-key tls-ca insecure wait-for-agents wait-timeout",
     "measure what each agent can send at most, without a target",
     "Has each agent send the scenario's requests to a null service in its own program, some ten "
     "seconds for each shape of requests. Keeps its ceiling and its own latency floor in "
     "DIR/calibration.json. Plans above 70 % of a ceiling are refused: exit code 2."},
    {"certs", CommandId::kCerts, "init DIR", "agents hosts days",
     "make certificates for a controller and its agents",
     "Makes a small authority in DIR and, by it, a certificate for the controller and one for each "
     "agent, each with its key (mode 0600) in a directory of its own. Nothing is overwritten."},
    {"ui", CommandId::kUi, "[DIR]", "ui", "show the bundles of a directory in a browser",
     "Lists the bundles of DIR (default: results/ where you stand), newest first, with their "
     "reports, until Ctrl-C. Listens on 127.0.0.1:8089 unless --ui says otherwise."},
    {"init", CommandId::kInit, "[FILE]", "", "write a scenario to start from, every line explained",
     "Writes a scenario that is right as it stands, with comments on what else there is, to FILE "
     "(default: scenario.yaml). A file that is there already is not touched: exit code 2."},
    {"export", CommandId::kExport, "BUNDLE", "csv by-agent",
     "print a bundle's seconds as a table for other tools",
     "Prints counts, outcomes, quantiles and the generator's cost of each second of each run."},
    {"completion", CommandId::kCompletion, "bash|zsh|fish", "",
     "print a script that completes commands, flags and files",
     "In bash or zsh: source <(controller completion bash), or put the script where the shell "
     "looks for completions. In fish: controller completion fish | source."},
    {"environment", CommandId::kEnvironment, "FILE", "json",
     "say what is wrong with an environment, or what it is",
     "Lists every fault of an environment as FILE:LINE:COLUMN: MESSAGE; or its hosts, what they "
     "are and cost. FILE may be a name, as in a scenario: configs/environments/FILE.yaml."},
    {"help", CommandId::kHelp, "[COMMAND]", "", "more about a command",
     "Prints what a command does, is given and returns; without one, the list of them."},
};

}  // namespace

absl::Span<const CommandRow> CommandRows() { return kCommandRows; }
absl::Span<const FlagRow> FlagRows() { return kFlagRows; }

const CommandRow* FindCommand(std::string_view name) {
  const auto* row = std::find_if(std::begin(kCommandRows), std::end(kCommandRows),
                                 [name](const CommandRow& row) { return row.name == name; });
  return row == std::end(kCommandRows) ? nullptr : row;
}

const FlagRow* FindFlag(std::string_view name) {
  const auto* row = std::find_if(std::begin(kFlagRows), std::end(kFlagRows),
                                 [name](const FlagRow& row) { return row.name == name; });
  return row == std::end(kFlagRows) ? nullptr : row;
}

std::vector<std::string> WordsOf(std::string_view cell) {
  return absl::StrSplit(absl::string_view(cell.data(), cell.size()), ' ', absl::SkipEmpty());
}

bool TakesFlag(const CommandRow& row, std::string_view flag) {
  const std::vector<std::string> flags = WordsOf(row.flags);
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

bool IsOptional(std::string_view operand) { return operand.starts_with('['); }

}  // namespace drumline
