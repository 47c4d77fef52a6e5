// The plan's messages as the core's values, checked; and the division of a run into slices.
//
//     absl::StatusOr<LoadProfile> profile = ProfileOf(run.load());
//     Schedule::Arrivals arrivals = ArrivalsOf(run.load());
//     proto::Slice slice = SliceOf(run, {.agent = 2, .agents = 4, .workers = 3}, plan.engine());
//
// Pure and stateless; safe from any thread.
#ifndef CORE_PLAN_H_
#define CORE_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/load_profile.h"
#include "core/schedule.h"
#include "proto/plan.pb.h"

namespace drumline {

// The grid of coalesced pacing: scenario.proto has the same limits. A finer one costs more than
// precise pacing does; in a coarser one a stop of the platform could hide (agent/hiccup_meter.h).
inline constexpr int64_t kMinTickNs = 50'000;
inline constexpr int64_t kMaxTickNs = 1'000'000;

// Requests of a mix, steps of all flows together: each has books of its own.
inline constexpr size_t kMaxRequests = 32;

// The open loop's rate over time, warm-up included. Fails on segments that LoadProfile refuses.
absl::StatusOr<LoadProfile> ProfileOf(const proto::LoadPlan& load);

Schedule::Arrivals ArrivalsOf(const proto::LoadPlan& load);

// The requests of a run or of a slice by their numbers; those of a mix and all steps of flows.
std::vector<const proto::RequestPlan*> RequestsOf(const proto::RunPlan& run);
std::vector<const proto::RequestPlan*> RequestsOf(const proto::Slice& slice);

// What a beat chooses from: the requests of a mix, the first steps of flows.
struct Choices {
  // By choice: the number of the request with which it begins, and its weight.
  std::vector<uint32_t> first;
  std::vector<uint32_t> weights;
};
Choices ChoicesOf(const std::vector<const proto::RequestPlan*>& requests);

// How many of the fleet's agents carry the run out: all of them, or its crew.
uint32_t AgentsOf(const proto::RunPlan& run, const proto::Plan& plan);

// One agent's place in a fleet whose agents all have the same number of workers.
struct Place {
  uint32_t agent = 0;  // from 0
  uint32_t agents = 1;
  uint32_t workers = 1;  // of each agent
};

// The share of one agent. Worker w of agent a has lane w · agents + a of agents · workers, so that
// successive beats go to successive agents. Connections and counted requests are divided the same
// way; the shares of all places sum to the whole, and none differs from another by more than one.
// The target's address is left for the caller to fill in. Without an engine the agent works as it
// does by default.
proto::Slice SliceOf(const proto::RunPlan& run, const Place& place,
                     const proto::EnginePlan& engine = {});

// What an agent holds a slice to before it works with it: limits, lanes, lengths that make sense,
// an engine and a pacing that there are.
absl::Status CheckSlice(const proto::Slice& slice);

}  // namespace drumline

#endif  // CORE_PLAN_H_
