// How many beats of a lane start within a stretch of time: what an agent that was lost should have
// sent, and what nobody did.
//
//     const auto lost = CountBeats(run.load(), profile, {lane, 0, 12'000'000'000});
//     lost.warmup + lost.measure;
//
// Constant arrivals cost a binary search. Poisson ones are added up from the schedule's beginning,
// some 10 ns for each beat of the whole plan.
//
// Pure and stateless; safe from any thread.
#ifndef CORE_BEAT_COUNT_H_
#define CORE_BEAT_COUNT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/load_profile.h"
#include "core/mix.h"
#include "core/schedule.h"
#include "proto/plan.pb.h"

namespace drumline {

// From [from_ns] on and before [until_ns], from the common start of the run.
struct LaneStretch {
  Lane lane;
  int64_t from_ns = 0;
  int64_t until_ns = std::numeric_limits<int64_t>::max();
};

// By the phase of the intended start.
struct BeatCounts {
  uint64_t warmup = 0;
  uint64_t measure = 0;

  friend bool operator==(const BeatCounts&, const BeatCounts&) = default;
};

// [profile] is that of [load].
BeatCounts CountBeats(const proto::LoadPlan& load, const LoadProfile& profile,
                      const LaneStretch& stretch);

// Of the measured window alone: how many of its beats send each of the mix's [choices]. Looks at
// each beat of the lane, some tens of ns each.
std::vector<uint64_t> CountChoices(const proto::LoadPlan& load, const LoadProfile& profile,
                                   const LaneStretch& stretch, const Mix& mix, size_t choices);

}  // namespace drumline

#endif  // CORE_BEAT_COUNT_H_
