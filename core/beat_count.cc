#include "core/beat_count.h"

#include <algorithm>
#include <optional>

#include "core/plan.h"

namespace drumline {
namespace {

// Of the plan's beats before number [beats], those of the lane.
uint64_t OfLane(Lane lane, uint64_t beats) {
  return lane.first >= beats ? 0 : (beats - lane.first - 1) / lane.stride + 1;
}

// Constant arrivals: the profile knows how many beats of the plan start before an instant.
BeatCounts CountConstant(const proto::LoadPlan& load, const LoadProfile& profile,
                         const LaneStretch& stretch) {
  const auto before = [&](int64_t instant_ns) {
    const int64_t within_ns = std::clamp(instant_ns, stretch.from_ns, stretch.until_ns);
    const uint64_t beats =
        within_ns >= profile.length_ns() ? profile.beats() : profile.BeatsBefore(within_ns);
    return OfLane(stretch.lane, std::min(beats, load.beats()));
  };
  const uint64_t at_from = before(stretch.from_ns);
  const uint64_t at_window = before(load.warmup_ns());
  return {at_window - at_from, before(stretch.until_ns) - at_window};
}

}  // namespace

BeatCounts CountBeats(const proto::LoadPlan& load, const LoadProfile& profile,
                      const LaneStretch& stretch) {
  if (stretch.until_ns <= stretch.from_ns) return {};
  if (ArrivalsOf(load) == Schedule::Arrivals::kConstant) {
    return CountConstant(load, profile, stretch);
  }
  Schedule schedule(profile, Schedule::Arrivals::kPoisson, load.seed(), load.beats(), stretch.lane);
  BeatCounts counts;
  for (std::optional<int64_t> start_ns = schedule.Next();
       start_ns.has_value() && *start_ns < stretch.until_ns; start_ns = schedule.Next()) {
    if (*start_ns < stretch.from_ns) continue;
    ++(*start_ns < load.warmup_ns() ? counts.warmup : counts.measure);
  }
  return counts;
}

}  // namespace drumline
