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
  const std::optional<Beat> beat = adopted_.empty() ? NextOwn() : NextOfAll();
  if (!beat.has_value()) return std::nullopt;
  number_ = beat->number;
  return beat->start_ns;
}

std::optional<Schedule::Beat> Schedule::NextOwn() {
  if (next_beat_ >= beats_) return std::nullopt;
  const uint64_t beat = next_beat_;
  next_beat_ += lane_.stride;
  return Beat{arrivals_ == Arrivals::kConstant ? profile_.InstantOfBeat(beat, &segment_hint_)
                                               : PoissonInstant(beat),
              beat};
}

std::optional<Schedule::Beat> Schedule::NextOfAll() {
  std::optional<Beat>* first = &next_own_;
  for (std::optional<Beat>& next : next_of_adopted_) {
    if (!next.has_value()) continue;
    if (!first->has_value() || next->start_ns < (*first)->start_ns) first = &next;
  }
  const auto back =
      std::min_element(given_back_.begin(), given_back_.end(),
                       [](const Beat& a, const Beat& b) { return a.start_ns < b.start_ns; });
  if (back != given_back_.end() && (!first->has_value() || back->start_ns <= (*first)->start_ns)) {
    const Beat beat = *back;
    given_back_.erase(back);
    return beat;
  }
  const std::optional<Beat> beat = *first;
  if (!beat.has_value()) return std::nullopt;
  *first = first == &next_own_
               ? NextOwn()
               : adopted_[static_cast<size_t>(first - next_of_adopted_.data())].NextOwn();
  return beat;
}

// A schedule of another lane of the same plan, just before its first beat at [from_ns] or later.
Schedule Schedule::Of(Lane lane, int64_t from_ns) const {
  Schedule other(profile_, arrivals_, 0, beats_, lane);
  other.random_ = random_;
  uint64_t begin = 0;
  if (arrivals_ == Arrivals::kConstant) {
    begin = profile_.BeatsBefore(from_ns);
  } else if (added_ > 0 && profile_.InstantOfPosition(position_, &other.segment_hint_) < from_ns) {
    // What was added up here is the same for all lanes.
    other.position_ = position_;
    other.added_ = added_;
    begin = added_;
  }
  if (begin > other.next_beat_) {
    const uint64_t steps = (begin - other.next_beat_ - 1) / other.lane_.stride + 1;
    other.next_beat_ += steps * other.lane_.stride;
  }
  return other;
}

void Schedule::Adopt(Lane lane, int64_t from_ns, std::optional<int64_t> upcoming) {
  if (adopted_.empty()) next_own_ = NextOwn();
  if (upcoming.has_value()) given_back_.push_back({*upcoming, number_});
  adopted_.push_back(Of(lane, from_ns));
  std::optional<Beat>& next = next_of_adopted_.emplace_back(adopted_.back().NextOwn());
  while (next.has_value() && next->start_ns < from_ns) next = adopted_.back().NextOwn();
}

}  // namespace drumline
