#include "core/hdr_encoding.h"

#include <bit>

namespace drumline {
namespace {

constexpr uint32_t kCookie = 0x1c849303 | 0x10;
constexpr uint32_t kSignificantDigits = 3;
constexpr uint64_t kLowestNs = 1;

void AppendBigEndian64(uint64_t value, std::string* bytes) {
  AppendBigEndian(static_cast<uint32_t>(value >> 32), bytes);
  AppendBigEndian(static_cast<uint32_t>(value), bytes);
}

std::string EncodeCounts(const Histogram& histogram) {
  std::string counts;
  int64_t empty_slots = 0;
  const auto end_of_gap = [&] {
    if (empty_slots > 0) AppendZigZag(empty_slots == 1 ? 0 : -empty_slots, &counts);
    empty_slots = 0;
  };
  for (int slot = 0; slot <= histogram.last_slot(); ++slot) {
    const uint64_t count = histogram.CountAtSlot(slot);
    if (count == 0) {
      ++empty_slots;
      continue;
    }
    end_of_gap();
    AppendZigZag(static_cast<int64_t>(count), &counts);
  }
  return counts;
}

}  // namespace

void AppendBigEndian(uint32_t value, std::string* bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>(value >> shift & 0xFF));
  }
}

void AppendZigZag(int64_t value, std::string* bytes) {
  constexpr int kFullBytes = 8;
  uint64_t rest = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  for (int byte = 0; byte < kFullBytes; ++byte) {
    if (rest < 0x80) {
      bytes->push_back(static_cast<char>(rest));
      return;
    }
    bytes->push_back(static_cast<char>((rest & 0x7F) | 0x80));
    rest >>= 7;
  }
  bytes->push_back(static_cast<char>(rest));
}

std::string EncodeHdrV2(const Histogram& histogram) {
  const std::string counts = EncodeCounts(histogram);
  std::string bytes;
  AppendBigEndian(kCookie, &bytes);
  AppendBigEndian(static_cast<uint32_t>(counts.size()), &bytes);
  AppendBigEndian(0, &bytes);
  AppendBigEndian(kSignificantDigits, &bytes);
  AppendBigEndian64(kLowestNs, &bytes);
  AppendBigEndian64(static_cast<uint64_t>(Histogram::kHighestNs), &bytes);
  AppendBigEndian64(std::bit_cast<uint64_t>(1.0), &bytes);
  return bytes + counts;
}

}  // namespace drumline
