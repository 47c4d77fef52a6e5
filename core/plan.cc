#include "core/plan.h"

#include <vector>

#include "absl/strings/str_cat.h"

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
  if (!load.closed_loop() && worker.lane().stride() == 0) {
    return absl::InvalidArgumentError("a lane without a stride");
  }
  return absl::OkStatus();
}

absl::Status CheckLengths(const proto::Slice& slice) {
  const proto::LoadPlan& load = slice.load();
  if (!IsLength(load.warmup_ns()) || !IsLength(load.measure_ns()) || !IsLength(load.drain_ns()) ||
      !IsLength(slice.request().timeout_ns()) || slice.request().timeout_ns() == 0) {
    return absl::InvalidArgumentError("a phase or a timeout of impossible length");
  }
  if (load.measure_ns() == 0 && !(load.closed_loop() && load.requests() > 0)) {
    return absl::InvalidArgumentError("a measured window that nothing ends");
  }
  return absl::OkStatus();
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

proto::Slice SliceOf(const proto::RunPlan& run, const Place& place) {
  proto::Slice slice;
  slice.set_run_id(run.run_id());
  *slice.mutable_load() = run.load();
  *slice.mutable_request() = run.request();
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
  absl::Status status = CheckLengths(slice);
  for (const proto::WorkerSlice& worker : slice.workers()) {
    status.Update(CheckWorker(slice.load(), worker));
  }
  if (!slice.load().closed_loop()) status.Update(ProfileOf(slice.load()).status());
  return status;
}

}  // namespace drumline
