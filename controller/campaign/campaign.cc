#include "controller/campaign/campaign.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/bundle/posix_file.h"
#include "controller/calibration/ceiling.h"
#include "controller/calibration/kept.h"
#include "controller/campaign/assembly.h"
#include "controller/campaign/beat_account.h"
#include "controller/campaign/campaign_mark.h"
#include "controller/campaign/clock.h"
#include "controller/campaign/environment.h"
#include "controller/campaign/fleet_preflight.h"
#include "controller/campaign/live_progress.h"
#include "controller/campaign/rebuild.h"
#include "controller/campaign/round_trips.h"
#include "controller/metrics/metrics_text.h"
#include "controller/page/bundle_page.h"
#include "controller/report/junit.h"
#include "controller/report/noise_floor.h"
#include "controller/report/report_json.h"
#include "core/preflight.h"
#include "host/host_facts.h"

namespace drumline {

namespace asio = boost::asio;

namespace {

// Signals and the live page wait for no more than a step.
asio::awaitable<void> CountInSteps(asio::io_context* loop, BeatAccount* account) {
  while (account->Step()) co_await asio::post(*loop, asio::use_awaitable);
}

}  // namespace

Campaign::Campaign(asio::io_context* loop, Input input, RunDisplay* display, CampaignEvents events)
    : loop_(loop),
      input_(std::move(input)),
      queue_(input_.plan),
      display_(display),
      events_(std::move(events)),
      joint_(loop),
      pause_(*loop),
      second_(*loop) {}

void Campaign::Note(const std::string& text, Tone tone) {
  display_->Note(text, tone);
  if (events_.noted) events_.noted(text);
}

asio::awaitable<absl::StatusOr<Campaign::Result>> Campaign::Run() {
  absl::Status status = co_await Prepare();
  if (status.ok()) status = co_await CarryOut();
  if (fleet_) co_await fleet_->Disband();
  display_->Close();
  if (!status.ok()) co_return status;
  co_return Conclude();
}

asio::awaitable<absl::Status> Campaign::Prepare() {
  const proto::Scenario& scenario = input_.loaded.scenario;
  absl::Status status = OpenBundle();
  if (!status.ok()) co_return status;
  Note(absl::StrCat("bundle: ", bundle_->path()));
  if (events_.bundle) events_.bundle(bundle_->path());
  fleet_.emplace(loop_, scenario, input_.loaded.directory, input_.cluster,
                 bundle_->path() + "/" + kLogsDirectory, ControllerIdOf(bundle_->path()),
                 EventsOfFleet());
  status = co_await fleet_->Assemble();
  if (status.ok()) co_await OutwaitLeases();
  if (!stop_reason_.empty()) co_return absl::CancelledError(NothingMeasured());
  if (!fleet_broken_.empty()) co_return absl::UnavailableError(fleet_broken_);
  if (!status.ok()) co_return status;
  const RoundTripsByAgent round_trips = co_await fleet_->MeasureRoundTrips();
  if (!stop_reason_.empty()) co_return absl::CancelledError(NothingMeasured());
  status = LookAtHosts(round_trips);
  if (!status.ok()) co_return status;
  if (scenario.order() == proto::ORDER_PAIRED && !scenario.has_cluster()) {
    Note(
        "both targets of a pair run on this machine at once: what they take from each other is "
        "part of what is measured");
  }
  if (input_.resumed && input_.resumed->environment) {
    environment_ = *input_.resumed->environment;
    co_return absl::OkStatus();
  }
  environment_ = ReadEnvironment(scenario.environment());
  fleet_->DescribeServices(&environment_);
  co_return bundle_->WriteEnvironment(environment_);
}

absl::Status Campaign::LookAtHosts(const RoundTripsByAgent& round_trips) {
  const std::vector<proto::Join> crew = fleet_->CrewJoins();
  preflight_ = JudgeFleet(input_.plan, crew, ReadOwnHostFacts());
  JudgeRoundTrips(round_trips, &preflight_);
  if (absl::Status status = TakeCalibration(crew); !status.ok()) return status;
  if (absl::Status status = bundle_->WritePreflight(preflight_); !status.ok()) return status;
  if (absl::Status status = RefuseFatal(preflight_); !status.ok()) return status;
  if (WorstOf(preflight_) == proto::Finding::WARNING) {
    Note(absl::StrCat("preflight: ", Summary(preflight_), "; see ", bundle_->path(), "/",
                      kPreflightFile, ", or `controller check`"));
  }
  return absl::OkStatus();
}

absl::Status Campaign::OpenBundle() {
  const bool resumed = input_.resumed.has_value();
  absl::StatusOr<Bundle> bundle =
      resumed
          ? Bundle::Reopen(input_.resumed->bundle_path)
          : Bundle::Create(input_.results_directory, input_.loaded.scenario.name(), absl::Now());
  if (!bundle.ok()) return bundle.status();
  bundle_ = *std::move(bundle);
  if (resumed) {
    runs_ = input_.resumed->runs;
    records_ = input_.resumed->records;
    for (size_t i = 0; i < runs_.size(); ++i) {
      if (input_.resumed->Stands(records_[i])) done_.push_back(runs_[i]);
    }
    Note(input_.resumed->ToText());
    return TakeNoiseFloor();
  }
  absl::Status status = bundle_->WriteScenario(input_.loaded.source_text);
  status.Update(bundle_->WriteScenarioMessage(input_.loaded.scenario));
  std::error_code ignored;
  status.Update(bundle_->WriteFile(
      kDirectoryFile, std::filesystem::absolute(input_.loaded.directory, ignored).string()));
  status.Update(bundle_->WritePlan(queue_.plan()));
  status.Update(TakeNoiseFloor());
  // From here on the bundle has all that a resumption needs.
  if (status.ok() && !input_.resumable_as.empty()) {
    status = WriteMark(input_.results_directory, input_.resumable_as, bundle_->path());
  }
  return status;
}

// The run under the name under which it is carried out now.
proto::RunPlan Campaign::Left(const proto::RunPlan& run) const {
  return input_.resumed ? input_.resumed->Next(run) : run;
}

std::string Campaign::NothingMeasured() const {
  return absl::StrCat(stop_reason_, " before anything was measured");
}

FleetEvents Campaign::EventsOfFleet() {
  return {
      .joined =
          [this](const proto::Join& join) {
            if (RunDriver* driver = joint_.With(join.agent_id())) driver->OnJoined(join);
          },
      .said =
          [this](const std::string& agent_id, const proto::FromAgent& message,
                 int64_t received_ns) {
            if (RunDriver* driver = joint_.With(agent_id)) {
              driver->OnSaid(agent_id, message, received_ns);
            }
          },
      .left =
          [this](const std::string& agent_id) {
            if (RunDriver* driver = joint_.With(agent_id)) driver->OnLeft(agent_id);
          },
      .lost =
          [this](const std::string& agent_id, const std::string& how) {
            if (RunDriver* driver = joint_.With(agent_id)) driver->OnLost(agent_id, how);
          },
      .agent_died =
          [this](const std::string& agent_id, const std::string& how) {
            // The words begin with the agent's own name.
            fleet_broken_ = absl::StrCat("agent ", how);
            const int told = words_told_;
            fleet_->GiveUp();
            if (RunDriver* driver = joint_.With(agent_id)) driver->OnDied(agent_id, how);
            if (words_told_ == told) Note(fleet_broken_, Tone::kWarning);
          },
      .target_died =
          [this](const std::string& target, const std::string& how) {
            fleet_broken_ = absl::StrCat("the target ", target, " ", how);
            const int told = words_told_;
            joint_.OnTargetDied(target, how);
            if (words_told_ == told) Note(fleet_broken_, Tone::kWarning);
          },
      .note = [this](const std::string& text) { Note(text); },
  };
}

asio::awaitable<absl::Status> Campaign::CarryOut() {
  bool first = true;
  while (const proto::RunPlan* next = queue_.Next(done_)) {
    // The queue may grow while the run lasts.
    const std::vector<proto::RunPlan> runs = Together(*next);
    if (queue_.grown()) {
      if (absl::Status status = bundle_->WritePlan(queue_.plan()); !status.ok()) co_return status;
    }
    if (!std::exchange(first, false)) co_await Pause();
    absl::Status status;
    for (const proto::RunPlan& run : runs) {
      if (status.ok()) status = co_await PrepareRun(run);
    }
    if (!stop_reason_.empty() || !fleet_broken_.empty()) {
      runs_left_ = true;
      break;
    }
    if (fleet_->Crew().size() < input_.plan.agent_count()) {
      fleet_broken_ = "an agent has left and not come back";
      Note(fleet_broken_, Tone::kWarning);
      runs_left_ = true;
      break;
    }
    if (status.ok()) status = co_await CarryOutRuns(runs);
    if (status.ok()) continue;
    if (runs_.empty()) co_return status;
    // What was measured before is reported all the same.
    if (fleet_broken_.empty()) {
      Note(absl::StrCat(runs.front().run_id(), ": ", std::string(status.message())));
    }
    runs_left_ = true;
    break;
  }
  if (!runs_.empty()) co_return absl::OkStatus();
  co_return stop_reason_.empty() ? absl::UnavailableError(fleet_broken_)
                                 : absl::CancelledError(NothingMeasured());
}

// Agents that somebody else started may still be at the run that was cut off: until their leases
// have run out.
asio::awaitable<void> Campaign::OutwaitLeases() {
  if (!input_.resumed || !input_.loaded.scenario.has_cluster()) co_return;
  const RunMachine::Limits limits;
  pause_.expires_after(std::chrono::nanoseconds(limits.lease_ns + limits.stop_margin_ns));
  co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> Campaign::Pause() {
  pause_.expires_after(std::chrono::nanoseconds(input_.plan.pause_ns()));
  if (!stop_reason_.empty()) co_return;
  co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
}

// The target as it is before any connection of the run.
asio::awaitable<absl::Status> Campaign::PrepareRun(const proto::RunPlan& run) {
  if (!stop_reason_.empty() || !fleet_broken_.empty()) co_return absl::OkStatus();
  absl::Status status = co_await fleet_->PrepareRun(run);
  if (!status.ok()) co_return status;
  const std::optional<MetricsSource> source = fleet_->MetricsOf(run);
  if (!source) co_return absl::OkStatus();
  std::optional<proto::Scrape> reading = co_await ReadOnce(loop_, *source);
  if (reading) first_readings_[run.run_id()] = *std::move(reading);
  co_return absl::OkStatus();
}

std::vector<proto::RunPlan> Campaign::Together(const proto::RunPlan& next) const {
  std::vector<proto::RunPlan> runs = {Left(next)};
  if (next.pair() == 0) return runs;
  for (const proto::RunPlan& other : queue_.plan().runs()) {
    if (other.pair() == next.pair() && other.run_id() != next.run_id()) {
      runs.push_back(Left(other));
    }
  }
  return runs;
}

void Campaign::AddDriver(const proto::RunPlan& run, bool at_once) {
  RunMachine::Limits limits = RunDriver::LimitsOf(input_.plan);
  limits.starts_on_call = at_once;
  for (const auto& [agent_id, join] : fleet_->roster().known()) {
    if (join.limits().max_rate() > 0) limits.max_rates[agent_id] = join.limits().max_rate();
  }
  const size_t at = joint_.drivers().size();
  RunDriver& driver = joint_.Add(std::make_unique<RunDriver>(
      loop_, fleet_->service(), &*bundle_, run, fleet_->SlicesOf(run, input_.plan), limits,
      fleet_->MetricsOf(run), [this, at] { WriteRecord(*joint_.drivers()[at]); }));
  const auto& conditions = input_.plan.abort_when();
  if (!conditions.empty()) driver.AbortWhen({conditions.begin(), conditions.end()});
  driver.TellWords([this, name = run.run_id()](const std::string& words) {
    ++words_told_;
    Note(absl::StrCat(name, ": ", words), Tone::kWarning);
  });
  if (at == 0) driver.Tell(events_.interval, events_.scrape);
  if (at == 0 && events_.run_began) events_.run_began(run);
  const auto reading = first_readings_.find(run.run_id());
  if (reading != first_readings_.end()) driver.OnScrape(std::move(reading->second));
}

asio::awaitable<absl::Status> Campaign::CarryOutRuns(const std::vector<proto::RunPlan>& runs) {
  joint_.Clear();
  for (const proto::RunPlan& run : runs) AddDriver(run, runs.size() > 1);
  first_readings_.clear();
  asio::co_spawn(*loop_, ShowProgress(), asio::detached);
  co_await joint_.Drive();
  second_.cancel();
  absl::Status usable;
  for (const auto& driver : joint_.drivers()) {
    const RunMachine& machine = driver->machine();
    usable.Update(machine.outcome().usable);
    // Stopped before the start: there is nothing to report of this run.
    if (!machine.outcome().usable.ok() || !machine.started()) continue;
    records_.push_back(WriteRecord(*driver));
    runs_left_ = runs_left_ || !IsFinished(records_.back());
    const std::optional<RunTotals> cut = TotalsUpToTheCut(driver->plan(), &records_.back());
    const RunTotals& totals = cut ? *cut : machine.totals();
    BeatAccount account(driver->plan(), totals, records_.back());
    co_await CountInSteps(loop_, &account);
    Keep(*driver, totals, account);
  }
  co_return usable;
}

// What is known of the run so far, in the bundle and with the agents' hosts: at the start, so that
// a run that is cut off leaves more than its counts, and at the end.
proto::RunRecord Campaign::WriteRecord(const RunDriver& driver) {
  proto::RunRecord record = driver.machine().record();
  record.set_started_unix_ns(driver.started_unix_ns());
  record.set_aborted(driver.aborted());
  if (const auto stopped_at_ns = driver.stopped_at_ns()) record.set_stopped_at_ns(*stopped_at_ns);
  const std::optional<int64_t> cold_start_ns = fleet_->ColdStartNs(driver.plan());
  if (cold_start_ns) record.set_cold_start_ns(*cold_start_ns);
  for (proto::AgentRecord& agent : *record.mutable_agents()) {
    const auto found = fleet_->roster().known().find(agent.id());
    if (found == fleet_->roster().known().end()) continue;
    agent.set_host(found->second.host());
    agent.set_cores(found->second.cores());
    agent.set_binary_sha256(found->second.binary_sha256());
  }
  absl::Status status = bundle_->AppendRunRecord(record);
  if (status.ok()) status = bundle_->Sync();
  if (!status.ok()) {
    record.add_faults(
        absl::StrCat("the bundle could not be written: ", std::string(status.message())));
  }
  return record;
}

// Of a run whose window was cut: what its agents reported up to the cut. Nothing of any other.
std::optional<RunTotals> Campaign::TotalsUpToTheCut(const proto::RunPlan& run,
                                                    proto::RunRecord* record) const {
  if (!record->has_cut_ns()) return std::nullopt;
  absl::StatusOr<RunTotals> kept = ReadTotals(bundle_->path(), run, record->cut_ns());
  if (kept.ok()) return *std::move(kept);
  record->add_faults(std::string(kept.status().message()));
  return std::nullopt;
}

// Keeps the run's report; its books are no longer needed.
void Campaign::Keep(const RunDriver& driver, const RunTotals& totals, const BeatAccount& account) {
  const proto::RunPlan& run = driver.plan();
  runs_.push_back(
      BuildRunReport(AssembleRun(run, totals, records_.back(), driver.scrapes(), account),
                     ObjectivesOf(input_.plan)));
  done_.push_back(runs_.back());
  if (input_.plan.runs_size() == 1) return;
  // One that was interrupted is done again by whoever goes on.
  const int left = input_.plan.runs_size() - static_cast<int>(done_.size());
  Note(absl::StrCat(
      run.run_id(), " is over: ", proto::Validity::Value_Name(runs_.back().verdict().validity()),
      IsFinished(records_.back()) ? absl::StrCat(", ", left, " to go") : ", interrupted"));
}

// Once a second while a run lasts, on the loop's own time.
asio::awaitable<void> Campaign::ShowProgress() {
  for (;;) {
    second_.expires_after(std::chrono::seconds(1));
    const auto [error] = co_await second_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    const RunDriver& driver = joint_.first();
    if (driver.machine().done()) co_return;
    if (events_.second) events_.second(driver.machine(), MonotonicNowNs());
    display_->Show(
        ScreenOf(input_.plan, driver.plan(), driver.machine(), driver.scrapes(), MonotonicNowNs()));
  }
}

absl::StatusOr<Campaign::Result> Campaign::Conclude() {
  Result result;
  result.bundle_path = bundle_->path();
  result.unfinished = runs_left_;
  CampaignFacts facts = FactsOf(queue_.plan(), environment_, records_);
  facts.noise_floor = noise_floor_;
  facts.calibration = calibration_;
  result.report = BuildReport(facts, runs_);
  *result.report.mutable_preflight() = preflight_.hosts();
  const absl::StatusOr<std::string> json = ReportToJson(result.report);
  if (!json.ok()) return json.status();
  if (absl::Status status = bundle_->WriteReport(*json); !status.ok()) {
    // The person at the terminal gets the report all the same.
    Note(absl::StrCat("report.json was not written: ", std::string(status.message())));
  }
  if (absl::Status status = WriteReportPage(result.bundle_path, result.report); !status.ok()) {
    Note(absl::StrCat(kReportPageFile, " was not written: ", std::string(status.message())));
  }
  const std::string junit = absl::StrCat(bundle_->path(), "/", kJunitFile);
  if (absl::Status status = WriteFileAtomically(junit, ReportToJunit(result.report));
      !status.ok()) {
    Note(std::string(status.message()));
  }
  return result;
}

// The floor that was kept goes into the bundle, so that its report can be built again. One that
// cannot be read is the user's to mend: nobody was asked to go on without it.
absl::Status Campaign::TakeNoiseFloor() {
  const std::string in_bundle = absl::StrCat(bundle_->path(), "/", kNoiseFloorFile);
  // A campaign that goes on was begun with what its bundle keeps.
  const std::string& path = input_.resumed ? in_bundle : input_.noise_floor_path;
  std::error_code error;
  if (path.empty() || !std::filesystem::exists(path, error)) return absl::OkStatus();
  const absl::StatusOr<std::string> json = ReadWholeFile(path, kMaxNoiseFloorBytes);
  if (!json.ok()) return json.status();
  absl::StatusOr<proto::NoiseFloor> floor = NoiseFloorFromJson(*json);
  if (!floor.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " ", std::string(floor.status().message())));
  }
  noise_floor_ = *std::move(floor);
  return input_.resumed ? absl::OkStatus() : WriteFileAtomically(in_bundle, *json);
}

// A campaign that goes on was begun with what its bundle keeps.
absl::Status Campaign::TakeCalibration(const std::vector<proto::Join>& crew) {
  const std::string in_bundle = absl::StrCat(bundle_->path(), "/", kCalibrationFile);
  const std::string& path = input_.resumed ? in_bundle : input_.calibration_path;
  if (path.empty()) return absl::OkStatus();
  const absl::StatusOr<proto::Calibration> kept = ReadCalibration(path);
  if (!kept.ok()) return kept.status();
  calibration_ = WhatHolds(input_.plan, crew, *kept);
  JudgeCeilings(input_.plan, crew, *kept, CeilingTermsOf(input_.loaded.scenario), &preflight_);
  return calibration_.agents().empty() ? absl::OkStatus()
                                       : WriteCalibration(in_bundle, calibration_);
}

void Campaign::Stop(const std::string& reason) {
  if (!stop_reason_.empty()) return;
  stop_reason_ = reason;
  Note(absl::StrCat(reason, ": ending the load and reporting what was measured"));
  pause_.cancel();
  if (fleet_) fleet_->GiveUp();
  joint_.Stop(reason);
}

std::string Campaign::Metrics() const {
  MetricsView view;
  view.plan = &input_.plan;
  view.runs_done = static_cast<int>(runs_.size());
  if (!joint_.empty()) {
    const RunDriver& driver = joint_.first();
    view.run = &driver.plan();
    view.totals = &driver.machine().totals().agents();
    view.live = &driver.machine().live();
    view.scrapes = &driver.scrapes();
  }
  return MetricsText(view);
}

}  // namespace drumline
