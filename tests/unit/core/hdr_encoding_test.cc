#include "core/hdr_encoding.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace drumline {
namespace {

std::string Bytes(const std::vector<int>& bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

std::string ZigZag(int64_t value) {
  std::string bytes;
  AppendZigZag(value, &bytes);
  return bytes;
}

// Worked out by hand from the definition in the header.
TEST(HdrEncodingTest, WordsOfKnownBytes) {
  const std::vector<std::pair<int64_t, std::vector<int>>> words = {
      {0, {0}},
      {-1, {1}},
      {1, {2}},
      {-64, {127}},
      {64, {0x80, 1}},
      {8191, {0xFE, 0x7F}},
      {8192, {0x80, 0x80, 1}},
      // 2^63 - 1 is 2^64 - 2: eight times seven bits, and eight more in the ninth byte.
      {INT64_MAX, {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
      {INT64_MIN, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
  };
  for (const auto& [value, bytes] : words) EXPECT_EQ(ZigZag(value), Bytes(bytes)) << value;
}

TEST(HdrEncodingTest, AHistogramOfKnownBytes) {
  Histogram histogram;
  histogram.RecordMany(0, 3);
  histogram.Record(2);         // one empty slot before it
  histogram.RecordMany(6, 2);  // three before it
  const std::string expected = Bytes({
      0x1c, 0x84, 0x93, 0x13,                       // cookie
      0,    0,    0,    5,                          // bytes of counts
      0,    0,    0,    0,                          // normalizing offset
      0,    0,    0,    3,                          // digits
      0,    0,    0,    0,    0,    0,    0,    1,  // lowest
      0,    0,    3,    0x46, 0x30, 0xB8, 0xA0, 0,  // 3,600,000,000,000
      0x3F, 0xF0, 0,    0,    0,    0,    0,    0,  // 1.0
      6,    0,    2,    5,    4,                    // 3, 0, 1, -3, 2
  });
  EXPECT_EQ(EncodeHdrV2(histogram), expected);
}

TEST(HdrEncodingTest, AnEmptyHistogramHasNoCounts) {
  EXPECT_EQ(EncodeHdrV2(Histogram()).size(), 40u);
}

}  // namespace
}  // namespace drumline
