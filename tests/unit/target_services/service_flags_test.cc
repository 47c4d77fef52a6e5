// The flags that services share: what is taken, what is refused, and with which words.
#include "target-services/service/service_flags.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace drumline::target {
namespace {

using std::chrono::nanoseconds;

struct Fields {
  size_t count = 7;
  nanoseconds duration = std::chrono::milliseconds(1500);
  std::string text = "t";
  std::string secret = "hidden";
};

ServiceFlags FlagsOf(Fields& fields) {
  ServiceFlags flags;
  flags.AddCount("count", "how many", {1, 10}, &fields.count);
  flags.AddDuration("duration", "how long", std::chrono::minutes(2), &fields.duration);
  flags.AddText("text", "what", &fields.text);
  flags.AddText("secret", "what nobody sees", &fields.secret, /*secret=*/true);
  return flags;
}

absl::Status Parse(Fields& fields, std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "service");
  return FlagsOf(fields).Parse(static_cast<int>(arguments.size()), arguments.data());
}

TEST(ServiceFlagsTest, WhatIsNotGivenStaysAsItWas) {
  Fields fields;
  EXPECT_TRUE(Parse(fields, {}).ok());
  EXPECT_EQ(fields.count, 7U);
  EXPECT_EQ(fields.duration, std::chrono::milliseconds(1500));
}

TEST(ServiceFlagsTest, SetsFieldsInBothSpellings) {
  Fields fields;
  EXPECT_TRUE(Parse(fields, {"--count", "10", "--duration=2m", "--text", ""}).ok());
  EXPECT_EQ(fields.count, 10U);
  EXPECT_EQ(fields.duration, std::chrono::minutes(2));
  EXPECT_EQ(fields.text, "");
}

TEST(ServiceFlagsTest, RefusalsNameTheFlagAndTheExpectation) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> wrong = {
      {{"--count", "0"}, "--count: expected 1 to 10"},
      {{"--count", "11"}, "--count: expected 1 to 10"},
      {{"--count", "-1"}, "--count: expected 1 to 10"},
      {{"--count", "1x"}, "--count: expected 1 to 10"},
      {{"--count", "99999999999999999999999"}, "--count: expected 1 to 10"},
      {{"--duration", "121s"}, "--duration: expected at most 2m"},
      {{"--duration", "5"}, "--duration: expected a number and ns, us, ms, s, m or h"},
      {{"--duration", "5days"}, "--duration: expected a number and"},
      {{"--duration", "ms"}, "--duration: expected a number and"},
      {{"--duration", "18446744073709551615h"}, "--duration: expected a number and"},
      {{"--coun", "1"}, "unrecognised option '--coun'"},
  };
  for (const auto& [arguments, message] : wrong) {
    Fields fields;
    const absl::Status status = Parse(fields, arguments);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << arguments.front();
    EXPECT_EQ(std::string(status.message()).substr(0, message.size()), message);
  }
}

TEST(ServiceFlagsTest, DurationsAreExact) {
  const std::vector<std::pair<std::string, int64_t>> durations = {{"0", 0},
                                                                  {"1ns", 1},
                                                                  {"3us", 3'000},
                                                                  {"250ms", 250'000'000},
                                                                  {"2s", 2'000'000'000},
                                                                  {"1m", 60'000'000'000},
                                                                  {"1h", 3'600'000'000'000}};
  for (const auto& [text, expected] : durations) {
    nanoseconds duration(-1);
    EXPECT_TRUE(ParseDuration(text, &duration).ok()) << text;
    EXPECT_EQ(duration.count(), expected) << text;
  }
}

TEST(ServiceFlagsTest, HelpShowsDefaultsButNoSecrets) {
  Fields fields;
  const std::string help = FlagsOf(fields).Help();
  for (const char* text : {"--help", "--count arg (=7)", "--duration arg (=1500ms)", "how long"}) {
    EXPECT_NE(help.find(text), std::string::npos) << text << " in\n" << help;
  }
  EXPECT_EQ(help.find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace drumline::target
