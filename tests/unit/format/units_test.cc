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
  EXPECT_EQ(FormatTime(0), "0 ns");
  EXPECT_EQ(FormatTime(0.25), "250 ns");
  EXPECT_EQ(FormatTime(0.00025), "0.25 ns");
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

TEST(FormatRate, IsWholeFromAHundredOn) {
  EXPECT_EQ(FormatRate(0), "0/s");
  EXPECT_EQ(FormatRate(-1), "0/s");
  EXPECT_EQ(FormatRate(0.96), "0.96/s");
  EXPECT_EQ(FormatRate(12.34), "12.3/s");
  EXPECT_EQ(FormatRate(99.94), "99.9/s");
  EXPECT_EQ(FormatRate(99.96), "100/s");
  EXPECT_EQ(FormatRate(99'998.26), "99,998/s");
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
TEST(FormatNs, KeepsThreeDigits) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 10'000; ++i) {
    const auto ns =
        static_cast<int64_t>(std::pow(10, std::uniform_real_distribution<>(0, 10.7)(random)));
    const std::string text = FormatNs(ns);
    size_t digits = 0;
    const double figure = std::stod(text, &digits);
    const std::string unit = text.substr(digits);
    const double size = unit == " ns" ? 1 : unit == " µs" ? 1e3 : unit == " ms" ? 1e6 : 1e9;
    EXPECT_NEAR(figure * size, static_cast<double>(ns), 0.0051 * static_cast<double>(ns)) << text;
    EXPECT_LE(text.size(), 8U) << text;
  }
}

}  // namespace
}  // namespace drumline
