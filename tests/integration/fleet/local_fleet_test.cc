#include "controller/fleet/local_fleet.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "controller/fleet/binaries.h"
#include "controller/scenario/enum_word.h"
#include "proto/scenario.pb.h"
#include "tests/integration/fleet/scratch.h"

namespace drumline {
namespace {

class LocalFleetTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(scratch_.Path("logs")); }

  std::unique_ptr<LocalFleet> Fleet() {
    LocalFleet::Options options;
    options.log_dir = scratch_.Path("logs");
    options.controller_path = scratch_.Path("controller/controller");
    options.listen_deadline = listen_deadline_;
    options.grace = std::chrono::minutes(5);
    return std::make_unique<LocalFleet>(&loop_, options);
  }
  void WriteAgent(const std::string& text) const { scratch_.WriteScript("agent/agent", text); }
  void WriteEcho(const std::string& text) const {
    scratch_.WriteScript("target-services/echo/echo", text);
  }
  LocalFleet::OnDeath KeepDeaths() {
    return [this](const LocalFleet::Death& death) { deaths_.push_back(death); };
  }
  absl::StatusOr<uint16_t> StartEcho(LocalFleet* fleet,
                                     const std::vector<std::string>& arguments = {}) {
    std::optional<absl::StatusOr<uint16_t>> answer;
    fleet->StartService(
        {"echo", 3, arguments}, [&](const absl::StatusOr<uint16_t>& port) { answer = port; },
        KeepDeaths());
    EXPECT_FALSE(answer.has_value()) << "called from within the call";
    loop_.restart();
    while (!answer) loop_.run_one();
    return *answer;
  }
  void Stop(LocalFleet* fleet) {
    bool stopped = false;
    fleet->Stop([&] { stopped = true; });
    EXPECT_FALSE(stopped) << "called from within the call";
    loop_.restart();
    // To its end: a stopped fleet leaves nothing to wait for.
    loop_.run();
    EXPECT_TRUE(stopped);
  }

  Scratch scratch_;
  boost::asio::io_context loop_;
  std::chrono::nanoseconds listen_deadline_ = std::chrono::minutes(5);
  std::vector<LocalFleet::Death> deaths_;
};

TEST_F(LocalFleetTest, StartsTheServiceAndLearnsItsPort) {
  WriteEcho(
      "echo \"$@\"; echo 'listening on nowhere'; echo 'listening on 127.0.0.1:4242'\n"
      "exec sleep 1000");
  const auto fleet = Fleet();
  EXPECT_EQ(*StartEcho(fleet.get()), 4242);
  Stop(fleet.get());
  EXPECT_TRUE(deaths_.empty());
  EXPECT_EQ(scratch_.Read("logs/echo-1.log"),
            "--port 0 --threads 3\nlistening on nowhere\nlistening on 127.0.0.1:4242\n");
}

TEST_F(LocalFleetTest, AServiceGetsItsOwnArgumentsBehindTheFleets) {
  WriteEcho("printf '<%s>' \"$@\"; echo; echo 'listening on 127.0.0.1:4242'; exec sleep 1000");
  const auto fleet = Fleet();
  EXPECT_EQ(*StartEcho(fleet.get(), {"--delay", "fixed: 2ms", ""}), 4242);
  Stop(fleet.get());
  EXPECT_EQ(scratch_.Read("logs/echo-1.log"),
            "<--port><0><--threads><3><--delay><fixed: 2ms><>\nlistening on 127.0.0.1:4242\n");
}

// The scenario's word for a service is its program's name.
TEST_F(LocalFleetTest, EachServiceHasItsProgram) {
  for (int number = 1; number < proto::Service_ARRAYSIZE; ++number) {
    const std::string word = EnumWord(static_cast<proto::Service>(number));
    const std::optional<Binary> binary = ServiceBinary(word);
    ASSERT_TRUE(binary.has_value()) << word;
    const std::string place = PlacesOf(*binary, "/a/controller/controller").front();
    EXPECT_EQ(place.substr(place.rfind('/') + 1), word);
  }
  EXPECT_EQ(ServiceBinary("echo"), Binary::kEcho);
  EXPECT_EQ(ServiceBinary("oracle"), Binary::kOracle);
  EXPECT_EQ(ServiceBinary("agent"), std::nullopt);
  EXPECT_EQ(PlacesOf(Binary::kOracle, "/a/controller/controller").front(),
            "/a/target-services/oracle/oracle");
}

TEST_F(LocalFleetTest, ServiceThatEndsBeforeItListens) {
  WriteEcho("echo 'port taken' >&2; exit 5");
  const auto fleet = Fleet();
  const absl::Status status = StartEcho(fleet.get()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "echo-1 exited with 5 before it said where it listens; the end of " +
                                  scratch_.Path("logs/echo-1.log") + ":\n    port taken");
  Stop(fleet.get());
  EXPECT_TRUE(deaths_.empty());
}

TEST_F(LocalFleetTest, ServiceThatNeverSaysWhereItListens) {
  listen_deadline_ = std::chrono::milliseconds(20);
  WriteEcho("exec sleep 1000");
  const auto fleet = Fleet();
  const absl::Status status = StartEcho(fleet.get()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "echo-1 did not say where it listens within 20ms; its log is " +
                                  scratch_.Path("logs/echo-1.log"));
  Stop(fleet.get());
  EXPECT_TRUE(deaths_.empty());
}

TEST_F(LocalFleetTest, ServiceThatDiesLaterIsTold) {
  WriteEcho("echo 'listening on 127.0.0.1:4242'; kill -9 $$");
  const auto fleet = Fleet();
  EXPECT_TRUE(StartEcho(fleet.get()).ok());
  while (deaths_.empty()) loop_.run_one();
  EXPECT_EQ(deaths_[0].id, "echo-1");
  EXPECT_EQ(deaths_[0].reason, "killed by signal 9");
}

TEST_F(LocalFleetTest, UnknownServiceAndMissingProgramAreSaid) {
  const auto fleet = Fleet();
  const absl::Status missing = StartEcho(fleet.get()).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(fleet->StartAgents(2, "127.0.0.1:7070", {}, KeepDeaths()).code(),
            absl::StatusCode::kFailedPrecondition);
  std::optional<absl::Status> unknown;
  fleet->StartService(
      {"no-such", 1}, [&](const absl::StatusOr<uint16_t>& port) { unknown = port.status(); },
      KeepDeaths());
  loop_.restart();
  loop_.run();
  EXPECT_EQ(unknown->code(), absl::StatusCode::kInvalidArgument);
  Stop(fleet.get());
}

TEST_F(LocalFleetTest, AgentsGetTheirArgumentsAndDeathsAreTold) {
  WriteAgent("echo \"$@\"; test \"$4\" = agent-2 && exit 3; exec sleep 1000");
  const auto fleet = Fleet();
  ASSERT_TRUE(
      fleet->StartAgents(3, "127.0.0.1:7070", {"127.0.0.0/8", "10.0.0.0/8:80"}, KeepDeaths()).ok());
  while (deaths_.empty()) loop_.run_one();
  const std::string arguments =
      "--controller 127.0.0.1:7070 --id agent-2 --allow 127.0.0.0/8 --allow 10.0.0.0/8:80";
  EXPECT_EQ(deaths_[0].Words(), "agent-2 exited with 3; the end of " +
                                    scratch_.Path("logs/agent-2.log") + ":\n    " + arguments);
  Stop(fleet.get());
  EXPECT_EQ(deaths_.size(), 1U);
}

TEST_F(LocalFleetTest, StopWhileAServiceStartsCancelsIt) {
  WriteEcho("exec sleep 1000");
  const auto fleet = Fleet();
  std::vector<absl::StatusCode> answers;
  fleet->StartService(
      {"echo", 1},
      [&](const absl::StatusOr<uint16_t>& port) { answers.push_back(port.status().code()); },
      KeepDeaths());
  Stop(fleet.get());
  EXPECT_EQ(answers, std::vector<absl::StatusCode>{absl::StatusCode::kCancelled});
  // And again, with nothing to stop.
  Stop(fleet.get());
}

TEST_F(LocalFleetTest, DestroyedFleetCallsNobody) {
  WriteEcho("echo 'listening on 127.0.0.1:4242'; exec sleep 1000");
  WriteAgent("exec sleep 1000");
  auto fleet = Fleet();
  fleet->StartService(
      {"echo", 1}, [](const absl::StatusOr<uint16_t>&) { FAIL(); }, KeepDeaths());
  fleet->StartService(
      {"no-such", 1}, [](const absl::StatusOr<uint16_t>&) { FAIL(); }, KeepDeaths());
  ASSERT_TRUE(fleet->StartAgents(2, "127.0.0.1:7070", {}, KeepDeaths()).ok());
  fleet->Stop([] { FAIL(); });
  fleet.reset();
  loop_.run();
  EXPECT_TRUE(deaths_.empty());
}

TEST(FindBinaryTest, KnowsBothLayouts) {
  const Scratch scratch;
  scratch.WriteScript("out/target-services/echo/echo", "");
  scratch.WriteScript("bin/drumline-agent", "");
  scratch.WriteScript("opt/echo", "");
  EXPECT_EQ(*FindBinary(Binary::kEcho, scratch.Path("out/controller/controller")),
            scratch.Path("out/target-services/echo/echo"));
  EXPECT_EQ(*FindBinary(Binary::kAgent, scratch.Path("bin/drumline-controller")),
            scratch.Path("bin/drumline-agent"));
  EXPECT_EQ(*FindBinary(Binary::kEcho, scratch.Path("opt/controller")), scratch.Path("opt/echo"));
}

// A system has an `echo` of its own in /usr/bin.
TEST(FindBinaryTest, DoesNotTakeAnotherProgramForOurs) {
  const absl::Status status = FindBinary(Binary::kEcho, "/usr/bin/drumline-controller").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "the service echo cannot be started: there is no executable at "
            "/usr/target-services/echo/echo, nor at /usr/bin/drumline-echo; build it with `bazel "
            "build //...`, or install it beside the controller");
}

TEST(FindBinaryTest, DirectoriesAndPlainFilesAreNotPrograms) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.Path("agent/agent"));
  std::filesystem::create_directories(scratch.Path("controller"));
  std::ofstream(scratch.Path("controller/agent")) << "text";
  EXPECT_FALSE(FindBinary(Binary::kAgent, scratch.Path("controller/controller")).ok());
  EXPECT_TRUE(std::filesystem::exists(*OwnExecutable()));
}

}  // namespace
}  // namespace drumline
