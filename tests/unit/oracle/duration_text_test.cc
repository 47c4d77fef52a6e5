#include "target-services/oracle/duration_text.h"

#include <gtest/gtest.h>

#include <string>

namespace drumline::target {
namespace {

TEST(DurationTextTest, NumbersWithUnitsAreExact) {
  EXPECT_EQ(*ParseDuration("0ns"), 0);
  EXPECT_EQ(*ParseDuration("7ns"), 7);
  EXPECT_EQ(*ParseDuration("2us"), 2'000);
  EXPECT_EQ(*ParseDuration("2ms"), 2'000'000);
  EXPECT_EQ(*ParseDuration("2s"), 2'000'000'000);
  EXPECT_EQ(*ParseDuration("60m"), kMaxDurationNs);
  EXPECT_EQ(*ParseDuration("1.5ms"), 1'500'000);
  // No double is 0.1; the text is.
  EXPECT_EQ(*ParseDuration("0.1us"), 100);
  EXPECT_EQ(*ParseDuration("1.000000001s"), 1'000'000'001);
  EXPECT_EQ(*ParseDuration("1.0000000010000s"), 1'000'000'001);
  EXPECT_EQ(*ParseDuration("0001ms"), 1'000'000);
}

TEST(DurationTextTest, WhatIsNoneIsRefusedByName) {
  for (const char* text : {"",
                           "ms",
                           "2",
                           "2 ms",
                           "-2ms",
                           "+2ms",
                           "2MS",
                           ".5ms",
                           "5.ms",
                           "1e3ms",
                           "2msx",
                           "2h",
                           "nans",
                           "infs",
                           "60.1m",
                           "3600.000000001s",
                           "99999999999999999999s",
                           "1.0000000001s",
                           "0.5ns",
                           "1.00000000000000000001s"}) {
    const absl::StatusOr<int64_t> ns = ParseDuration(text);
    ASSERT_FALSE(ns.ok()) << text << " is " << *ns;
    EXPECT_TRUE(absl::IsInvalidArgument(ns.status()));
    const std::string message(ns.status().message());
    EXPECT_EQ(message.rfind("`" + std::string(text) + "` ", 0), 0U) << message;
    EXPECT_NE(message.find("for example 2ms"), message.npos) << message;
  }
}

TEST(DurationTextTest, PlainNumbers) {
  EXPECT_EQ(*ParseNumber("0"), 0);
  EXPECT_EQ(*ParseNumber("0.25"), 0.25);
  EXPECT_EQ(*ParseNumber("12"), 12);
  for (const char* text : {"", ".5", "5.", "-1", "1e-3", "nan", "0x1", "1 ", "0.1%"}) {
    EXPECT_FALSE(ParseNumber(text).ok()) << text;
  }
}

}  // namespace
}  // namespace drumline::target
