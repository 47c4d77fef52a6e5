// Session: what the agent says and does as the controller's messages come in. It waits, arms, runs,
// reports, and waits again; it outlives runs and streams.
//
//     Session session(options, self, &loop);
//     session.Start();
//     loop.run();               // until session.Shutdown, or for ever
//
// The lease: an agent sends load only while the controller renews its right to. When the lease has
// run out the load stops, the intervals are kept, and they are offered again on the next stream.
//
// One controller at a time: while a run lasts, a stream to any other than that run's controller is
// refused and ended. What was measured for one is offered to no other.
//
// Lives on the agent's main loop and is used from its thread alone.
#ifndef AGENT_SESSION_H_
#define AGENT_SESSION_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/armed_run.h"
#include "agent/controller_link.h"
#include "agent/own_limits.h"
#include "proto/agent_link.pb.h"

namespace drumline {

class Session {
 public:
  static constexpr int64_t kLeaseCheckNs = 100'000'000;
  // How far from now the controller may put the common start. One that is long past would be made
  // up for all at once.
  static constexpr int64_t kEarliestStartNs = -10'000'000'000;
  static constexpr int64_t kLatestStartNs = 600'000'000'000;
  // The longest lease, and the longest drain after a stop.
  static constexpr int64_t kLongestLeaseNs = 60'000'000'000;
  static constexpr int64_t kLongestDrainNs = 600'000'000'000;

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
  void OnUp();
  void OnNoWelcome();
  void OnDown(const std::string& reason);
  void OnMessage(const proto::ToAgent& message);
  void Obey(const proto::ToAgent& message);
  void OnWelcome(const std::string& controller_id);
  // The controller of the run listens.
  bool IsWithItsController() const { return welcomed_ && owner_ == controller_id_; }
  void Arm(const proto::Slice& slice);
  void TakeLease(const proto::Lease& lease);
  // Not while load is sent.
  void MeasureRoundTripsTo(const proto::Probe& probe);
  void Adopt(const proto::Adopt& adopt);
  void OnReady(const absl::Status& status);
  void Begin(const proto::Start& start);
  void OnProgress();
  void SendFinished();
  void Refuse(const std::string& run_id, const std::string& reason);
  void WatchLease();
  bool IsCurrent(const std::string& run_id) const {
    return run_ != nullptr && run_->run_id() == run_id;
  }
  void Log(const std::string& line) const;

  const Options options_;
  proto::Join self_;
  boost::asio::io_context* const loop_;
  ControllerLink link_;
  boost::asio::steady_timer lease_timer_;
  boost::asio::steady_timer welcome_timer_;
  // Who is at the other end of the stream, once it has said so and was not refused.
  std::string controller_id_;
  bool welcomed_ = false;
  std::shared_ptr<ArmedRun> run_;
  // Whose run it is.
  std::string owner_;
  // On CLOCK_MONOTONIC.
  int64_t lease_until_ns_ = 0;
  bool lease_ran_out_ = false;
  bool finished_told_ = false;
  bool finished_sent_ = false;
  bool shutting_down_ = false;
  // What was said last of a stream, so as not to say it again.
  std::string last_trouble_;
  std::string last_refused_;
  bool silence_told_ = false;
};

}  // namespace drumline

#endif  // AGENT_SESSION_H_
