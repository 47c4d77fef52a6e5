// Which delay each request gets: a known distribution, drawn by the request's number.
//
//   absl::StatusOr<DelayLaw> law = DelayLaw::Parse("two-point:1ms,20ms,0.01", seed);
//   law->DelayNs(7);                               // of request 7, from 0 on
//
//   fixed:D              D, always
//   two-point:A,B,P      B with probability P, otherwise A
//   exponential:MEAN     −MEAN ln U
//   lognormal:MEDIAN,SIGMA   MEDIAN exp(SIGMA Z), Z = √(−2 ln U) cos(2π V) (Box and Muller, 1958)
//   file:PATH            the delays of a file, one a line, in turn and again from the first; empty
//                        lines and those that begin with # are passed over
//
// with U and V uniform in (0, 1] (choice_sequence.h). A delay that a distribution puts beyond
// kMaxDurationNs is that long.
//
// Parse reads the file, once; the rest is pure. Errors: kInvalidArgument, kNotFound for a file that
// cannot be read; both name the place.
#ifndef TARGET_SERVICES_ORACLE_DELAY_LAW_H_
#define TARGET_SERVICES_ORACLE_DELAY_LAW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "target-services/oracle/choice_sequence.h"

namespace drumline::target {

class DelayLaw {
 public:
  // Lines of a file: 8 MiB of memory.
  static constexpr size_t kMaxFileDelays = 1024 * 1024;
  // Beyond it the lognormal's quantiles leave every scale.
  static constexpr double kMaxSigma = 10;

  // No delay.
  DelayLaw() : DelayLaw(Shape::kTwoPoint, /*seed=*/0) {}
  static absl::StatusOr<DelayLaw> Parse(std::string_view text, uint64_t seed);

  int64_t DelayNs(uint64_t number) const;

 private:
  enum class Shape : uint8_t { kTwoPoint, kExponential, kLognormal, kList };

  DelayLaw(Shape shape, uint64_t seed)
      : shape_(shape),
        uniform_(seed, ChoiceSequence::Kind::kDelay),
        angle_(seed, ChoiceSequence::Kind::kAngle) {}

  static absl::StatusOr<DelayLaw> ParseTwoPoint(std::string_view terms, uint64_t seed);
  static absl::StatusOr<DelayLaw> ParseLognormal(std::string_view terms, uint64_t seed);
  static absl::StatusOr<DelayLaw> ReadList(std::string_view path, uint64_t seed);

  Shape shape_;
  ChoiceSequence uniform_;
  ChoiceSequence angle_;
  int64_t scale_ns_ = 0;            // The fixed delay or the first of two; the mean; the median.
  int64_t second_ns_ = 0;           // Two-point alone.
  double share_ = 0;                // Of the second of two.
  double sigma_ = 0;                // Lognormal alone.
  std::vector<int64_t> delays_ns_;  // List alone; not empty.
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_DELAY_LAW_H_
