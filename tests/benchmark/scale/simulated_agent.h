// SimulatedAgent: one agent that sends no load but speaks with the controller as one that does:
// joins, answers pings, is armed, starts at the common start, reports an interval a second and
// finishes.
//
//     SimulatedAgent agent(&loop, channel, {.id = "agent-7", …}, &tally);
//     agent.Start();
//     loop.run();                      // the tally says when all are done
//
// With [hurry] an interval follows as soon as the one before is acknowledged: time goes as fast as
// the controller takes it.
//
// Lives on the loop, to which gRPC's threads only post; the instants that count are read on them.
#ifndef TESTS_BENCHMARK_SCALE_SIMULATED_AGENT_H_
#define TESTS_BENCHMARK_SCALE_SIMULATED_AGENT_H_

#include <grpcpp/grpcpp.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/histogram.h"
#include "proto/agent_link.grpc.pb.h"
#include "tests/benchmark/scale/interval_source.h"

namespace drumline::scale {

// What all agents have counted together; the loop's own.
struct Tally {
  uint64_t armed = 0;
  uint64_t done = 0;
  uint64_t sent = 0;
  uint64_t acknowledged = 0;
  // Requests of the measured window that were told of.
  uint64_t measured = 0;
  uint64_t bytes = 0;
  // From an interval's handing over to gRPC until its acknowledgement was read.
  Histogram to_acknowledged;
  // What went wrong first; empty if nothing did.
  std::string fault;
  // By requests a second.
  std::map<uint64_t, Books> books;
};

class SimulatedAgent : private grpc::ClientBidiReactor<proto::FromAgent, proto::ToAgent> {
 public:
  struct Terms {
    std::string id;
    uint32_t number = 0;
    bool hurry = false;
  };

  // [loop] and [tally] must outlive the agent, which lives until the program ends.
  SimulatedAgent(boost::asio::io_context* loop, const std::shared_ptr<grpc::Channel>& channel,
                 Terms terms, Tally* tally);

  void Start();

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;

  void Hear(const proto::ToAgent& message, int64_t read_ns);
  void Arm(const proto::Slice& slice);
  void Begin(int64_t start_ns);
  void Wait();
  void Report();
  void Acknowledged(uint64_t number, int64_t read_ns);
  void Finish();
  void Say(proto::FromAgent message);
  void Write();
  void Fail(const std::string& how);

  boost::asio::io_context* const loop_;
  const Terms terms_;
  Tally* const tally_;
  const std::unique_ptr<proto::AgentLink::Stub> stub_;
  grpc::ClientContext context_;
  proto::ToAgent incoming_;
  // The front one is being written while writing_.
  std::deque<proto::FromAgent> queue_;
  bool writing_ = false;

  boost::asio::steady_timer timer_;
  std::string run_id_;
  std::optional<IntervalSource> source_;
  int64_t start_ns_ = 0;
  bool begun_ = false;
  bool stopped_ = false;
  bool finished_ = false;
  // Not acknowledged yet: the interval's number, and when it was handed over.
  std::deque<std::pair<uint64_t, int64_t>> on_the_way_;
  uint64_t newest_ = 0;
};

}  // namespace drumline::scale

#endif  // TESTS_BENCHMARK_SCALE_SIMULATED_AGENT_H_
