#include "controller/commands.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
#include "controller/calibrate_command.h"
#include "controller/campaign/campaign.h"
#include "controller/campaign/campaign_mark.h"
#include "controller/campaign/rebuild.h"
#include "controller/campaign/resume.h"
#include "controller/certs_command.h"
#include "controller/check_command.h"
#include "controller/cluster_flags.h"
#include "controller/compare_command.h"
#include "controller/environment_command.h"
#include "controller/export/latency_log.h"
#include "controller/format/terminal.h"
#include "controller/metrics/metrics_endpoint.h"
#include "controller/page/bundle_page.h"
#include "controller/planner/plan_text.h"
#include "controller/planner/planner.h"
#include "controller/planner/scale.h"
#include "controller/progress/run_display.h"
#include "controller/report/baseline.h"
#include "controller/report/junit.h"
#include "controller/report/noise_floor.h"
#include "controller/report/report_text.h"
#include "controller/report/verdict.h"
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

void PrintError(const absl::Status& status) {
  std::fprintf(stderr, "controller: %s\n", std::string(status.message()).c_str());
}

// Of a bundle that could not be reported. One that is not there, or is no bundle, was named
// wrongly.
int ExitCodeOfRebuild(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
      return kExitWrongInput;
    default:
      return kExitUnusable;
  }
}

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

// How agents are to be met; nothing, with what is wrong printed, if the scenario cannot be carried
// out so.
std::optional<ClusterTerms> TermsFor(const CommandLine& line, const proto::Scenario& scenario) {
  const absl::StatusOr<ClusterTerms> terms = ReadClusterTerms(line);
  absl::Status status = terms.status();
  if (status.ok()) status = CheckClusterTerms(*terms, scenario, absl::Now());
  if (status.ok()) return *terms;
  PrintError(status);
  return std::nullopt;
}

int Check(const CommandLine& line) {
  const std::optional<Prepared> prepared = Prepare(line);
  if (!prepared) return kExitWrongInput;
  const std::optional<ClusterTerms> terms = TermsFor(line, prepared->loaded.scenario);
  if (!terms) return kExitWrongInput;
  return CheckFleet(prepared->loaded.scenario, prepared->loaded.directory, prepared->plan, *terms,
                    CalibrationPath(line));
}

int Calibrate(const CommandLine& line) {
  std::optional<Prepared> prepared = Prepare(line);
  if (!prepared) return kExitWrongInput;
  const std::optional<ClusterTerms> terms = TermsFor(line, prepared->loaded.scenario);
  if (!terms) return kExitWrongInput;
  Calibrator::Input input;
  input.scenario = std::move(prepared->loaded.scenario);
  input.directory = std::move(prepared->loaded.directory);
  input.plan = std::move(prepared->plan);
  input.cluster = *terms;
  return CalibrateCommand(line, std::move(input));
}

int PrintReport(const proto::Report& report, const std::string& bundle_path) {
  const size_t columns = TerminalColumns(stdout).value_or(kWidestReport);
  std::fputs(ReportToText(report, bundle_path, columns).c_str(), stdout);
  return ExitCodeFor(report.verdict());
}

// latency.hlog anew. The report is worth printing without it.
void WriteLog(const std::string& bundle_path) {
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(bundle_path);
  const absl::Status status = reader.ok() ? WriteLatencyLog(*reader) : reader.status();
  if (!status.ok()) PrintError(status);
}

// Where the user wants the verdicts besides; false, and told, if that could not be.
bool WriteJunit(const CommandLine& line, const proto::Report& report) {
  if (!line.HasFlag("junit")) return true;
  const absl::Status status = WriteFileAtomically(line.Flag("junit", ""), ReportToJunit(report));
  if (!status.ok()) PrintError(status);
  return status.ok();
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

int Rebuild(const CommandLine& line, const std::string& bundle_path) {
  const absl::StatusOr<proto::Report> report = RebuildReport(bundle_path);
  if (!report.ok()) {
    PrintError(report.status());
    return ExitCodeOfRebuild(report.status());
  }
  if (!WriteJunit(line, *report)) return kExitUnusable;
  if (const std::string other = line.Flag("overlay", ""); !other.empty()) {
    const absl::StatusOr<proto::Report> over = ReadReport(other);
    if (!over.ok()) {
      PrintError(over.status());
      return ExitCodeOfRebuild(over.status());
    }
    const absl::StatusOr<std::string> page =
        WriteOverlayPage({bundle_path, *report}, {other, *over});
    if (!page.ok()) {
      PrintError(page.status());
      return ExitCodeOfRebuild(page.status());
    }
    std::fprintf(stderr, "controller: both stand in %s\n", page->c_str());
  }
  WriteLog(bundle_path);
  return PrintReport(*report, bundle_path);
}

// The first Ctrl-C ends the campaign, the second the program. A window that was resized is drawn
// anew. SIGTERM is as good as Ctrl-C, unless the campaign is one to be gone on with: then it says
// nothing about the verdict.
class Interrupts {
 public:
  Interrupts(boost::asio::io_context* loop, Campaign* campaign, RunDisplay* display, bool resumable)
      : campaign_(campaign),
        display_(display),
        resumable_(resumable),
        signals_(*loop, SIGINT, SIGTERM),
        resizes_(*loop, SIGWINCH) {
    Wait();
    WaitForResize();
  }
  void Ignore() {
    signals_.cancel();
    resizes_.cancel();
  }
  // The exit code of a campaign that is left to a later command; otherwise nothing.
  std::optional<int> Left() const {
    return resumable_ && terminated_ ? std::optional(kExitTerminated) : std::nullopt;
  }

 private:
  // As a shell tells of a program that the signal has ended.
  static constexpr int kExitTerminated = 128 + SIGTERM;

  void Wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      terminated_ = terminated_ || signal == SIGTERM;
      if (std::exchange(interrupted_, true)) {
        display_->Close();
        std::fputs(
            "\ncontroller: quit; `controller resume BUNDLE` goes on, `report` tells how far it "
            "went\n",
            stderr);
        std::_Exit(Left().value_or(kExitInconclusive));
      }
      campaign_->Stop("stopped by the user");
      Wait();
    });
  }

  void WaitForResize() {
    resizes_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      display_->Redraw();
      WaitForResize();
    });
  }

  Campaign* const campaign_;
  RunDisplay* const display_;
  const bool resumable_;
  boost::asio::signal_set signals_;
  boost::asio::signal_set resizes_;
  bool interrupted_ = false;
  bool terminated_ = false;
};

// Who watches is told, if they take it at once.
void EndLivePage(const absl::StatusOr<Campaign::Result>& result, LivePageHost* page,
                 boost::asio::io_context* loop) {
  constexpr std::chrono::milliseconds kPatience(500);
  page->End(result.ok() ? proto::Validity::Value_Name(result->report.verdict().validity())
                        : std::string(result.status().message()));
  loop->restart();
  loop->run_for(kPatience);
}

// Null where nobody asked for it.
using MetricsPage = absl::StatusOr<std::unique_ptr<MetricsEndpoint>>;

MetricsPage ServeMetrics(const CommandLine& line, boost::asio::io_context* loop,
                         const std::optional<Campaign>& campaign, RunDisplay* display) {
  if (!line.HasFlag("metrics")) return std::unique_ptr<MetricsEndpoint>();
  MetricsPage page = MetricsEndpoint::Listen(loop, line.Flag("metrics", ""),
                                             [&campaign] { return campaign->Metrics(); });
  if (page.ok()) display->Note("metrics: http://" + (*page)->address() + "/metrics");
  return page;
}

// Of a page that could not be served at the address that was asked for.
int RefusePage(const absl::Status& status) {
  PrintError(status);
  return absl::IsInvalidArgument(status) ? kExitWrongInput : kExitUnusable;
}

// Nothing, with the error printed and the exit code in [exit_code], if nothing was measured.
std::optional<Campaign::Result> CarryOut(const CommandLine& line, Campaign::Input input,
                                         int* exit_code) {
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context loop;
  RunDisplay display(stderr, RunDisplay::ModeOf(stderr), ColoursWanted());
  std::optional<Campaign> campaign;
  const absl::StatusOr<std::unique_ptr<LivePageHost>> page = OpenLivePage(
      &loop, line, input.plan, [&campaign] { campaign->Stop("stopped from the live page"); });
  if (!page.ok()) {
    *exit_code = RefusePage(page.status());
    return std::nullopt;
  }
  const MetricsPage metrics = ServeMetrics(line, &loop, campaign, &display);
  if (!metrics.ok()) {
    *exit_code = RefusePage(metrics.status());
    return std::nullopt;
  }
  campaign.emplace(&loop, std::move(input), &display, *page ? (*page)->Events() : CampaignEvents{});
  if (*page) display.Note("live page: " + (*page)->url());
  Interrupts interrupts(&loop, &*campaign, &display, line.HasFlag("resumable"));
  std::optional<absl::StatusOr<Campaign::Result>> result;
  boost::asio::co_spawn(loop, campaign->Run(),
                        [&](const std::exception_ptr& bug, absl::StatusOr<Campaign::Result> ended) {
                          if (bug) std::rethrow_exception(bug);
                          result = std::move(ended);
                          interrupts.Ignore();
                          loop.stop();
                        });
  loop.run();
  if (*page) EndLivePage(*result, page->get(), &loop);
  if (!result->ok()) {
    PrintError(result->status());
    // The scenario was right: whatever else failed, failed around it, unless it asks for too much.
    *exit_code = absl::IsCancelled(result->status())    ? kExitInconclusive
                 : absl::IsOutOfRange(result->status()) ? kExitWrongInput
                                                        : kExitUnusable;
    *exit_code = interrupts.Left().value_or(*exit_code);
    return std::nullopt;
  }
  WriteLog((*result)->bundle_path);
  *exit_code = PrintReport((*result)->report, (*result)->bundle_path);
  *exit_code = interrupts.Left().value_or(*exit_code);
  return *std::move(*result);
}

int GoOn(const CommandLine& line, absl::StatusOr<Resumption> left) {
  if (!left.ok()) {
    PrintError(left.status());
    return ExitCodeOfRebuild(left.status());
  }
  if (left->finished.size() == static_cast<size_t>(left->plan.runs_size())) {
    std::fprintf(stderr, "controller: every run of %s is finished; this is its report\n",
                 left->bundle_path.c_str());
    return Rebuild(line, left->bundle_path);
  }
  const std::optional<ClusterTerms> terms = TermsFor(line, left->scenario);
  if (!terms) return kExitWrongInput;
  Campaign::Input input;
  input.cluster = *terms;
  input.loaded.scenario = left->scenario;
  input.loaded.directory = left->directory;
  input.plan = left->plan;
  input.resumed = *std::move(left);
  int exit_code = kExitUnusable;
  const std::optional<Campaign::Result> result = CarryOut(line, std::move(input), &exit_code);
  if (result && !WriteJunit(line, result->report)) return kExitUnusable;
  return exit_code;
}

int Resume(const CommandLine& line) { return GoOn(line, ReadResumption(line.subject)); }

// The campaign of that name, which must be one of this scenario at this scale.
int GoOnAs(const CommandLine& line, const std::string& bundle_path, const proto::Plan& wanted) {
  absl::StatusOr<Resumption> left = ReadResumption(bundle_path);
  if (left.ok() &&
      (left->plan.scenario_sha256() != wanted.scenario_sha256() ||
       left->plan.scaling().SerializeAsString() != wanted.scaling().SerializeAsString())) {
    left = absl::InvalidArgumentError(absl::StrCat(
        "--resumable: ", line.Flag("resumable", ""), " is the campaign in ", bundle_path,
        ", which is of another scenario or scale: give this one a name of its own"));
  }
  return GoOn(line, std::move(left));
}

int Run(const CommandLine& line) {
  const bool twins = line.command == CommandLine::Command::kAa;
  std::optional<Prepared> prepared = Prepare(line, twins ? Targets::kTwins : Targets::kOwn);
  if (!prepared) return kExitWrongInput;
  if (line.HasFlag("resumable")) {
    const auto begun = ReadMark(line.results_directory, line.Flag("resumable", ""));
    if (!begun.ok()) {
      PrintError(begun.status());
      return ExitCodeOfRebuild(begun.status());
    }
    if (*begun) return GoOnAs(line, **begun, prepared->plan);
  }
  const std::optional<ClusterTerms> terms = TermsFor(line, prepared->loaded.scenario);
  if (!terms) return kExitWrongInput;
  Campaign::Input input;
  input.cluster = *terms;
  input.loaded = std::move(prepared->loaded);
  input.plan = std::move(prepared->plan);
  input.results_directory = line.results_directory;
  input.resumable_as = line.Flag("resumable", "");
  if (!twins) input.noise_floor_path = NoiseFloorPath(line);
  input.calibration_path = CalibrationPath(line);
  int exit_code = kExitUnusable;
  const std::optional<Campaign::Result> result = CarryOut(line, std::move(input), &exit_code);
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
      return Rebuild(line, line.subject);
    case CommandLine::Command::kResume:
      return Resume(line);
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
