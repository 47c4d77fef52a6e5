// SessionMachine: what the agent says and does as the controller's messages come in. It waits,
// arms, runs, reports, and waits again; it outlives runs and streams.
//
//     SessionMachine machine(options, self, &surroundings);
//     machine.OnUp(now_ns);                        // a stream is open
//     machine.OnMessage(message, now_ns);
//     machine.OnTick(now_ns);                      // at wake_at_ns, or some time later
//     machine.OnDown(reason);
//
// Pure: it has no clock, socket, thread or loop. Events and the time go in; what it says and does
// goes to its Surroundings, of which two live: the Session, and the simulation's agent.
//
// The lease: an agent sends load only while the controller renews its right to. When the lease has
// run out the load stops, the intervals are kept, and they are offered again on the next stream.
//
// One controller at a time: while a run lasts, a stream to any other than that run's controller is
// refused and ended. What was measured for one is offered to no other.
//
// All times are on CLOCK_MONOTONIC. One thread.
#ifndef AGENT_SESSION_MACHINE_H_
#define AGENT_SESSION_MACHINE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/agent_run.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

class SessionMachine {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  // The first lease reaches at least so far beyond the start.
  static constexpr int64_t kFirstLeaseNs = 100'000'000;
  // How far from now the controller may put the common start. One that is long past would be made
  // up for all at once.
  static constexpr int64_t kEarliestStartNs = -10'000'000'000;
  static constexpr int64_t kLatestStartNs = 600'000'000'000;
  // The longest lease, and the longest drain after a stop.
  static constexpr int64_t kLongestLeaseNs = 60'000'000'000;
  static constexpr int64_t kLongestDrainNs = 600'000'000'000;

  struct Options {
    // Where the controller is dialled, and how; for what is logged.
    std::string controller;
    // A controller that has not said who it is by then is left, and dialled again.
    int64_t welcome_within_ns = 5'000'000'000;
  };

  // What is around it. Nothing of this may call the machine before it returns.
  class Surroundings {
   public:
    virtual ~Surroundings() = default;
    // Into the stream; into nothing while there is none.
    virtual void Send(proto::FromAgent message) = 0;
    // Ends this stream when what was sent is flushed, and dials again.
    virtual void HangUp() = 0;
    // All is said, and the agent ends.
    virtual void Leave() = 0;
    virtual void Log(const std::string& line) = 0;
    virtual absl::StatusOr<std::shared_ptr<AgentRun>> MakeRun(const proto::Slice& slice,
                                                              AgentRun::Events events) = 0;
    // Calls OnProbed some time later.
    virtual void MeasureRoundTripsTo(const proto::Probe& probe) = 0;
  };

  // [self] is the Join message, complete but for the protocol's version and the run.
  SessionMachine(Options options, proto::Join self, Surroundings* surroundings);

  void OnUp(int64_t now_ns);
  void OnDown(const std::string& reason);
  void OnMessage(const proto::ToAgent& message, int64_t now_ns);
  void OnTick(int64_t now_ns);
  void OnProbed(const proto::Probed& probed);
  // Stops the load, hands over what was measured as far as the controller still listens, and
  // leaves.
  void Shutdown();

  // When OnTick is wanted next; looked at after each event.
  int64_t wake_at_ns() const;

 private:
  void OnNoWelcome();
  void Obey(const proto::ToAgent& message, int64_t now_ns);
  void OnWelcome(const std::string& controller_id);
  void RefuseController(const std::string& controller_id);
  // The controller of the run listens.
  bool IsWithItsController() const { return welcomed_ && owner_ == controller_id_; }
  void Arm(const proto::Slice& slice);
  void TakeLease(const proto::Lease& lease, int64_t now_ns);
  void Probe(const proto::Probe& probe);
  void Adopt(const proto::Adopt& adopt);
  void OnReady(const absl::Status& status);
  void Begin(const proto::Start& start, int64_t now_ns);
  void OnProgress();
  void SendFinished();
  void Refuse(const std::string& run_id, const std::string& reason);
  // Once it is known who listens; the Join was said then.
  void Say(proto::FromAgent message);
  void Forget();
  bool IsSending() const { return run_ != nullptr && run_->begun() && !run_->finished(); }
  // The run is meant, by whoever it belongs to: others' runs may be called the same.
  bool IsCurrent(const std::string& run_id) const {
    return run_ != nullptr && run_->run_id() == run_id && IsWithItsController();
  }

  const Options options_;
  proto::Join self_;
  Surroundings* const surroundings_;
  // Who is at the other end of the stream, once it has said so and was not refused.
  std::string controller_id_;
  bool welcomed_ = false;
  // kNever unless a Welcome is waited for.
  int64_t welcome_by_ns_ = kNever;
  // The controller for which round trips are measured; empty while none are.
  std::string asked_by_;
  std::shared_ptr<AgentRun> run_;
  // Whose run it is.
  std::string owner_;
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

#endif  // AGENT_SESSION_MACHINE_H_
