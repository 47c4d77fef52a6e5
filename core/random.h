// Seeded random numbers that are the same on every machine: SplitMix64 (Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", OOPSLA 2014, fig. 17), addressed by position.
//
//     RandomSequence random(seed);
//     random.UniformAt(7);     // in (0, 1]; always the same for this seed and position
//
// The standard library's distributions differ between implementations, and a schedule must not. A
// sequence has no state, so that any number of workers can read it at any position.
#ifndef CORE_RANDOM_H_
#define CORE_RANDOM_H_

#include <cstdint>

namespace drumline {

class RandomSequence {
 public:
  explicit constexpr RandomSequence(uint64_t seed) : origin_(Mix(seed + kGolden)) {}

  constexpr uint64_t BitsAt(uint64_t position) const {
    return Mix(origin_ + (position + 1) * kGolden);
  }
  // In (0, 1], so that its logarithm is finite.
  constexpr double UniformAt(uint64_t position) const {
    return static_cast<double>((BitsAt(position) >> 11) + 1) * 0x1.0p-53;
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

}  // namespace drumline

#endif  // CORE_RANDOM_H_
