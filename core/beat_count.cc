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
uint64_t BeatsBefore(const proto::LoadPlan& load, const LoadProfile& profile, int64_t instant_ns) {
  const uint64_t beats =
      instant_ns >= profile.length_ns() ? profile.beats() : profile.BeatsBefore(instant_ns);
  return std::min(beats, load.beats());
}

BeatCounts CountConstant(const proto::LoadPlan& load, const LoadProfile& profile,
                         const LaneStretch& stretch) {
  const auto before = [&](int64_t instant_ns) {
    const int64_t within_ns = std::clamp(instant_ns, stretch.from_ns, stretch.until_ns);
    return OfLane(stretch.lane, BeatsBefore(load, profile, within_ns));
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

std::vector<uint64_t> CountChoices(const proto::LoadPlan& load, const LoadProfile& profile,
                                   const LaneStretch& stretch, const Mix& mix, size_t choices) {
  std::vector<uint64_t> counts(choices, 0);
  const int64_t from_ns = std::max(stretch.from_ns, load.warmup_ns());
  if (stretch.until_ns <= from_ns) return counts;
  if (ArrivalsOf(load) == Schedule::Arrivals::kConstant) {
    const Lane& lane = stretch.lane;
    const uint64_t end = OfLane(lane, BeatsBefore(load, profile, stretch.until_ns));
    for (uint64_t i = OfLane(lane, BeatsBefore(load, profile, from_ns)); i < end; ++i) {
      ++counts[mix.At(lane.first + i * lane.stride)];
    }
    return counts;
  }
  Schedule schedule(profile, Schedule::Arrivals::kPoisson, load.seed(), load.beats(), stretch.lane);
  for (std::optional<int64_t> start_ns = schedule.Next();
       start_ns.has_value() && *start_ns < stretch.until_ns; start_ns = schedule.Next()) {
    if (*start_ns >= from_ns) ++counts[mix.At(schedule.number())];
  }
  return counts;
}

}  // namespace drumline
