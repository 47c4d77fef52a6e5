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

TEST(FormatTime, ChoosesTheUnitAndThreeDigits) {
  EXPECT_EQ(FormatTime(0), "0 µs");
  EXPECT_EQ(FormatTime(0.25), "0.25 µs");
  EXPECT_EQ(FormatTime(9.994), "9.99 µs");
  EXPECT_EQ(FormatTime(9.996), "10.0 µs");
  EXPECT_EQ(FormatTime(99.94), "99.9 µs");
  EXPECT_EQ(FormatTime(99.96), "100 µs");
  EXPECT_EQ(FormatTime(412.3), "412 µs");
  EXPECT_EQ(FormatTime(999.4), "999 µs");
  EXPECT_EQ(FormatTime(999.6), "1.00 ms");
  EXPECT_EQ(FormatTime(1'234), "1.23 ms");
  EXPECT_EQ(FormatTime(999'600), "1.00 s");
  EXPECT_EQ(FormatTime(3.6e9), "3600 s");
  EXPECT_EQ(FormatTime(-12), "-12.0 µs");
  EXPECT_EQ(FormatTime(-2'500), "-2.50 ms");
}

TEST(FormatBytes, ChoosesTheUnit) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(1536), "1.50 KiB");
  EXPECT_EQ(FormatBytes(12.0 * 1024 * 1024), "12.0 MiB");
  EXPECT_EQ(FormatBytes(1023), "1023 B");
  EXPECT_EQ(FormatBytes(1024), "1.00 KiB");
  EXPECT_EQ(FormatBytes(1024.0 * 1024 - 1), "1.00 MiB");
  EXPECT_EQ(FormatBytes(5), "5 B");
  EXPECT_EQ(FormatBytes(-1536), "-1.50 KiB");
  EXPECT_EQ(FormatBytes(2048.0 * 1024 * 1024 * 1024), "2048 GiB");
}

TEST(FormatRate, HasOneDecimal) {
  EXPECT_EQ(FormatRate(0), "0.0/s");
  EXPECT_EQ(FormatRate(99'998.26), "99,998.3/s");
  EXPECT_EQ(FormatRate(0.96), "1.0/s");
}

TEST(FormatShare, IsPerCent) {
  EXPECT_EQ(FormatShare(0), "0 %");
  EXPECT_EQ(FormatShare(0.0025), "0.25 %");
  EXPECT_EQ(FormatShare(1), "100 %");
}

TEST(Format, WhatIsNotFiniteIsNoNumber) {
  const double no_number = std::numeric_limits<double>::quiet_NaN();
  for (const std::string& text :
       {FormatTime(no_number), FormatBytes(no_number), FormatRate(no_number),
        FormatShare(no_number), FormatTime(std::numeric_limits<double>::infinity())}) {
    EXPECT_EQ(text, "n/a");
  }
}

TEST(CompactDuration, ChoosesTheUnitBySize) {
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
TEST(CompactDuration, RoundingUpChangesTheUnit) {
  EXPECT_EQ(CompactDuration(999'499), "999µs");
  EXPECT_EQ(CompactDuration(999'500), "1.00ms");
  EXPECT_EQ(CompactDuration(9'994), "9.99µs");
  EXPECT_EQ(CompactDuration(9'996), "10.0µs");
  EXPECT_EQ(CompactDuration(59'940'000'000), "59.9s");
  EXPECT_EQ(CompactDuration(59'960'000'000), "1m00s");
  EXPECT_EQ(CompactDuration(3'599'400'000'000), "59m59s");
  EXPECT_EQ(CompactDuration(3'599'700'000'000), "1h00m");
}

TEST(CompactRate, ChoosesTheUnitBySize) {
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

TEST(FormatCount, RemovingTheSeparatorsGivesTheNumberBack) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(std::numeric_limits<uint64_t>::max()), "18,446,744,073,709,551,615");
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t count = random() >> (random() % 64);
    uint64_t back = 0;
    ASSERT_TRUE(absl::SimpleAtoi(absl::StrReplaceAll(FormatCount(count), {{",", ""}}), &back));
    EXPECT_EQ(back, count);
  }
}

TEST(CompactClock, ShowsWhatIsLeft) {
  EXPECT_EQ(CompactClock(-3), "0:00");
  EXPECT_EQ(CompactClock(7), "0:07");
  EXPECT_EQ(CompactClock(252), "4:12");
  EXPECT_EQ(CompactClock(3723), "1:02:03");
}

// What is printed is never further from the value than its last digit allows.
TEST(CompactDuration, KeepsThreeDigits) {
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
