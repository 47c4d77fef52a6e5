// How many beats of a lane start within a stretch of time: what an agent that was lost should have
// sent, and what nobody did.
//
//     const auto lost = CountBeats(run.load(), profile, {lane, 0, 12'000'000'000});
//     lost.warmup + lost.measure;
//
//     BeatCounter counter(run.load(), profile, stretches);
//     while (counter.Advance(100'000)) {}        // between which a loop can see to other things
//     counter.counts(0), counter.counts(1) …
//
// Constant arrivals cost a binary search for each stretch. Poisson ones are added up from the
// schedule's beginning, once for all stretches, some 10 ns for each beat of the whole plan.
//
// Pure; a counter is used by one thread.
#ifndef CORE_BEAT_COUNT_H_
#define CORE_BEAT_COUNT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
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

class BeatCounter {
 public:
  // [profile] is that of [load]; both must outlive the counter. With a mix, which must outlive it,
  // too, the beats of the measured window are also counted by which of the mix's [choices] they
  // send: each of them is looked at, some tens of ns.
  BeatCounter(const proto::LoadPlan& load, const LoadProfile& profile,
              std::vector<LaneStretch> stretches, const Mix* mix = nullptr, size_t choices = 0);

  // Looks at up to [beats] more beats. False once all are counted.
  bool Advance(uint64_t beats);

  // By stretch, as far as it has got.
  const BeatCounts& counts(size_t stretch) const { return counts_[stretch]; }
  const std::vector<uint64_t>& choices(size_t stretch) const { return choices_[stretch]; }

 private:
  // Strides of more lanes than any fleet has are not told apart by their residues.
  static constexpr uint64_t kMostResidues = 1'000'000;

  void SortByResidue();
  bool WalkSchedule(uint64_t beats);
  bool WalkChoices(uint64_t beats);
  void Count(uint64_t number, int64_t start_ns);

  const proto::LoadPlan& load_;
  const LoadProfile& profile_;
  const Mix* const mix_;
  std::vector<LaneStretch> stretches_;
  std::vector<BeatCounts> counts_;
  std::vector<std::vector<uint64_t>> choices_;
  // Poisson arrivals: all beats, up to the end of the last stretch, and by the residue of a beat's
  // number the stretches whose lane may have it.
  std::optional<Schedule> schedule_;
  int64_t until_ns_ = 0;
  std::vector<std::vector<size_t>> by_residue_;
  // Constant arrivals: the stretch whose choices are counted, and the next beat of its lane.
  size_t at_ = 0;
  std::optional<uint64_t> next_;
};

// All at once. [profile] is that of [load].
BeatCounts CountBeats(const proto::LoadPlan& load, const LoadProfile& profile,
                      const LaneStretch& stretch);
std::vector<uint64_t> CountChoices(const proto::LoadPlan& load, const LoadProfile& profile,
                                   const LaneStretch& stretch, const Mix& mix, size_t choices);

}  // namespace drumline

#endif  // CORE_BEAT_COUNT_H_
