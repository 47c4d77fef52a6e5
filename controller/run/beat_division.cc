#include "controller/run/beat_division.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace drumline {
namespace {

// Parts for each heir at the least, as a power of two.
constexpr int kBitsForEach = 5;

// How many of [parts] parts each heir has: as equal as its room allows.
std::vector<uint64_t> Fill(const std::vector<double>& rooms, uint64_t parts) {
  std::vector<uint64_t> most;
  for (const double room : rooms) {
    const double whole = std::floor(room * static_cast<double>(parts));
    most.push_back(whole >= static_cast<double>(parts) ? parts : static_cast<uint64_t>(whole));
  }
  const auto filled_to = [&most](uint64_t level) {
    uint64_t sum = 0;
    for (const uint64_t one : most) sum += std::min(one, level);
    return sum;
  };
  // The highest level to which all can be filled.
  uint64_t level = 0;
  uint64_t above = parts + 1;
  while (above - level > 1) {
    const uint64_t middle = level + (above - level) / 2;
    (filled_to(middle) <= parts ? level : above) = middle;
  }
  uint64_t left = parts - filled_to(level);
  std::vector<uint64_t> share;
  for (const uint64_t one : most) {
    const bool one_more = one > level && left > 0;
    left -= one_more ? 1 : 0;
    share.push_back(std::min(one, level) + (one_more ? 1 : 0));
  }
  return share;
}

// Part [index] of 2^bits, of those that follow each other in a walk of halves: the first of two is
// the lane's even beats.
uint64_t Reversed(uint64_t index, int bits) {
  uint64_t reversed = 0;
  for (int bit = 0; bit < bits; ++bit) reversed |= (index >> bit & 1) << (bits - 1 - bit);
  return reversed;
}

// Gives parts out by size, the longest first, so that each begins at a multiple of its own length.
BeatDivision GiveOut(const std::vector<uint64_t>& shares, int bits) {
  BeatDivision division;
  division.heirs.resize(shares.size());
  uint64_t left = uint64_t{1} << bits;
  for (const uint64_t share : shares) left -= share;
  uint64_t begin = 0;
  for (int size = bits; size >= 0; --size) {
    const uint64_t length = uint64_t{1} << size;
    const auto give = [&](uint64_t share, std::vector<LanePart>* to) {
      if ((share & length) == 0) return;
      to->push_back({Reversed(begin >> size, bits - size), uint64_t{1} << (bits - size)});
      begin += length;
    };
    for (size_t i = 0; i < shares.size(); ++i) give(shares[i], &division.heirs[i]);
    give(left, &division.nobodys);
  }
  return division;
}

}  // namespace

BeatDivision DivideBeats(const std::vector<double>& rooms) {
  const int bits = std::bit_width(rooms.size()) + kBitsForEach;
  const double least = 1 / static_cast<double>(uint64_t{1} << bits);
  const auto heirs = static_cast<uint64_t>(
      std::count_if(rooms.begin(), rooms.end(), [&](double room) { return room >= least; }));
  const double equal = 1 / static_cast<double>(std::max<uint64_t>(heirs, 1));
  const bool alike = heirs > 0 && std::all_of(rooms.begin(), rooms.end(), [&](double room) {
                       return room < least || room >= equal;
                     });
  if (!alike) return GiveOut(Fill(rooms, uint64_t{1} << bits), bits);
  BeatDivision division;
  uint64_t part = 0;
  for (const double room : rooms) {
    std::vector<LanePart>& heir = division.heirs.emplace_back();
    if (room >= least) heir.push_back({part++, heirs});
  }
  return division;
}

double ShareOfAll(const std::vector<LanePart>& parts) {
  double share = 0;
  for (const LanePart& part : parts) share += 1 / static_cast<double>(part.parts);
  return share;
}

}  // namespace drumline
