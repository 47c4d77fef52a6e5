// N simulated agents in one program, for a controller that waits for them:
//
//     simulated_fleet --port=7070 --agents=1000 [--hurry=1]
//
// Prints `armed` once all are, and at the end one line of JSON: intervals sent and acknowledged,
// requests told of, bytes, and quantiles of the time from an interval's handing over to its
// acknowledgement. Exit code: 0 all was acknowledged, 1 something went wrong.
#include <stdio.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/benchmark/floor/command_line.h"
#include "tests/benchmark/floor/sockets.h"
#include "tests/benchmark/scale/simulated_agent.h"

namespace drumline::scale {
namespace {

constexpr int64_t kMostAgents = 5'000;

// A connection of its own for each, as agents on hosts of their own have.
std::shared_ptr<grpc::Channel> ChannelTo(int64_t port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials(), arguments);
}

std::string TallyJson(const Tally& tally) {
  const auto us = [&tally](double q) {
    return static_cast<double>(tally.to_acknowledged.ValueAtQuantile(q)) / 1e3;
  };
  return absl::StrFormat(R"({"sent": %d, "acknowledged": %d, "measured": %d, "bytes": %d, )"
                         R"("p50_us": %.1f, "p99_us": %.1f, "max_us": %.1f})",
                         tally.sent, tally.acknowledged, tally.measured, tally.bytes, us(0.5),
                         us(0.99), static_cast<double>(tally.to_acknowledged.max_ns()) / 1e3);
}

// Looks now and then whether a stage is reached.
class Watch {
 public:
  Watch(boost::asio::io_context* loop, const Tally* tally, uint64_t agents)
      : loop_(loop), tally_(tally), agents_(agents), timer_(*loop) {
    Look();
  }

 private:
  static constexpr std::chrono::milliseconds kEvery{20};

  void Look() {
    if (!told_ && tally_->armed == agents_) {
      told_ = true;
      printf("armed\n");
      fflush(stdout);
    }
    if (tally_->done == agents_) {
      loop_->stop();
      return;
    }
    timer_.expires_after(kEvery);
    timer_.async_wait([this](const boost::system::error_code&) { Look(); });
  }

  boost::asio::io_context* const loop_;
  const Tally* const tally_;
  const uint64_t agents_;
  boost::asio::steady_timer timer_;
  bool told_ = false;
};

int Main(int argc, char** argv) {
  int64_t port = 0;
  int64_t agents = 10;
  int64_t hurry = 0;
  floor::CommandLine line("simulated_fleet",
                          "Agents that send no load but report as those that do, to a controller "
                          "on 127.0.0.1.");
  line.AddNumber("port", "where the controller listens", 1, 65535, port);
  line.AddNumber("agents", "how many", 1, kMostAgents, agents);
  line.AddNumber("hurry", "1: an interval as soon as the one before is acknowledged", 0, 1, hurry);
  if (const std::optional<int> exit_code = line.Parse(argc, argv)) return *exit_code;
  floor::RaiseOpenFilesLimit();
  boost::asio::io_context loop;
  Tally tally;
  std::vector<std::unique_ptr<SimulatedAgent>> fleet;
  for (int64_t i = 1; i <= agents; ++i) {
    fleet.push_back(std::make_unique<SimulatedAgent>(
        &loop, ChannelTo(port),
        SimulatedAgent::Terms{absl::StrCat("agent-", i), static_cast<uint32_t>(i), hurry == 1},
        &tally));
    fleet.back()->Start();
  }
  const Watch watch(&loop, &tally, static_cast<uint64_t>(agents));
  loop.run();
  printf("%s\n", TallyJson(tally).c_str());
  fflush(stdout);
  if (!tally.fault.empty()) fprintf(stderr, "simulated_fleet: %s\n", tally.fault.c_str());
  // Streams may still be open: what they belong to must not go before them.
  _Exit(tally.fault.empty() && tally.acknowledged == tally.sent ? 0 : 1);
}

}  // namespace
}  // namespace drumline::scale

int main(int argc, char** argv) { return drumline::scale::Main(argc, argv); }
