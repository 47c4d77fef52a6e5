// Session: the agent's conversation with its controller, on a loop, over a link. What is said and
// done is SessionMachine's to decide; this owns the link, the timer, and the workers' threads.
//
//     Session session(options, self, &loop);
//     session.Start();
//     loop.run();               // until session.Shutdown, or for ever
//
// Lives on the agent's main loop and is used from its thread alone.
#ifndef AGENT_SESSION_H_
#define AGENT_SESSION_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/controller_link.h"
#include "agent/own_limits.h"
#include "agent/session_machine.h"
#include "proto/agent_link.pb.h"

namespace drumline {

class Session : private SessionMachine::Surroundings {
 public:
  struct Options {
    ControllerLink::Endpoint controller;
    OwnLimits limits;
    // A controller that has not said who it is by then is left, and dialled again.
    int64_t welcome_within_ns = 5'000'000'000;
  };

  // [self] is the Join message, complete but for the run.
  Session(Options options, proto::Join self, boost::asio::io_context* loop);

  void Start();
  // Stops the load, hands over what was measured as far as the controller still listens, and ends
  // the loop.
  void Shutdown();

 private:
  void Send(proto::FromAgent message) override;
  void HangUp() override;
  void Leave() override;
  void Log(const std::string& line) override;
  absl::StatusOr<std::shared_ptr<AgentRun>> MakeRun(const proto::Slice& slice,
                                                    AgentRun::Events events) override;
  void MeasureRoundTripsTo(const proto::Probe& probe) override;
  void SetTimer();

  const std::string agent_id_;
  const OwnLimits limits_;
  boost::asio::io_context* const loop_;
  // The loop waits for the controller, also while no timer runs.
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_;
  SessionMachine machine_;
  ControllerLink link_;
  boost::asio::steady_timer timer_;
};

}  // namespace drumline

#endif  // AGENT_SESSION_H_
