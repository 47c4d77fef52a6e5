#include "controller/campaign/calibrator.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "controller/calibration/ceiling.h"
#include "controller/calibration/kept.h"
#include "controller/calibration/probe.h"
#include "controller/calibration/shape.h"
#include "controller/format/units.h"
#include "core/feed_table.h"
#include "core/plan.h"

namespace drumline {

namespace asio = boost::asio;

namespace {

constexpr double kNsPerS = 1e9;
constexpr double kNsPerUs = 1e3;
constexpr char kBundleName[] = "calibration";
// The Host header of what goes to a null service.
constexpr char kAuthority[] = "null-service";

// For a fleet that starts no target and knows of none.
Calibrator::Input WithoutTargets(Calibrator::Input input) {
  input.scenario.clear_targets();
  return input;
}

double AnsweredRps(const AgentTotals& totals) {
  if (totals.window_ns == 0) return 0;
  return static_cast<double>(totals.answered_in_window) /
         (static_cast<double>(totals.window_ns) / kNsPerS);
}

double BusyOf(const AgentTotals& totals) {
  return totals.window_ns == 0 ? 0
                               : totals.busiest_worker_ns / static_cast<double>(totals.window_ns);
}

bool FellBehind(const AgentTotals& totals, double asked_rps) {
  return AnsweredRps(totals) < Calibrator::kLeastAchieved * asked_rps ||
         totals.measure.generator_lag().ValueAtQuantile(0.5) > Calibrator::kLatestMedianNs;
}

uint64_t WrongIn(const Ledger& ledger) {
  // In flight at the end is no failure of anybody's.
  return ledger.SentAndEnded() - ledger.Count(Outcome::kOk) - ledger.Count(Outcome::kCensored);
}

}  // namespace

Calibrator::Calibrator(asio::io_context* loop, Input input,
                       std::function<void(const std::string& text)> note)
    : loop_(loop),
      input_(WithoutTargets(std::move(input))),
      note_(std::move(note)),
      fleet_(loop, input_.scenario, input_.directory, input_.cluster, input_.scratch,
             ControllerIdOf(input_.scratch), EventsOfFleet()) {}

FleetEvents Calibrator::EventsOfFleet() {
  return {
      .joined =
          [this](const proto::Join& join) {
            if (driver_) driver_->OnJoined(join);
          },
      .said =
          [this](const std::string& agent_id, const proto::FromAgent& message,
                 int64_t received_ns) {
            if (driver_) driver_->OnSaid(agent_id, message, received_ns);
          },
      .left =
          [this](const std::string& agent_id) {
            if (driver_) driver_->OnLeft(agent_id);
          },
      .lost =
          [this](const std::string& agent_id, const std::string& how) {
            if (driver_) driver_->OnLost(agent_id, how);
          },
      .agent_died =
          [this](const std::string& agent_id, const std::string& how) {
            fleet_broken_ = absl::StrCat("agent ", how);
            fleet_.GiveUp();
            if (driver_) driver_->OnDied(agent_id, how);
          },
      .target_died = [](const std::string&, const std::string&) {},
      .note = note_,
  };
}

asio::awaitable<absl::StatusOr<proto::Calibration>> Calibrator::Run() {
  absl::StatusOr<proto::Calibration> made = absl::UnknownError("");
  absl::Status status = co_await fleet_.Assemble();
  if (status.ok()) {
    made = co_await MeasureAll();
  } else {
    made = std::move(status);
  }
  co_await fleet_.Disband();
  if (stopped_) co_return absl::CancelledError("stopped by the user; no ceiling is kept");
  if (!made.ok() && !fleet_broken_.empty()) co_return absl::UnavailableError(fleet_broken_);
  co_return made;
}

void Calibrator::Stop() {
  stopped_ = true;
  fleet_.GiveUp();
  if (driver_) driver_->Stop("stopped by the user");
}

asio::awaitable<absl::StatusOr<proto::Calibration>> Calibrator::MeasureAll() {
  absl::StatusOr<Bundle> bundle = Bundle::Create(input_.scratch, kBundleName, absl::Now());
  if (!bundle.ok()) co_return bundle.status();
  bundle_ = *std::move(bundle);
  proto::Calibration made;
  for (const proto::RunPlan& run : RunsByShape(input_.plan)) {
    Agents agents = Describe(run);
    if (absl::Status status = co_await MeasureShape(run, &agents); !status.ok()) co_return status;
    for (auto& [id, agent] : agents) *made.add_agents() = std::move(agent);
  }
  co_return made;
}

Calibrator::Agents Calibrator::Describe(const proto::RunPlan& run) const {
  const Shape shape = ShapeOf(run);
  const Conditions conditions = ConditionsOf(input_.plan, shape.sha256);
  Agents agents;
  for (const proto::Join& join : fleet_.CrewJoins()) {
    proto::AgentCalibration& agent = agents[join.agent_id()];
    agent.set_agent_id(join.agent_id());
    agent.set_host(join.host());
    agent.set_cores(join.cores());
    agent.set_binary_sha256(join.binary_sha256());
    agent.set_workers(conditions.workers);
    agent.set_engine_choice(conditions.engine_choice);
    agent.set_pacing(conditions.pacing);
    agent.set_shape(shape.words);
    agent.set_shape_sha256(shape.sha256);
  }
  return agents;
}

asio::awaitable<absl::Status> Calibrator::MeasureShape(const proto::RunPlan& run, Agents* agents) {
  const uint64_t wanted = input_.answer_bytes.value_or(AnswerBytesOf(run));
  answer_ = NullAnswer(run, wanted);
  answer_body_bytes_ = answer_.size() - (answer_.find("\r\n\r\n") + 4);
  note_(absl::StrCat("calibrating ", agents->size(), agents->size() == 1 ? " agent" : " agents",
                     " with ", ShapeOf(run).words, ", answers of ", FormatCount(answer_body_bytes_),
                     " bytes; some ten seconds"));
  absl::Status status = co_await FindCeilings(run, agents);
  if (status.ok()) status = co_await ProveCeilings(run, agents);
  if (status.ok()) status = co_await FindFloors(run, agents);
  const std::string now =
      absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", absl::Now(), absl::UTCTimeZone());
  for (auto& [id, agent] : *agents) {
    agent.set_measured_at(now);
    agent.set_answer_bytes(answer_body_bytes_);
  }
  co_return status;
}

asio::awaitable<absl::Status> Calibrator::FindCeilings(const proto::RunPlan& run, Agents* agents) {
  absl::Status status = co_await Measure(ClosedProbe(run));
  if (!status.ok()) co_return status;
  const RunMachine& machine = driver_->machine();
  for (const proto::AgentRecord& record : machine.outcome().record.agents()) {
    const AgentTotals& totals = machine.totals().agents().at(record.id());
    proto::AgentCalibration& agent = agents->at(record.id());
    agent.set_engine(record.engine());
    agent.set_ceiling_rps(AnsweredRps(totals));
    agent.set_worker_busy(BusyOf(totals));
    // A worker that spins is busy whatever it waits for.
    agent.set_at_least(BusyOf(totals) < kBusy ||
                       input_.plan.engine().pacing() == proto::PACING_SPIN);
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> Calibrator::ProveCeilings(const proto::RunPlan& run, Agents* agents) {
  std::string late;
  for (int i = 0; i < kMostProofs; ++i) {
    const double ceiling = LeastCeiling(*agents);
    const double asked = BeatsTogether(run, kUsableShare * ceiling);
    absl::Status status = co_await Measure(OpenProbe(run, asked));
    if (!status.ok()) co_return status;
    late.clear();
    for (const auto& [id, totals] : driver_->machine().totals().agents()) {
      proto::AgentCalibration& agent = agents->at(id);
      const Histogram& lag = totals.measure.generator_lag();
      agent.set_lag_p99_us(static_cast<double>(lag.ValueAtQuantile(0.99)) / kNsPerUs);
      if (!FellBehind(totals, kUsableShare * ceiling)) continue;
      agent.set_ceiling_rps(kStepDown * ceiling);
      agent.set_at_least(false);
      late = id;
    }
    if (late.empty()) co_return absl::OkStatus();
  }
  co_return absl::UnavailableError(
      absl::StrCat("agent ", late, " falls behind even at ",
                   FormatRate(kUsableShare * agents->at(late).ceiling_rps() / kStepDown),
                   ": is its host busy with something else?"));
}

asio::awaitable<absl::Status> Calibrator::FindFloors(const proto::RunPlan& run, Agents* agents) {
  const double asked = BeatsTogether(run, kFloorShare * LeastCeiling(*agents));
  absl::Status status = co_await Measure(OpenProbe(run, asked));
  if (!status.ok()) co_return status;
  for (const auto& [id, totals] : driver_->machine().totals().agents()) {
    const Histogram& service = totals.measure.service_time();
    proto::AgentCalibration& agent = agents->at(id);
    agent.set_floor_p50_us(static_cast<double>(service.ValueAtQuantile(0.5)) / kNsPerUs);
    agent.set_floor_p99_us(static_cast<double>(service.ValueAtQuantile(0.99)) / kNsPerUs);
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> Calibrator::Measure(proto::RunPlan probe) {
  if (stopped_) co_return absl::CancelledError("stopped");
  probe.set_run_id(absl::StrCat("calibration-", ++probes_));
  std::map<std::string, proto::Slice> slices;
  const std::vector<std::string> crew = fleet_.Crew();
  for (uint32_t i = 0; i < crew.size(); ++i) {
    proto::Slice slice = SliceOf(probe,
                                 {.agent = i,
                                  .agents = static_cast<uint32_t>(crew.size()),
                                  .workers = input_.plan.workers_per_agent()},
                                 input_.plan.engine());
    ShareFeeds(input_.plan.feeds(), /*may_adopt=*/false, &slice);
    slice.set_authority(kAuthority);
    slice.mutable_null_service()->set_answer(answer_);
    slices[crew[i]] = std::move(slice);
  }
  driver_ = std::make_unique<RunDriver>(loop_, fleet_.service(), &*bundle_, probe, slices,
                                        RunMachine::Limits(), std::nullopt, [] {});
  co_await driver_->Run();
  co_return CheckMeasured();
}

absl::Status Calibrator::CheckMeasured() const {
  if (stopped_) return absl::CancelledError("stopped");
  const RunMachine& machine = driver_->machine();
  if (!machine.outcome().usable.ok()) return machine.outcome().usable;
  const proto::RunRecord& record = machine.outcome().record;
  if (record.faults_size() > 0) return absl::UnavailableError(record.faults(0));
  for (const auto& [id, totals] : machine.totals().agents()) {
    const Ledger& ledger = totals.measure.ledger();
    if (const uint64_t wrong = WrongIn(ledger); wrong > 0) {
      return absl::UnavailableError(
          absl::StrCat("agent ", id, ": ", wrong, " of ", ledger.SentAndEnded(),
                       " requests to its own null service were not answered rightly"));
    }
    if (ledger.SentAndEnded() == 0) {
      return absl::UnavailableError(absl::StrCat("agent ", id, " sent nothing"));
    }
  }
  return absl::OkStatus();
}

double Calibrator::LeastCeiling(const Agents& agents) const {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [id, agent] : agents) least = std::min(least, agent.ceiling_rps());
  return least;
}

double Calibrator::BeatsTogether(const proto::RunPlan& run, double rps_each) const {
  const auto agents = static_cast<double>(fleet_.Crew().size());
  return rps_each * agents / ShapeOf(run).requests_per_beat;
}

}  // namespace drumline
