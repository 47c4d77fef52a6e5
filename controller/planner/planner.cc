#include "controller/planner/planner.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/planner/request_plan.h"
#include "controller/planner/run_order.h"
#include "controller/scenario/precision.h"
#include "controller/scenario/url.h"
#include "core/plan.h"
#include "core/schedule.h"

namespace drumline {
namespace {

constexpr double kMicroPerHourOfOneASecond = 3'600e6;

void AddSegment(int64_t from, int64_t to, int64_t length_ns, proto::LoadPlan* load) {
  if (length_ns == 0) return;
  proto::RateSegment& segment = *load->add_segments();
  segment.mutable_from()->set_micro_per_hour(from);
  segment.mutable_to()->set_micro_per_hour(to);
  segment.set_length_ns(length_ns);
}

// The measured window's stages; returns their length.
int64_t AddStages(const proto::Scenario& scenario, proto::LoadPlan* load) {
  int64_t rate = scenario.load().rate().micro_per_hour();
  int64_t length_ns = 0;
  for (const proto::Stage& stage : scenario.load().stages()) {
    if (stage.has_hold()) {
      AddSegment(rate, rate, stage.hold().ns(), load);
    } else if (stage.has_burst()) {
      const int64_t burst = stage.burst().micro_per_hour();
      AddSegment(burst, burst, stage.for_().ns(), load);
    } else {
      AddSegment(rate, stage.to().micro_per_hour(), stage.over().ns(), load);
      rate = stage.to().micro_per_hour();
    }
    length_ns += stage.hold().ns() + stage.for_().ns() + stage.over().ns();
  }
  return length_ns;
}

absl::StatusOr<proto::LoadPlan> LoadOf(const proto::Scenario& scenario, uint32_t repeat) {
  const proto::Load& load = scenario.load();
  proto::LoadPlan plan;
  plan.set_warmup_ns(scenario.warmup().ns());
  plan.set_measure_ns(scenario.measure().ns());
  plan.set_drain_ns(scenario.drain().ns());
  // Each repeat has a schedule of its own, the same for all targets.
  plan.set_seed(scenario.seed() + repeat - 1);
  plan.set_closed_loop(load.concurrency() > 0);
  plan.set_requests_per_connection(load.requests_per_connection());
  plan.set_connect_over_ns(load.connect_over().ns());
  if (plan.closed_loop()) {
    plan.set_connections(load.concurrency());
    plan.set_requests(load.requests());
    return plan;
  }
  plan.set_arrivals(load.arrivals());
  plan.set_connections(load.connections());
  const int64_t rate = load.rate().micro_per_hour();
  AddSegment(rate, rate, plan.warmup_ns(), &plan);
  if (load.stages().empty()) {
    AddSegment(rate, rate, plan.measure_ns(), &plan);
  } else {
    plan.set_measure_ns(AddStages(scenario, &plan));
  }
  absl::StatusOr<LoadProfile> profile = ProfileOf(plan);
  if (!profile.ok()) return profile.status();
  plan.set_beats(Schedule::CountBeats(*profile, ArrivalsOf(plan), plan.seed()));
  return plan;
}

proto::EnginePlan EngineOf(const proto::Agents& agents) {
  proto::EnginePlan plan;
  plan.set_engine(agents.engine());
  plan.set_pacing(agents.pacing());
  // The loader gives every scenario a tick.
  if (agents.pacing() == proto::PACING_COALESCED) plan.set_tick_ns(agents.tick().ns());
  return plan;
}

absl::StatusOr<proto::RunPlan> RunOf(const PlannerInput& input, const Seat& seat,
                                     const proto::LoadPlan& load, uint32_t index) {
  proto::RunPlan run;
  *run.mutable_load() = load;
  run.set_index(index);
  run.set_target(seat.target);
  run.set_repeat(seat.repeat);
  if (seat.pair > 0) {
    const uint32_t half = input.scenario.agents().count() / 2;
    run.set_pair(seat.pair);
    run.mutable_crew()->set_first(seat.half * half);
    run.mutable_crew()->set_count(half);
  }
  std::string point;
  if (seat.point.threads > 0) {
    (*run.mutable_point())["threads"] = absl::StrCat(seat.point.threads);
    absl::StrAppend(&point, "-threads=", seat.point.threads);
  }
  if (seat.point.payload != nullptr) {
    (*run.mutable_point())["payload"] = seat.point.payload->text();
    absl::StrAppend(&point, "-payload=", seat.point.payload->text());
  }
  run.set_run_id(absl::StrFormat("%03d-%s%s-r%d", index + 1, seat.target, point, seat.repeat));
  absl::StatusOr<std::vector<proto::RequestPlan>> requests =
      PlanRequests(input.scenario, input.directory, seat.target, seat.point.payload);
  if (!requests.ok()) return requests.status();
  for (proto::RequestPlan& request : *requests) {
    const bool first = !run.has_request();
    (first ? *run.mutable_request() : *run.add_more_requests()) = std::move(request);
  }
  return run;
}

// What decides how many runs there are, where that is not known beforehand.
absl::Status PlanEnd(const proto::Scenario& scenario, proto::Plan* plan) {
  if (!scenario.repeats().until().empty()) {
    const absl::StatusOr<Precision> precision = ParsePrecision(scenario.repeats().until());
    if (!precision.ok()) return precision.status();
    plan->mutable_until()->set_metric(precision->metric);
    plan->mutable_until()->set_relative(precision->relative);
    plan->mutable_until()->set_text(scenario.repeats().until());
  }
  if (!scenario.has_search()) return absl::OkStatus();
  const proto::Capacity& capacity = scenario.search().capacity();
  proto::CapacityPlan& search = *plan->mutable_capacity();
  *search.mutable_slo() = capacity.slo().empty() ? scenario.slo() : capacity.slo();
  search.set_from_rps(Rate::MicroPerHour(capacity.from().micro_per_hour()).per_second());
  search.set_to_rps(Rate::MicroPerHour(capacity.to().micro_per_hour()).per_second());
  search.set_within(capacity.within_per_cent() / 100.0);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<proto::RunPlan> ProbeOf(const proto::RunPlan& first, double rate, uint32_t index,
                                       const std::string& step) {
  proto::RunPlan run = first;
  const int64_t micro_per_hour = std::llround(rate * kMicroPerHourOfOneASecond);
  for (proto::RateSegment& segment : *run.mutable_load()->mutable_segments()) {
    segment.mutable_from()->set_micro_per_hour(micro_per_hour);
    segment.mutable_to()->set_micro_per_hour(micro_per_hour);
  }
  const absl::StatusOr<LoadProfile> profile = ProfileOf(run.load());
  if (!profile.ok()) return profile.status();
  run.mutable_load()->set_beats(
      Schedule::CountBeats(*profile, ArrivalsOf(run.load()), run.load().seed()));
  run.set_index(index);
  run.set_step(step);
  std::string point;
  // A proto map has no order of its own.
  for (const auto& [axis, value] :
       std::map<std::string, std::string>(run.point().begin(), run.point().end())) {
    absl::StrAppend(&point, "-", axis, "=", value);
  }
  run.set_run_id(absl::StrFormat("%03d-%s%s-%.0frps", index + 1, run.target(), point, rate));
  return run;
}

absl::StatusOr<proto::Plan> MakePlan(const PlannerInput& input) {
  const proto::Scenario& scenario = input.scenario;
  proto::Plan plan;
  plan.set_scenario_name(scenario.name());
  plan.set_scenario_sha256(input.scenario_sha256);
  plan.set_seed(scenario.seed());
  if (input.environment != nullptr) *plan.mutable_environment_file() = *input.environment;
  plan.set_agent_count(scenario.agents().count());
  plan.set_workers_per_agent(scenario.agents().workers());
  plan.set_pause_ns(scenario.pause().ns());
  *plan.mutable_max_send_lag() = scenario.agents().max_send_lag();
  *plan.mutable_slo() = scenario.slo();
  *plan.mutable_engine() = EngineOf(scenario.agents());
  if (input.scaling) *plan.mutable_scaling() = *input.scaling;
  plan.set_on_loss(scenario.agents().on_loss());
  *plan.mutable_validity() = scenario.validity();
  plan.set_baseline(scenario.baseline());
  *plan.mutable_abort_when() = scenario.abort_when();
  plan.set_restart(scenario.restart());
  for (const auto& [name, target] : scenario.targets()) {
    if (target.has_costs()) (*plan.mutable_target_costs())[name] = target.costs();
  }
  if (absl::Status status = PlanEnd(scenario, &plan); !status.ok()) return status;
  const std::vector<Seat> seats = OrderRuns(scenario);
  // All runs of a repeat have the same schedule; counting a Poisson one's beats takes a while.
  std::vector<proto::LoadPlan> loads;
  for (uint32_t repeat = 1; repeat <= scenario.repeats().count(); ++repeat) {
    absl::StatusOr<proto::LoadPlan> load = LoadOf(scenario, repeat);
    if (!load.ok()) return load.status();
    loads.push_back(*std::move(load));
  }
  if (absl::Status status = PlanFeeds(scenario, input.directory, &plan); !status.ok()) {
    return status;
  }
  for (const Seat& seat : seats) {
    absl::StatusOr<proto::RunPlan> run =
        RunOf(input, seat, loads[seat.repeat - 1], static_cast<uint32_t>(plan.runs_size()));
    if (!run.ok()) return run.status();
    *plan.add_runs() = *std::move(run);
  }
  return plan;
}

}  // namespace drumline
