#include "core/schedule.h"

#include <algorithm>
#include <cmath>

namespace drumline {
namespace {

double ExponentialAt(const RandomSequence& random, uint64_t position) {
  return -std::log(random.UniformAt(position));
}

}  // namespace

uint64_t Schedule::CountBeats(const LoadProfile& profile, Arrivals arrivals, uint64_t seed) {
  if (arrivals == Arrivals::kConstant) return profile.beats();
  const RandomSequence random(seed);
  size_t hint = 0;
  double position = 0;
  // The position of the profile's end is not a whole number of beats in general: compare instants,
  // but only near the end, where the comparison can go either way.
  const double surely_inside = static_cast<double>(profile.beats()) - 2;
  for (uint64_t count = 0;; ++count) {
    position += ExponentialAt(random, count);
    if (position < surely_inside) continue;
    if (profile.InstantOfPosition(position, &hint) >= profile.length_ns()) return count;
  }
}

Schedule::Schedule(const LoadProfile& profile, Arrivals arrivals, uint64_t seed, uint64_t beats,
                   Lane lane)
    : profile_(profile),
      arrivals_(arrivals),
      random_(seed),
      beats_(beats),
      lane_{lane.first, std::max<uint64_t>(lane.stride, 1)},
      next_beat_(lane.first) {}

uint64_t Schedule::lane_beats() const {
  if (lane_.first >= beats_) return 0;
  return (beats_ - lane_.first - 1) / lane_.stride + 1;
}

int64_t Schedule::PoissonInstant(uint64_t beat) {
  for (; added_ <= beat; ++added_) position_ += ExponentialAt(random_, added_);
  return std::min(profile_.InstantOfPosition(position_, &segment_hint_), profile_.length_ns());
}

std::optional<int64_t> Schedule::Next() {
  if (next_beat_ >= beats_) return std::nullopt;
  const uint64_t beat = next_beat_;
  next_beat_ += lane_.stride;
  return arrivals_ == Arrivals::kConstant ? profile_.InstantOfBeat(beat, &segment_hint_)
                                          : PoissonInstant(beat);
}

}  // namespace drumline
