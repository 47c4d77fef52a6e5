#include "target-services/oracle/oracle_config.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace drumline::target {
namespace {

absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& flags) {
  std::vector<const char*> arguments = {"oracle"};
  for (const std::string& flag : flags) arguments.push_back(flag.c_str());
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}

TEST(OracleConfigTest, DefaultsAreThoseOfTheConfig) {
  const absl::StatusOr<CommandLine> line = Parse({});
  ASSERT_TRUE(line.ok()) << line.status();
  const OracleConfig expected;
  EXPECT_FALSE(line->help);
  EXPECT_EQ(line->config.host, expected.host);
  EXPECT_EQ(line->config.port, expected.port);
  EXPECT_EQ(line->config.spin, expected.spin);
  EXPECT_EQ(line->config.seed, expected.seed);
  EXPECT_EQ(line->config.delay_text, expected.delay_text);
  EXPECT_EQ(line->config.response_bytes, expected.response_bytes);
  EXPECT_EQ(line->config.delay.DelayNs(0), 0);
}

TEST(OracleConfigTest, EveryFlagArrives) {
  const absl::StatusOr<CommandLine> line =
      Parse({"--host",           "::1",       "--port",     "81",    "--threads",   "1",
             "--delay",          "fixed:2ms", "--pause",    "200ms", "--every",     "2s",
             "--stop-at",        "8s",        "--stop-for", "500ms", "--errors",    "0.01:429",
             "--resets",         "0.02",      "--truncate", "0.03",  "--slow-body", "10ms",
             "--response-bytes", "2048",      "--seed",     "9",     "--wait",      "sleep"});
  ASSERT_TRUE(line.ok()) << line.status();
  const OracleConfig& config = line->config;
  EXPECT_EQ(config.host, "::1");
  EXPECT_EQ(config.port, 81);
  EXPECT_EQ(config.delay.DelayNs(0), 2'000'000);
  EXPECT_EQ(config.stops.pause_ns, 200'000'000);
  EXPECT_EQ(config.stops.every_ns, 2'000'000'000);
  EXPECT_EQ(config.stops.stop_at_ns, 8'000'000'000);
  EXPECT_EQ(config.stops.stop_for_ns, 500'000'000);
  EXPECT_EQ(config.fates.errors, 0.01);
  EXPECT_EQ(config.error_status, 429);
  EXPECT_EQ(config.fates.resets, 0.02);
  EXPECT_EQ(config.fates.truncated, 0.03);
  EXPECT_EQ(config.slow_body_ns, 10'000'000);
  EXPECT_EQ(config.response_bytes, 2048u);
  EXPECT_EQ(config.seed, 9u);
  EXPECT_FALSE(config.spin);
  EXPECT_EQ(Describe(config),
            "delay fixed:2ms, seed 9, a stop of 0.2s every 2s, a stop of 0.5s at 8s, 429 with "
            "probability 0.01, resets 0.02, truncated 0.03, bodies in halves 0.01s apart, 2048 "
            "bytes, sleeping");
}

TEST(OracleConfigTest, HelpNamesEveryFlag) {
  EXPECT_TRUE(Parse({"--help"})->help);
  const std::string help = HelpText();
  for (const char* flag : {"--help", "--host", "--port", "--threads", "--delay", "--pause",
                           "--every", "--stop-at", "--stop-for", "--errors", "--resets",
                           "--truncate", "--slow-body", "--response-bytes", "--seed", "--wait"}) {
    EXPECT_NE(help.find(flag), help.npos) << flag;
  }
}

TEST(OracleConfigTest, WrongCommandLinesAreNamed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
      {{"--dealy", "1ms"}, "--dealy"},
      {{"--dela", "fixed:1ms"}, "--dela"},
      {{"stray"}, "positional"},
      {{"--port", "65536"}, "--port: expected 0 to 65535"},
      {{"--threads", "2"}, "--threads: the oracle is one loop"},
      {{"--delay", "2ms"}, "--delay: `2ms`: expected fixed:2ms"},
      {{"--delay", "file:/nowhere"}, "--delay: /nowhere: cannot be read"},
      {{"--pause", "200ms"}, "--pause: expected --every with it"},
      {{"--every", "2s"}, "--every: expected --pause with it"},
      {{"--pause", "2s", "--every", "2s"}, "--pause: expected less than --every"},
      {{"--stop-at", "8s"}, "--stop-at: expected --stop-for with it"},
      {{"--stop-for", "8s"}, "--stop-for: expected --stop-at with it"},
      {{"--stop-at", "8", "--stop-for", "1s"}, "--stop-at: `8` has none"},
      {{"--errors", "0.01"}, "--errors: `0.01`: expected a probability and a status"},
      {{"--errors", "0.01:200"}, "--errors: `0.01:200`: expected a probability and a status"},
      {{"--errors", "2:503"}, "--errors: `2`: expected a probability"},
      {{"--resets", "-1"}, "--resets"},
      {{"--resets", "0.5", "--truncate", "0.6", "--response-bytes", "9"}, "expected at most 1"},
      {{"--truncate", "0.5", "--response-bytes", "1"}, "--response-bytes: expected at least 2"},
      {{"--slow-body", "1ms", "--response-bytes", "0"}, "--response-bytes: expected at least 2"},
      {{"--response-bytes", "16777217"}, "--response-bytes: expected 0 to 16777216"},
      {{"--seed", "x"}, "seed"},
      {{"--wait", "nap"}, "--wait: `nap`: expected spin or sleep"},
  };
  for (const auto& [flags, words] : wrong) {
    const absl::StatusOr<CommandLine> line = Parse(flags);
    ASSERT_FALSE(line.ok()) << words;
    EXPECT_NE(std::string(line.status().message()).find(words), std::string::npos) << line.status();
  }
}

}  // namespace
}  // namespace drumline::target
