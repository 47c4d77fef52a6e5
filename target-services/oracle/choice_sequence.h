// Seeded choices, addressed by the number of the request that they are for: the same seed chooses
// the same for request 7, whenever it comes and whatever came before.
//
//   ChoiceSequence choices(seed, ChoiceSequence::Kind::kDelay);
//   choices.UniformAt(7);                          // in (0, 1]
//
// The generator is SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", OOPSLA 2014), jumped to a position. Each kind of choice has a sequence of its own,
// so that to ask for errors does not change the delays. Pure.
#ifndef TARGET_SERVICES_ORACLE_CHOICE_SEQUENCE_H_
#define TARGET_SERVICES_ORACLE_CHOICE_SEQUENCE_H_

#include <cstdint>

namespace drumline::target {

class ChoiceSequence {
 public:
  enum class Kind : uint64_t { kDelay = 1, kAngle = 2, kFate = 3 };

  constexpr ChoiceSequence(uint64_t seed, Kind kind)
      : origin_(Mix(Mix(seed + kGolden) + static_cast<uint64_t>(kind) * kGolden)) {}

  constexpr uint64_t BitsAt(uint64_t number) const { return Mix(origin_ + (number + 1) * kGolden); }
  // In (0, 1], so that its logarithm is finite; in steps of 2^-53.
  constexpr double UniformAt(uint64_t number) const {
    return static_cast<double>((BitsAt(number) >> 11) + 1) * 0x1.0p-53;
  }

 private:
  static constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

  static constexpr uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t origin_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_CHOICE_SEQUENCE_H_
