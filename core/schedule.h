// Schedule: the intended starts of one lane of a plan, in order.
//
//     Schedule schedule(profile, Schedule::Arrivals::kConstant, seed, beats, Lane{3, 8});
//     while (auto start_ns = schedule.Next()) { … }   // beats 3, 11, 19 … of the whole plan
//
// A plan's schedule is a list of beats 0 … beats − 1. A lane takes every stride-th of them, so that
// lanes {0, n}, {1, n} … {n − 1, n} together are the plan's schedule, beat by beat, for any n: one
// agent or forty, the target sees the same arrivals.
//
//   constant   Beat k starts where the integral of the rate reaches k (see LoadProfile).
//   poisson    Beat k starts where the integral reaches S_k = E_0 + … + E_k, with E_i independent
//              and exponential of mean 1: a Poisson process of that rate, by the change of time
//              (Çinlar, Introduction to Stochastic Processes, 1975, ch. 4.7). E_i depends on the
//              seed and on i alone; each lane adds up all of them and keeps its own.
//
// When an agent is lost, its lane is divided among the n that are left: ShareOf(lane, i, n) for i =
// 0 … n − 1 are disjoint, and together they are the lane. Adopt adds such a share to a schedule.
//
// Pure: no clock. Holds a reference to the profile, which must outlive it. Not thread-safe; each
// worker has one of its own.
#ifndef CORE_SCHEDULE_H_
#define CORE_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/load_profile.h"
#include "core/random.h"

namespace drumline {

struct Lane {
  uint64_t first = 0;
  uint64_t stride = 1;
};

// Part [part] of [parts] of a lane: {first + part · stride, parts · stride}.
inline Lane ShareOf(Lane lane, uint64_t part, uint64_t parts) {
  return {lane.first + part * lane.stride, parts * lane.stride};
}

class Schedule {
 public:
  enum class Arrivals { kConstant, kPoisson };

  // How many beats a plan with this profile has: the constant ones exactly, the Poisson ones as the
  // seed has it. For Poisson arrivals the cost is proportional to the result (some 10 ns each).
  static uint64_t CountBeats(const LoadProfile& profile, Arrivals arrivals, uint64_t seed);

  // [beats] is what CountBeats gave the planner: the schedule ends there, whatever the last digit
  // of a logarithm may be on this machine.
  Schedule(const LoadProfile& profile, Arrivals arrivals, uint64_t seed, uint64_t beats, Lane lane);

  // The next intended start, in ns from the common start, or nothing after the last. Never smaller
  // than the one before.
  std::optional<int64_t> Next();

  // The number, in the whole plan, of the beat that Next gave last.
  uint64_t number() const { return number_; }

  // From here on the beats of [lane] that start at [from_ns] or later are this schedule's too.
  // [upcoming] is what Next gave last, if its start is still to come: Next gives it again, when its
  // turn comes. Poisson arrivals: if [from_ns] is long past, all beats up to it are added up again.
  void Adopt(Lane lane, int64_t from_ns, std::optional<int64_t> upcoming);

  // How many beats of the whole plan are this schedule's own lane's.
  uint64_t lane_beats() const;

 private:
  struct Beat {
    int64_t start_ns;
    uint64_t number;
  };

  int64_t PoissonInstant(uint64_t beat);
  std::optional<Beat> NextOwn();
  std::optional<Beat> NextOfAll();
  Schedule Of(Lane lane, int64_t from_ns) const;

  const LoadProfile& profile_;
  Arrivals arrivals_;
  RandomSequence random_;
  uint64_t beats_;
  Lane lane_;
  uint64_t next_beat_;
  // Poisson only: S_k of the last beat that was added up, and the number of those added up.
  double position_ = 0;
  uint64_t added_ = 0;
  size_t segment_hint_ = 0;
  // Once a lane was adopted: the other lanes, and the next start of each of them, of this one's own
  // lane, and of what was given back.
  std::vector<Schedule> adopted_;
  std::vector<std::optional<Beat>> next_of_adopted_;
  std::optional<Beat> next_own_;
  std::vector<Beat> given_back_;
  // Of the beat that Next gave last.
  uint64_t number_ = 0;
};

}  // namespace drumline

#endif  // CORE_SCHEDULE_H_
