#include "controller/format/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"

namespace drumline {
namespace {

TEST(FormatDurationTest, ChoosesTheUnitBySize) {
  EXPECT_EQ(CompactDuration(0), "0ns");
  EXPECT_EQ(CompactDuration(412), "412ns");
  EXPECT_EQ(CompactDuration(41'234), "41.2µs");
  EXPECT_EQ(CompactDuration(412'345), "412µs");
  EXPECT_EQ(CompactDuration(1'234'567), "1.23ms");
  EXPECT_EQ(CompactDuration(12'345'678'901), "12.3s");
  EXPECT_EQ(CompactDuration(252'000'000'000), "4m12s");
  EXPECT_EQ(CompactDuration(3'900'000'000'000), "1h05m");
  EXPECT_EQ(CompactDuration(-1'500'000), "-1.50ms");
  EXPECT_EQ(CompactDuration(std::numeric_limits<int64_t>::min()), "-2562047h47m");
}

// 999.7 µs must not print as 1000µs, nor 59.96 s as 60.0s, nor 3599.7 s as 60m00s.
TEST(FormatDurationTest, RoundingUpChangesTheUnit) {
  EXPECT_EQ(CompactDuration(999'499), "999µs");
  EXPECT_EQ(CompactDuration(999'500), "1.00ms");
  EXPECT_EQ(CompactDuration(9'994), "9.99µs");
  EXPECT_EQ(CompactDuration(9'996), "10.0µs");
  EXPECT_EQ(CompactDuration(59'940'000'000), "59.9s");
  EXPECT_EQ(CompactDuration(59'960'000'000), "1m00s");
  EXPECT_EQ(CompactDuration(3'599'400'000'000), "59m59s");
  EXPECT_EQ(CompactDuration(3'599'700'000'000), "1h00m");
}

TEST(FormatRateTest, ChoosesTheUnitBySize) {
  EXPECT_EQ(CompactRate(0), "0/s");
  EXPECT_EQ(CompactRate(0.25), "0.25/s");
  EXPECT_EQ(CompactRate(532), "532/s");
  EXPECT_EQ(CompactRate(999.6), "1.00k/s");
  EXPECT_EQ(CompactRate(100'000), "100k/s");
  EXPECT_EQ(CompactRate(99'840), "99.8k/s");
  EXPECT_EQ(CompactRate(1'250'000), "1.25M/s");
  EXPECT_EQ(CompactRate(std::numeric_limits<double>::quiet_NaN()), "n/a");
  EXPECT_EQ(CompactRate(std::numeric_limits<double>::infinity()), "n/a");
}

TEST(FormatBytesTest, CountsInPowersOf1024) {
  EXPECT_EQ(CompactBytes(0), "0B");
  EXPECT_EQ(CompactBytes(1023), "1023B");
  EXPECT_EQ(CompactBytes(1024), "1.00KiB");
  EXPECT_EQ(CompactBytes(1536), "1.50KiB");
  EXPECT_EQ(CompactBytes(64.0 * 1024 * 1024), "64.0MiB");
  EXPECT_EQ(CompactBytes(1024.0 * 1024 - 1), "1.00MiB");
}

TEST(FormatCountTest, RemovingTheSeparatorsGivesTheNumberBack) {
  EXPECT_EQ(CompactCount(0), "0");
  EXPECT_EQ(CompactCount(999), "999");
  EXPECT_EQ(CompactCount(1000), "1,000");
  EXPECT_EQ(CompactCount(std::numeric_limits<uint64_t>::max()), "18,446,744,073,709,551,615");
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t count = random() >> (random() % 64);
    uint64_t back = 0;
    ASSERT_TRUE(absl::SimpleAtoi(absl::StrReplaceAll(CompactCount(count), {{",", ""}}), &back));
    EXPECT_EQ(back, count);
  }
}

TEST(FormatClockTest, ShowsWhatIsLeft) {
  EXPECT_EQ(CompactClock(-3), "0:00");
  EXPECT_EQ(CompactClock(7), "0:07");
  EXPECT_EQ(CompactClock(252), "4:12");
  EXPECT_EQ(CompactClock(3723), "1:02:03");
}

// What is printed is never further from the value than its last digit allows.
TEST(FormatDurationTest, KeepsThreeDigits) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 10'000; ++i) {
    const auto ns =
        static_cast<int64_t>(std::pow(10, std::uniform_real_distribution<>(0, 10.7)(random)));
    const std::string text = CompactDuration(ns);
    size_t digits = 0;
    const double figure = std::stod(text, &digits);
    const std::string unit = text.substr(digits);
    const double size = unit == "ns" ? 1 : unit == "µs" ? 1e3 : unit == "ms" ? 1e6 : 1e9;
    EXPECT_NEAR(figure * size, static_cast<double>(ns), 0.0051 * static_cast<double>(ns)) << text;
    EXPECT_LE(text.size(), 7U) << text;
  }
}

}  // namespace
}  // namespace drumline
