#include "agent/agent_config.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

absl::StatusOr<AgentConfig> Parse(std::vector<const char*> line) {
  line.insert(line.begin(), "agent");
  return ParseAgentConfig(static_cast<int>(line.size()), line.data());
}

TEST(AgentConfig, TakesARightLine) {
  const auto config = Parse({"--controller", "127.0.0.1:7070", "--id", "gen-1", "--allow",
                             "10.0.1.0/24", "--allow", "10.0.2.1:80"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->controller, "127.0.0.1:7070");
  EXPECT_EQ(config->id, "gen-1");
  EXPECT_EQ(config->limits.allow_list.ToString(), "10.0.1.0/24, 10.0.2.1:80");
  EXPECT_FALSE(config->help);
}

TEST(AgentConfig, HasDefaults) {
  const auto config = Parse({"--controller=localhost:7070"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_FALSE(config->id.empty());
  EXPECT_EQ(config->limits.allow_list.ToString(), AllowList().ToString());
}

TEST(AgentConfig, TakesEveryLoopbackAddress) {
  for (const char* controller : {"127.0.0.1:1", "127.8.9.10:65535", "[::1]:7070"}) {
    EXPECT_TRUE(Parse({"--controller", controller}).ok()) << controller;
  }
}

TEST(AgentConfig, TakesCeilings) {
  const auto config =
      Parse({"--controller=127.0.0.1:1", "--max-rate", "1.5k/s", "--max-connections", "100"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_DOUBLE_EQ(config->limits.max_rate, 1500);
  EXPECT_EQ(config->limits.max_connections, 100U);
}

TEST(AgentConfig, LeavesLoopbackWithCertificatesOrIfToldTo) {
  const auto config = Parse({"--controller", "controller.lab:7070", "--tls-cert", "a", "--tls-key",
                             "b", "--tls-ca", "c"});
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_TRUE(config->tls.has_value());
  EXPECT_EQ(config->tls->cert, "a");
  EXPECT_EQ(config->tls->key, "b");
  EXPECT_EQ(config->tls->ca, "c");
  const auto plain = Parse({"--controller", "10.0.0.1:7070", "--insecure"});
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_FALSE(plain->tls.has_value());
}

TEST(AgentConfig, ACheckNeedsNoController) {
  EXPECT_TRUE(Parse({"--check"}).ok());
  EXPECT_TRUE(Parse({"--check", "--max-connections", "10"})->check);
}

TEST(AgentConfig, HelpNeedsNothingElse) {
  const auto config = Parse({"--help"});
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(config->help);
  for (const char* option : {"--controller", "--id", "--allow"}) {
    EXPECT_TRUE(absl::StrContains(config->help_text, option)) << option;
  }
}

TEST(AgentConfig, RefusesAWrongLineAndSaysWhatIsWrong) {
  struct Row {
    std::vector<const char*> line;
    const char* named;
  };
  const std::vector<Row> rows = {
      {{}, "--controller"},
      {{"--controller"}, "controller"},
      {{"--controller", ""}, "controller"},
      {{"--controller", "127.0.0.1"}, "HOST:PORT"},
      {{"--controller", ":7070"}, "HOST:PORT"},
      {{"--controller", "127.0.0.1:"}, "HOST:PORT"},
      {{"--controller", "127.0.0.1:0"}, "HOST:PORT"},
      {{"--controller", "127.0.0.1:65536"}, "HOST:PORT"},
      {{"--controller", "127.0.0.1:x"}, "HOST:PORT"},
      {{"--controller", "10.0.0.1:7070"}, "not a loopback address"},
      {{"--controller", "0.0.0.0:7070"}, "not a loopback address"},
      {{"--controller", "[::]:7070"}, "not a loopback address"},
      {{"--controller", "example.com:7070"}, "not a loopback address"},
      // Names that look like the address.
      {{"--controller", "127.example.com:7070"}, "not a loopback address"},
      {{"--controller", "127.0.0.1.example.com:7070"}, "not a loopback address"},
      {{"--controller", "localhost.example.com:7070"}, "not a loopback address"},
      {{"--controller", "127.0.0.1:1", "--controller", "127.0.0.1:2"}, "controller"},
      {{"--controller", "127.0.0.1:1", "--allow", "10.0.0.0/40"}, "10.0.0.0/40"},
      {{"--controller", "127.0.0.1:1", "--allow"}, "allow"},
      {{"--controller", "127.0.0.1:1", "--speed", "9"}, "speed"},
      {{"--contr", "127.0.0.1:1"}, "contr"},
      {{"--controller", "127.0.0.1:1", "--tls-cert", "a"}, "--tls-key and --tls-ca are missing"},
      {{"--controller", "127.0.0.1:1", "--tls-cert", "a", "--tls-key", "b", "--tls-ca", "c",
        "--insecure"},
       "exclude each other"},
      {{"--controller", "127.0.0.1:1", "--max-rate", "0"}, "--max-rate"},
      {{"--controller", "127.0.0.1:1", "--max-rate", "-5"}, "--max-rate"},
      {{"--controller", "127.0.0.1:1", "--max-rate", "5/m"}, "--max-rate"},
      {{"--controller", "127.0.0.1:1", "--max-rate", "1e9"}, "--max-rate"},
      {{"--controller", "127.0.0.1:1", "--max-connections", "-1"}, "--max-connections"},
      {{"--controller", "127.0.0.1:1", "--max-connections", "0"}, "--max-connections"},
      {{"--controller", "127.0.0.1:1", "stray"}, "positional"},
  };
  for (const Row& row : rows) {
    const auto config = Parse(row.line);
    std::string line;
    for (const char* word : row.line) line += std::string(" ") + word;
    ASSERT_FALSE(config.ok()) << line;
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_TRUE(absl::StrContains(config.status().message(), row.named))
        << line << ": " << config.status().message();
  }
}

}  // namespace
}  // namespace drumline
