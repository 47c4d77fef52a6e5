#include "core/mix.h"

#include <algorithm>
#include <numeric>

namespace drumline {
namespace {

constexpr int kRounds = 4;

}  // namespace

Mix::Mix(const std::vector<uint32_t>& weights, uint64_t seed)
    : random_(RandomSequence(seed).BitsAt(0)) {
  uint32_t divisor = 0;
  for (uint32_t weight : weights) divisor = std::gcd(divisor, weight);
  uint64_t end = 0;
  for (uint32_t weight : weights) ends_.push_back(end += weight / divisor);
  while ((uint64_t{1} << (2 * half_bits_)) < block()) ++half_bits_;
}

uint64_t Mix::PlaceInBlock(uint64_t block, uint64_t offset) const {
  const RandomSequence keys(random_.BitsAt(block));
  const uint64_t places = this->block();
  // A network of so few bits favours some permutations; the rotation makes each place as likely as
  // any other all the same.
  uint64_t place = (offset + keys.BitsAt(kRounds) % places) % places;
  const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
  do {
    uint64_t left = place >> half_bits_;
    uint64_t right = place & mask;
    for (uint64_t round = 0; round < kRounds; ++round) {
      const uint64_t mixed = left ^ (RandomSequence(keys.BitsAt(round)).BitsAt(right) & mask);
      left = right;
      right = mixed;
    }
    place = left << half_bits_ | right;
  } while (place >= places);
  return place;
}

uint32_t Mix::At(uint64_t beat) const {
  if (ends_.size() == 1) return 0;
  const uint64_t place = PlaceInBlock(beat / block(), beat % block());
  return static_cast<uint32_t>(std::upper_bound(ends_.begin(), ends_.end(), place) - ends_.begin());
}

}  // namespace drumline
