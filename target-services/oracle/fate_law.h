// How each request ends, chosen by its number: well, with an error, cut short, or by a reset.
//
//   FateLaw law({.resets = 0.001, .truncated = 0.001, .errors = 0.01}, seed);
//   law.FateOf(7);
//
// One choice a request divides the interval from 0 to 1 among the fates, so that the shares are
// exact and no request has two. Pure.
#ifndef TARGET_SERVICES_ORACLE_FATE_LAW_H_
#define TARGET_SERVICES_ORACLE_FATE_LAW_H_

#include <cstddef>
#include <cstdint>

#include "target-services/oracle/choice_sequence.h"

namespace drumline::target {

enum class Fate : uint8_t {
  kOk,
  kError,      // Another status.
  kReset,      // No answer: the connection is reset when it would have come.
  kTruncated,  // Half of the body that was announced, then the end of the connection.
};
inline constexpr size_t kFateCount = 4;

// Probabilities; their sum is at most 1.
struct FateShares {
  double resets = 0;
  double truncated = 0;
  double errors = 0;
};

class FateLaw {
 public:
  FateLaw(const FateShares& shares, uint64_t seed)
      : shares_(shares), choices_(seed, ChoiceSequence::Kind::kFate) {}

  Fate FateOf(uint64_t number) const {
    const double choice = choices_.UniformAt(number);
    if (choice <= shares_.resets) return Fate::kReset;
    if (choice <= shares_.resets + shares_.truncated) return Fate::kTruncated;
    if (choice <= shares_.resets + shares_.truncated + shares_.errors) return Fate::kError;
    return Fate::kOk;
  }

 private:
  FateShares shares_;
  ChoiceSequence choices_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_FATE_LAW_H_
