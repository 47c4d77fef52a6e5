// Mix: which of several requests (or flows) each beat of a plan sends.
//
//     const Mix mix({7, 2, 1}, seed);
//     mix.At(beat);          // 0, 1 or 2; always the same for these weights, seed and beat
//
// Beats are dealt with in blocks of W = the sum of the weights over their greatest common divisor.
// In each block every choice has its weight, exactly, so that a run whose beats are a multiple of W
// sends each request as often as its weights say, to the last one; any other run is off by less
// than a block. The order within a block is a permutation that depends on the seed and the block
// alone: a rotation, and four rounds of a Feistel network walked until it falls into the block
// (Black, Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, sect. 3).
//
// Addressed by position and without state: any number of agents and workers, each looking at beats
// of its own, sends the one sequence of the plan. At costs some tens of ns; nothing is allocated.
// Immutable; safe from any thread.
#ifndef CORE_MIX_H_
#define CORE_MIX_H_

#include <cstdint>
#include <vector>

#include "core/random.h"

namespace drumline {

class Mix {
 public:
  // scenario.proto has the same limits.
  static constexpr uint32_t kMaxChoices = 32;
  static constexpr uint32_t kMaxWeight = 10'000;

  // One weight at least, each from 1 to kMaxWeight.
  Mix(const std::vector<uint32_t>& weights, uint64_t seed);

  uint32_t At(uint64_t beat) const;

  // W: the beats after which every choice has had its share.
  uint64_t block() const { return ends_.back(); }

 private:
  uint64_t PlaceInBlock(uint64_t block, uint64_t offset) const;

  // Of each choice, the end of its places 0 … W − 1.
  std::vector<uint64_t> ends_;
  // Bits of half a place in the Feistel network.
  int half_bits_ = 1;
  RandomSequence random_;
};

}  // namespace drumline

#endif  // CORE_MIX_H_
