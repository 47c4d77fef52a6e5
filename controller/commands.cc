#include "controller/commands.h"

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/bundle/posix_file.h"
#include "controller/calibrate_command.h"
#include "controller/campaign/campaign.h"
#include "controller/campaign/campaign_mark.h"
#include "controller/campaign_command.h"
#include "controller/certs_command.h"
#include "controller/check_command.h"
#include "controller/cluster_flags.h"
#include "controller/compare_command.h"
#include "controller/environment_command.h"
#include "controller/format/terminal.h"
#include "controller/planner/plan_text.h"
#include "controller/planner/planner.h"
#include "controller/planner/scale.h"
#include "controller/refusal.h"
#include "controller/report/baseline.h"
#include "controller/report/noise_floor.h"
#include "controller/report/report_text.h"
#include "controller/report_command.h"
#include "controller/resume_command.h"
#include "controller/scenario/scenario_loader.h"
#include "controller/twin_scenario.h"
#include "controller/ui_command.h"
#include "controller/write_commands.h"

namespace drumline {
namespace {

struct Prepared {
  LoadedScenario loaded;
  proto::Plan plan;
};

// Whether the scenario's own targets are meant, or its first one and a twin of it.
enum class Targets { kOwn, kTwins };

// What `--scale` and `--time-scale` ask for; nothing where neither is given.
absl::StatusOr<std::optional<proto::Scaling>> ScalingOf(const CommandLine& line) {
  if (!line.HasFlag("scale") && !line.HasFlag("time-scale")) return std::nullopt;
  absl::StatusOr<proto::Scaling> scaling =
      ParseScaling(line.Flag("scale", "1"), line.Flag("time-scale", "1"));
  if (!scaling.ok()) return scaling.status();
  return *scaling;
}

// The name says so too: a scaled campaign is never taken for the scenario's own.
void Scale(const proto::Scaling& scaling, proto::Scenario* scenario) {
  const std::vector<std::string> held = ScaleScenario(scaling, scenario);
  scenario->set_name(scenario->name() + "-scaled");
  for (const std::string& what : held) {
    std::fprintf(stderr, "controller: scaled, but held at the least: %s\n", what.c_str());
  }
}

// The scenario and its plan; nothing, with all faults printed, if they are wrong.
std::optional<Prepared> Prepare(const CommandLine& line, Targets targets = Targets::kOwn) {
  const std::string& path = line.subject;
  const absl::StatusOr<std::optional<proto::Scaling>> scaling = ScalingOf(line);
  if (!scaling.ok()) {
    PrintError(scaling.status());
    return std::nullopt;
  }
  LoadResult result = LoadScenario(path);
  if (const auto* faults = std::get_if<std::vector<Fault>>(&result)) {
    for (const Fault& fault : *faults) std::fprintf(stderr, "%s\n", FormatFault(fault).c_str());
    std::fprintf(stderr, "controller: %zu fault%s in %s; nothing was started\n", faults->size(),
                 faults->size() == 1 ? "" : "s", path.c_str());
    return std::nullopt;
  }
  Prepared prepared{std::get<LoadedScenario>(std::move(result)), {}};
  if (targets == Targets::kTwins) {
    if (absl::Status status = MakeTwins(&prepared.loaded.scenario); !status.ok()) {
      PrintError(status);
      return std::nullopt;
    }
  }
  if (*scaling) Scale(**scaling, &prepared.loaded.scenario);
  absl::StatusOr<proto::Plan> plan =
      MakePlan({prepared.loaded.scenario, prepared.loaded.sha256, prepared.loaded.directory,
                *scaling, prepared.loaded.environment ? &*prepared.loaded.environment : nullptr});
  if (!plan.ok()) {
    PrintError(plan.status());
    return std::nullopt;
  }
  prepared.plan = *std::move(plan);
  return prepared;
}

int Validate(const CommandLine& line) {
  const std::optional<Prepared> prepared = Prepare(line);
  if (!prepared) return kExitWrongInput;
  std::printf("%s: no faults; %d run%s planned\n", line.subject.c_str(), prepared->plan.runs_size(),
              prepared->plan.runs_size() == 1 ? "" : "s");
  return 0;
}

int ShowPlan(const CommandLine& line) {
  const std::optional<Prepared> prepared = Prepare(line);
  if (!prepared) return kExitWrongInput;
  std::fputs(PlanToText(prepared->plan, prepared->loaded.scenario).c_str(), stdout);
  return PrintCeilings(prepared->plan, prepared->loaded.scenario, CalibrationPath(line));
}

int Check(const CommandLine& line) {
  const std::optional<Prepared> prepared = Prepare(line);
  if (!prepared) return kExitWrongInput;
  const absl::StatusOr<ClusterTerms> terms = TermsFor(line, prepared->loaded.scenario);
  if (!terms.ok()) return Refuse(terms.status(), kExitWrongInput);
  return CheckFleet(prepared->loaded.scenario, prepared->loaded.directory, prepared->plan, *terms,
                    CalibrationPath(line));
}

int Calibrate(const CommandLine& line) {
  std::optional<Prepared> prepared = Prepare(line);
  if (!prepared) return kExitWrongInput;
  const absl::StatusOr<ClusterTerms> terms = TermsFor(line, prepared->loaded.scenario);
  if (!terms.ok()) return Refuse(terms.status(), kExitWrongInput);
  Calibrator::Input input;
  input.scenario = std::move(prepared->loaded.scenario);
  input.directory = std::move(prepared->loaded.directory);
  input.plan = std::move(prepared->plan);
  input.cluster = *terms;
  return CalibrateCommand(line, std::move(input));
}

std::string NoiseFloorPath(const CommandLine& line) {
  return absl::StrCat(line.results_directory, "/", kNoiseFloorFile);
}

// What an A/A campaign was for: printed, and kept for later ones.
absl::Status KeepNoiseFloor(const CommandLine& line, const proto::Report& report) {
  const size_t columns = TerminalColumns(stdout).value_or(kWidestReport);
  std::printf("\n%s", NoiseFloorText(report, columns).c_str());
  const proto::NoiseFloor floor = NoiseFloorOf(report);
  if (floor.metrics().empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> json = NoiseFloorToJson(floor);
  if (!json.ok()) return json.status();
  const std::string path = NoiseFloorPath(line);
  if (absl::Status status = WriteFileAtomically(path, *json); !status.ok()) return status;
  std::printf("kept in %s\n", path.c_str());
  return absl::OkStatus();
}

int Run(const CommandLine& line) {
  const bool twins = line.command == CommandLine::Command::kAa;
  std::optional<Prepared> prepared = Prepare(line, twins ? Targets::kTwins : Targets::kOwn);
  if (!prepared) return kExitWrongInput;
  if (line.HasFlag("resumable")) {
    const auto begun = ReadMark(line.results_directory, line.Flag("resumable", ""));
    if (!begun.ok()) return Refuse(begun.status(), ExitCodeOfBundle(begun.status()));
    if (*begun) return GoOnAs(line, **begun, prepared->plan, prepared->loaded.scenario);
  }
  const absl::StatusOr<ClusterTerms> terms = TermsFor(line, prepared->loaded.scenario);
  if (!terms.ok()) return Refuse(terms.status(), kExitWrongInput);
  Campaign::Input input;
  input.cluster = *terms;
  input.loaded = std::move(prepared->loaded);
  input.plan = std::move(prepared->plan);
  input.results_directory = line.results_directory;
  input.resumable_as = line.Flag("resumable", "");
  if (!twins) input.noise_floor_path = NoiseFloorPath(line);
  input.calibration_path = CalibrationPath(line);
  int exit_code = kExitUnusable;
  const std::optional<Campaign::Result> result =
      CarryOutCampaign(line, std::move(input), &exit_code);
  if (!result) return exit_code;
  absl::Status kept;
  if (twins) kept = KeepNoiseFloor(line, result->report);
  if (!kept.ok()) PrintError(kept);
  if (!kept.ok() || !WriteJunit(line, result->report)) return kExitUnusable;
  return exit_code;
}

}  // namespace

int RunCommand(const CommandLine& line) {
  switch (line.command) {
    case CommandLine::Command::kRun:
    case CommandLine::Command::kAa:
      return Run(line);
    case CommandLine::Command::kValidate:
      return Validate(line);
    case CommandLine::Command::kPlan:
      return ShowPlan(line);
    case CommandLine::Command::kReport:
      return ReportCommand(line, line.subject);
    case CommandLine::Command::kResume:
      return ResumeCommand(line);
    case CommandLine::Command::kCompare:
      return CompareCommand(line);
    case CommandLine::Command::kCheck:
      return Check(line);
    case CommandLine::Command::kCalibrate:
      return Calibrate(line);
    case CommandLine::Command::kCerts:
      return CertsCommand(line);
    case CommandLine::Command::kUi:
      return UiCommand(line);
    case CommandLine::Command::kInit:
      return InitCommand(line);
    case CommandLine::Command::kExport:
      return ExportCommand(line);
    case CommandLine::Command::kCompletion:
      return CompletionCommand(line);
    case CommandLine::Command::kEnvironment:
      return EnvironmentCommand(line);
    case CommandLine::Command::kHelp:
      std::fputs(line.help_text.c_str(), stdout);
      return 0;
  }
  return kExitWrongInput;
}

}  // namespace drumline
