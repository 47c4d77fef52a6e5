#include "core/beat_count.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

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

BeatCounter::BeatCounter(const proto::LoadPlan& load, const LoadProfile& profile,
                         std::vector<LaneStretch> stretches, const Mix* mix, size_t choices)
    : load_(load),
      profile_(profile),
      mix_(mix),
      stretches_(std::move(stretches)),
      counts_(stretches_.size()),
      choices_(stretches_.size(), std::vector<uint64_t>(choices, 0)) {
  for (LaneStretch& stretch : stretches_) {
    stretch.lane.stride = std::max<uint64_t>(stretch.lane.stride, 1);
    stretch.until_ns = std::max(stretch.until_ns, stretch.from_ns);
    until_ns_ = std::max(until_ns_, stretch.until_ns);
  }
  if (ArrivalsOf(load) == Schedule::Arrivals::kPoisson) {
    schedule_.emplace(profile, Schedule::Arrivals::kPoisson, load.seed(), load.beats(), Lane{0, 1});
    SortByResidue();
    return;
  }
  for (size_t i = 0; i < stretches_.size(); ++i) {
    counts_[i] = CountConstant(load, profile, stretches_[i]);
  }
}

// With a divisor of all strides, the residue of a beat's number is that of its lane's first one.
void BeatCounter::SortByResidue() {
  uint64_t divisor = 0;
  for (const LaneStretch& stretch : stretches_) divisor = std::gcd(divisor, stretch.lane.stride);
  by_residue_.resize(divisor >= 1 && divisor <= kMostResidues ? divisor : 1);
  for (size_t i = 0; i < stretches_.size(); ++i) {
    by_residue_[stretches_[i].lane.first % by_residue_.size()].push_back(i);
  }
}

bool BeatCounter::Advance(uint64_t beats) {
  if (schedule_) return WalkSchedule(beats);
  return mix_ != nullptr && WalkChoices(beats);
}

bool BeatCounter::WalkSchedule(uint64_t beats) {
  for (; beats > 0; --beats) {
    const std::optional<int64_t> start_ns = schedule_->Next();
    if (!start_ns || *start_ns >= until_ns_) return false;
    Count(schedule_->number(), *start_ns);
  }
  return true;
}

void BeatCounter::Count(uint64_t number, int64_t start_ns) {
  for (const size_t i : by_residue_[number % by_residue_.size()]) {
    const LaneStretch& stretch = stretches_[i];
    const bool within = start_ns >= stretch.from_ns && start_ns < stretch.until_ns;
    const Lane& lane = stretch.lane;
    if (!within || number < lane.first || (number - lane.first) % lane.stride != 0) continue;
    const bool warm = start_ns < load_.warmup_ns();
    ++(warm ? counts_[i].warmup : counts_[i].measure);
    if (!warm && mix_ != nullptr) ++choices_[i][mix_->At(number)];
  }
}

bool BeatCounter::WalkChoices(uint64_t beats) {
  for (; at_ < stretches_.size(); ++at_, next_.reset()) {
    const LaneStretch& stretch = stretches_[at_];
    const Lane& lane = stretch.lane;
    const int64_t from_ns = std::max(stretch.from_ns, load_.warmup_ns());
    if (!next_) next_ = OfLane(lane, BeatsBefore(load_, profile_, from_ns));
    const uint64_t end = OfLane(lane, BeatsBefore(load_, profile_, stretch.until_ns));
    for (; *next_ < end; ++*next_, --beats) {
      if (beats == 0) return true;
      ++choices_[at_][mix_->At(lane.first + *next_ * lane.stride)];
    }
  }
  return false;
}

BeatCounts CountBeats(const proto::LoadPlan& load, const LoadProfile& profile,
                      const LaneStretch& stretch) {
  BeatCounter counter(load, profile, {stretch});
  while (counter.Advance(std::numeric_limits<uint64_t>::max())) {
  }
  return counter.counts(0);
}

std::vector<uint64_t> CountChoices(const proto::LoadPlan& load, const LoadProfile& profile,
                                   const LaneStretch& stretch, const Mix& mix, size_t choices) {
  BeatCounter counter(load, profile, {stretch}, &mix, choices);
  while (counter.Advance(std::numeric_limits<uint64_t>::max())) {
  }
  return counter.choices(0);
}

}  // namespace drumline
