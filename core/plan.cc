#include "core/plan.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/mix.h"

namespace drumline {
namespace {

constexpr int kMaxWorkers = 256;
constexpr uint32_t kMaxConnectionsOfWorker = 1'000'000;
constexpr int64_t kMaxPhaseNs = LoadProfile::kMaxLengthNs;

// Part number [lane] of [lanes] equal parts of a whole; the first ones take the remainder.
uint64_t PartOf(uint64_t whole, uint64_t lane, uint64_t lanes) {
  return whole / lanes + (lane < whole % lanes ? 1 : 0);
}

bool IsLength(int64_t ns) { return ns >= 0 && ns <= kMaxPhaseNs; }

absl::Status CheckWorker(const proto::LoadPlan& load, const proto::WorkerSlice& worker) {
  if (worker.connections() == 0 || worker.connections() > kMaxConnectionsOfWorker) {
    return absl::InvalidArgumentError(absl::StrCat("a worker with ", worker.connections(),
                                                   " connections; 1 to ", kMaxConnectionsOfWorker,
                                                   " are possible"));
  }
  if (!load.closed_loop() && worker.lane().first() >= worker.lane().stride()) {
    return absl::InvalidArgumentError(absl::StrCat("lane ", worker.lane().first(), " of ",
                                                   worker.lane().stride(), ", which there is not"));
  }
  return absl::OkStatus();
}

// Two workers with the same beats would send them twice.
absl::Status CheckLanes(const proto::Slice& slice) {
  std::set<uint64_t> lanes;
  for (const proto::WorkerSlice& worker : slice.workers()) {
    if (worker.lane().stride() != slice.workers(0).lane().stride()) {
      return absl::InvalidArgumentError("lanes of different strides");
    }
    if (!lanes.insert(worker.lane().first()).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("lane ", worker.lane().first(), " is given twice"));
    }
  }
  return absl::OkStatus();
}

// Beats beyond those of the profile would all start at its end. To count Poisson ones would take
// too long here; their number is within a few standard deviations of the profile's.
absl::Status CheckProfile(const proto::LoadPlan& load) {
  absl::StatusOr<LoadProfile> profile = ProfileOf(load);
  if (!profile.ok()) return profile.status();
  if (profile->length_ns() > load.warmup_ns() + load.measure_ns()) {
    return absl::InvalidArgumentError(absl::StrCat("a load of ", profile->length_ns(),
                                                   " ns in a window of ",
                                                   load.warmup_ns() + load.measure_ns(), " ns"));
  }
  const auto expected = static_cast<double>(profile->beats());
  const double tolerance =
      ArrivalsOf(load) == Schedule::Arrivals::kPoisson ? 12 * std::sqrt(expected) + 100 : 0;
  if (std::abs(static_cast<double>(load.beats()) - expected) > tolerance) {
    return absl::InvalidArgumentError(
        absl::StrCat(load.beats(), " beats in a load that has ", profile->beats(), " of them"));
  }
  return absl::OkStatus();
}

absl::Status CheckLengths(const proto::Slice& slice) {
  const proto::LoadPlan& load = slice.load();
  if (!IsLength(load.warmup_ns()) || !IsLength(load.measure_ns()) || !IsLength(load.drain_ns())) {
    return absl::InvalidArgumentError("a phase of impossible length");
  }
  for (const proto::RequestPlan* request : RequestsOf(slice)) {
    if (!IsLength(request->timeout_ns()) || request->timeout_ns() == 0 ||
        !IsLength(request->think_ns())) {
      return absl::InvalidArgumentError("a timeout or a think time of impossible length");
    }
  }
  if (!IsLength(load.connect_over_ns())) {
    return absl::InvalidArgumentError("connections that are opened over an impossible length");
  }
  if (load.measure_ns() == 0 && !(load.closed_loop() && load.requests() > 0)) {
    return absl::InvalidArgumentError("a measured window that nothing ends");
  }
  return absl::OkStatus();
}

absl::Status CheckMix(const proto::Slice& slice) {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(slice);
  if (requests.size() > kMaxRequests) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a mix of ", requests.size(), " requests; at most ", kMaxRequests, " are possible"));
  }
  for (const proto::RequestPlan* request : requests) {
    if (request->weight() <= Mix::kMaxWeight) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("a weight of ", request->weight(), "; at most ", Mix::kMaxWeight));
  }
  return absl::OkStatus();
}

template <typename Plan>
std::vector<const proto::RequestPlan*> AllRequests(const Plan& plan) {
  std::vector<const proto::RequestPlan*> requests = {&plan.request()};
  for (const proto::RequestPlan& request : plan.more_requests()) requests.push_back(&request);
  return requests;
}

// proto3 keeps values that an enumeration does not have: those of a newer controller.
absl::Status CheckEngine(const proto::EnginePlan& engine) {
  if (!proto::EngineChoice_IsValid(engine.engine()) || !proto::Pacing_IsValid(engine.pacing())) {
    return absl::InvalidArgumentError(
        absl::StrCat("engine ", static_cast<int>(engine.engine()), " and pacing ",
                     static_cast<int>(engine.pacing()), ", which this agent does not know"));
  }
  const bool coalesced = engine.pacing() == proto::PACING_COALESCED;
  const int64_t tick_ns = engine.tick_ns();
  if (coalesced ? tick_ns >= kMinTickNs && tick_ns <= kMaxTickNs : tick_ns == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      coalesced ? absl::StrCat("coalesced pacing with a tick of ", tick_ns, " ns; ", kMinTickNs,
                               " to ", kMaxTickNs, " are possible")
                : absl::StrCat("a tick of ", tick_ns, " ns without coalesced pacing"));
}

}  // namespace

absl::StatusOr<LoadProfile> ProfileOf(const proto::LoadPlan& load) {
  std::vector<LoadProfile::Segment> segments;
  for (const proto::RateSegment& segment : load.segments()) {
    segments.push_back({Rate::MicroPerHour(segment.from().micro_per_hour()),
                        Rate::MicroPerHour(segment.to().micro_per_hour()), segment.length_ns()});
  }
  return LoadProfile::Create(segments);
}

Schedule::Arrivals ArrivalsOf(const proto::LoadPlan& load) {
  return load.arrivals() == proto::ARRIVALS_POISSON ? Schedule::Arrivals::kPoisson
                                                    : Schedule::Arrivals::kConstant;
}

std::vector<const proto::RequestPlan*> RequestsOf(const proto::RunPlan& run) {
  return AllRequests(run);
}

std::vector<const proto::RequestPlan*> RequestsOf(const proto::Slice& slice) {
  return AllRequests(slice);
}

Choices ChoicesOf(const std::vector<const proto::RequestPlan*>& requests) {
  Choices choices;
  for (uint32_t i = 0; i < requests.size(); ++i) {
    if (requests[i]->follows()) continue;
    choices.first.push_back(i);
    choices.weights.push_back(std::max(requests[i]->weight(), 1u));
  }
  return choices;
}

uint32_t AgentsOf(const proto::RunPlan& run, const proto::Plan& plan) {
  return run.has_crew() ? run.crew().count() : plan.agent_count();
}

proto::Slice SliceOf(const proto::RunPlan& run, const Place& place,
                     const proto::EnginePlan& engine) {
  proto::Slice slice;
  slice.set_run_id(run.run_id());
  *slice.mutable_load() = run.load();
  *slice.mutable_request() = run.request();
  *slice.mutable_more_requests() = run.more_requests();
  *slice.mutable_engine() = engine;
  const uint64_t lanes = uint64_t{place.agents} * place.workers;
  for (uint32_t worker = 0; worker < place.workers; ++worker) {
    const uint64_t lane = uint64_t{worker} * place.agents + place.agent;
    proto::WorkerSlice& share = *slice.add_workers();
    share.mutable_lane()->set_first(lane);
    share.mutable_lane()->set_stride(lanes);
    share.set_connections(static_cast<uint32_t>(PartOf(run.load().connections(), lane, lanes)));
    share.set_requests(PartOf(run.load().requests(), lane, lanes));
  }
  return slice;
}

absl::Status CheckSlice(const proto::Slice& slice) {
  if (slice.workers_size() < 1 || slice.workers_size() > kMaxWorkers) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a slice for ", slice.workers_size(), " workers; 1 to ", kMaxWorkers, " are possible"));
  }
  if (absl::Status lengths = CheckLengths(slice); !lengths.ok()) return lengths;
  absl::Status status = CheckEngine(slice.engine());
  if (slice.has_null_service() && slice.has_tls()) {
    status.Update(absl::InvalidArgumentError("a null service does not speak TLS"));
  }
  status.Update(CheckMix(slice));
  for (const proto::WorkerSlice& worker : slice.workers()) {
    status.Update(CheckWorker(slice.load(), worker));
  }
  if (!slice.load().closed_loop()) {
    status.Update(CheckLanes(slice));
    status.Update(CheckProfile(slice.load()));
  }
  return status;
}

}  // namespace drumline
