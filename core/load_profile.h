// LoadProfile: the offered rate as a function of time, its integral, and the integral's inverse.
//
//     auto profile = LoadProfile::Create({{Rate::PerSecond(0), Rate::PerSecond(1000), 10 *
//     kSecond},
//                                         {Rate::PerSecond(1000), Rate::PerSecond(1000),
//                                         kMinute}});
//     profile->beats();                   // 65'000: 5'000 on the ramp, 60'000 on the hold
//     profile->InstantOfBeat(65'000 - 1); // when the last request starts, in ns
//
// A profile is a chain of segments; within one, the rate goes in a straight line. With r(t) the
// rate and I(t) = ∫₀ᵗ r the requests that should have started by t, beat k starts at the smallest t
// with I(t) = k, for k = 0, 1, 2 … while t lies before the profile's end:
//
//     rate │      ┌─────          I │         ╱
//          │    ╱                   │      ╱           beat k starts where the curve I
//          │  ╱                     │   ,'             reaches the height k
//          └────────── t            └────────── t
//
// The number of beats and the bounds of the segments are computed in 128-bit integers, without
// rounding; an instant on a hold is rounded down to the nanosecond, one on a ramp is correct to a
// few nanoseconds (the root of a quadratic in long double).
//
// Immutable after Create; safe to read from any number of threads.
#ifndef CORE_LOAD_PROFILE_H_
#define CORE_LOAD_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/rate.h"

namespace drumline {

class LoadProfile {
 public:
  struct Segment {
    Rate from;
    Rate to;
    int64_t length_ns = 0;
  };

  static constexpr size_t kMaxSegments = 10'000;
  static constexpr int64_t kMaxLengthNs = 7LL * 24 * 3600 * 1'000'000'000;

  // Fails on a negative rate or length, a rate above Rate::kMaxMicroPerHour, more than kMaxSegments
  // segments or more than kMaxLengthNs altogether. Segments of no length are steps and are dropped.
  static absl::StatusOr<LoadProfile> Create(const std::vector<Segment>& segments);

  // An empty profile: no beats, no length.
  LoadProfile() = default;

  int64_t length_ns() const { return length_ns_; }
  // How many requests start, exactly.
  uint64_t beats() const;
  // How many of them start before [instant_ns].
  uint64_t BeatsBefore(int64_t instant_ns) const;
  // The rate at an instant; at a step, the rate after it; 0 beyond the end.
  double RatePerSecondAt(int64_t instant_ns) const;

  // When [beat] < beats() starts. Beats in ascending order cost O(1) each: [hint] carries the
  // segment from one call to the next (start it at 0).
  int64_t InstantOfBeat(uint64_t beat, size_t* hint) const;
  // The same for a position between two beats, as a Poisson process in operational time needs it.
  // Positions beyond the end give length_ns().
  int64_t InstantOfPosition(double position, size_t* hint) const;

 private:
  // Requests in units of 1 / kUnitsPerBeat: micro-requests an hour times nanoseconds, twice (the
  // area of a trapezoid halves).
  using Units = unsigned __int128;
  static constexpr Units kUnitsPerBeat =
      static_cast<Units>(2) * 1'000'000 * 3'600 * 1'000'000'000ULL;

  struct Piece {
    Rate from;
    Rate to;
    int64_t begin_ns;
    int64_t length_ns;
    Units units_before;
    Units units;
  };

  static int64_t OffsetInHold(const Piece& piece, Units units);
  static int64_t OffsetInRamp(const Piece& piece, Units units);
  int64_t InstantOfUnits(Units units, size_t* hint) const;

  std::vector<Piece> pieces_;
  int64_t length_ns_ = 0;
  Units units_ = 0;
};

}  // namespace drumline

#endif  // CORE_LOAD_PROFILE_H_
