// RunMachine: the controller's side of one run as a pure state machine. Events and the time go in,
// commands come out; it has no clock, socket or thread of its own, so that it can be simulated.
//
//     RunMachine machine(run_plan, {{"agent-1", slice}, …}, limits);
//     Commands commands = machine.Begin(now_ns);
//     commands = machine.OnPong("agent-1", pong, now_ns);
//     …                                       // carry commands out in order, feed what happens
//     if (machine.done()) machine.outcome();
//
//     syncing ─▶ arming ─▶ running ─▶ stopping ─▶ resyncing ─▶ done
//        │         │          │                         ▲        ▲
//        │         │          └─────────────────────────┘        │
//        └─────────┴─────────────────────────────────────────────┘   refused, lost before the start
//
//   syncing   pings each agent until its clock's offset is known
//   arming    each agent has its slice and opens its connections; with Limits::starts_on_call it
//             stays here until StartAt says when, so that several runs can start at one instant
//   running   each agent knows the instant of the start; leases are renewed; intervals come in
//   stopping  the load was told to end early; intervals still come in
//   resyncing all intervals are in; each agent's clock is asked once more
//
// An agent that is lost while the load runs ends it, unless Limits::on_loss says that the rest take
// its beats over: from an instant on at which its lease has surely run out, wherever it is, each
// beat goes to one of them and keeps its own instant, as far as they have room for it below their
// ceilings (beat_division.h). A lease names its end on the agent's own clock, so that one that was
// long under way gives nobody more time.
//
// An interval is persisted before it is acknowledged: Persist stands before its Ack among the
// commands, and whoever cannot carry the first out must not carry out the second, but call
// OnStorageFailed once the other commands are carried out.
//
// All instants are nanoseconds of the controller's monotonic clock. Used by one thread.
#ifndef CONTROLLER_RUN_RUN_MACHINE_H_
#define CONTROLLER_RUN_RUN_MACHINE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "controller/run/beat_division.h"
#include "controller/run/clock_sync.h"
#include "controller/run/live_view.h"
#include "controller/run/run_totals.h"
#include "proto/agent_link.pb.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

// Say this to an agent.
struct SendCommand {
  std::string agent_id;
  proto::ToAgent message;
};
// Write this to the bundle, and have it on the disk before the next command.
struct PersistCommand {
  proto::Interval interval;
};
using Command = std::variant<SendCommand, PersistCommand>;
using Commands = std::vector<Command>;

class RunMachine {
 public:
  struct Limits {
    int pings = 16;
    int64_t sync_deadline_ns = 10'000'000'000;
    int64_t arm_deadline_ns = 20'000'000'000;
    // From the last agent's readiness to the common start.
    int64_t lead_ns = 500'000'000;
    int64_t lease_ns = 3'000'000'000;
    int64_t lease_every_ns = 500'000'000;
    // An agent whose stream is gone has so long to come back.
    int64_t rejoin_ns = 3'000'000'000;
    // An agent that has not reported for so long, though its stream is open, is lost.
    int64_t silence_ns = 8'000'000'000;
    // How long requests in flight are waited for when a run is stopped.
    int64_t stop_drain_ns = 500'000'000;
    // An agent that has not ended its part so long after the plan's end, or after it was told to
    // stop and to drain, is held to have lost its way, however much it reports.
    int64_t overrun_ns = 20'000'000'000;
    // A start that is further off than this makes a run invalid.
    int64_t start_skew_ns = 50'000'000;
    // Pings after the run, and how long their answers are waited for.
    int resync_pings = 8;
    int64_t resync_ns = 1'000'000'000;
    // An agent stops sending at most so long after its lease has run out.
    int64_t stop_margin_ns = 1'000'000'000;
    proto::OnLoss on_loss = proto::ON_LOSS_INVALIDATE;
    // The run starts when StartAt says so, not as soon as all agents are ready.
    bool starts_on_call = false;
    // Beats a second that an agent takes at most, of those agents that have such a ceiling: an heir
    // is given none that would lift it above it.
    std::map<std::string, double> max_rates = {};
    // Shares of beats that an agent is given at most, its own among them. Each loss doubles them,
    // or multiplies them by more where an heir's share is of several parts: where another would
    // lead beyond, the run ends and is INVALID.
    size_t most_shares = 1'024;
  };

  // How the run ended.
  struct Outcome {
    // Not OK if the run could not be carried out at all: an agent refused it, none was ready. Then
    // nothing was sent.
    absl::Status usable;
    proto::RunRecord record;
  };

  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  RunMachine(const proto::RunPlan& plan, const std::map<std::string, proto::Slice>& slices,
             const Limits& limits);

  Commands Begin(int64_t now_ns);
  Commands OnPong(const std::string& agent_id, const proto::Pong& pong, int64_t now_ns);
  Commands OnArmed(const std::string& agent_id, const proto::Armed& armed, int64_t now_ns);
  Commands OnInterval(const proto::Interval& interval, int64_t now_ns);
  Commands OnFinished(const std::string& agent_id, const proto::Finished& finished, int64_t now_ns);
  Commands OnRefused(const std::string& agent_id, const std::string& reason, int64_t now_ns);
  // The agent's stream ended; it may come back. Or it is given up, though nobody knows whether it
  // still sends until its lease is over. Or it is known to be dead.
  Commands OnDisconnected(const std::string& agent_id, int64_t now_ns);
  Commands OnRejoined(const std::string& agent_id, int64_t now_ns);
  Commands OnLost(const std::string& agent_id, const std::string& how, int64_t now_ns);
  Commands OnDied(const std::string& agent_id, const std::string& how, int64_t now_ns);
  // The service under test, started by the controller, has died.
  Commands OnTargetDied(const std::string& how);
  // Makes the run invalid, even one that is done; from here on nothing is acknowledged.
  Commands OnStorageFailed(const absl::Status& status);
  // Somebody wants the run to end; what was measured is kept.
  Commands Stop(const std::string& reason);
  Commands OnTick(int64_t now_ns);
  // Of a run that starts on call and is ready: the common start, Limits::lead_ns away or more.
  Commands StartAt(int64_t start_ns, int64_t now_ns);

  // When OnTick is wanted next.
  int64_t wake_at_ns() const;
  bool done() const { return state_ == State::kDone; }
  // All agents are armed, and the run waits for StartAt.
  bool ready() const { return ready_ && state_ == State::kArming; }
  // Load has been allowed to start.
  bool started() const { return start_ns_ != kNever; }
  // The common start; kNever before it is known.
  int64_t start_ns() const { return start_ns_; }
  // Complete once done; until then its record has the notes and faults so far.
  const Outcome& outcome() const { return outcome_; }
  // What is known of the run so far; once done, outcome().record.
  proto::RunRecord record() const;
  const RunTotals& totals() const { return totals_; }
  const LiveView& live() const { return live_; }
  // What the run is doing, in a word, for the progress line before the start.
  const char* state_name() const;

 private:
  enum class State { kSyncing, kArming, kRunning, kStopping, kResyncing, kDone };

  // Whether the intervals of an agent that is lost can be believed, and whether it may still send.
  enum class Loss { kSilent, kDead, kLying };

  // Beats that are an agent's, one lane for each of its workers. The first one is its own share.
  struct Holding {
    std::vector<proto::Lane> lanes;
    int64_t from_ns = 0;
    int64_t until_ns = kNever;
    // It was a lost agent's, and nobody had room for it.
    bool nobodys = false;

    bool open() const { return until_ns == kNever && !nobodys; }
  };

  struct Seat {
    proto::Slice slice;
    ClockSync clock;
    uint64_t last_ping = 0;
    std::map<uint64_t, int64_t> pings_sent_ns;
    bool synced = false;
    bool armed = false;
    std::string engine;
    bool connected = true;
    int64_t disconnected_ns = 0;
    int64_t heard_ns = 0;
    bool finished = false;
    uint64_t expected_intervals = 0;
    int64_t started_agent_ns = 0;
    std::optional<int64_t> lost_at_ns;
    // It was lost, and sent beats that others have.
    bool overran = false;
    std::string cut_short;
    ClockSync clock_after;
    // The end of its newest lease, on the controller's clock.
    int64_t lease_until_ns = 0;
    std::vector<Holding> holdings;
  };

  void Send(const std::string& agent_id, proto::ToAgent message, Commands* commands);
  void SendToAll(const proto::ToAgent& message, Commands* commands);
  void Ping(const std::string& agent_id, Seat* seat, int64_t now_ns, Commands* commands);
  void EnterArming(int64_t now_ns, Commands* commands);
  void EnterRunning(int64_t start_ns, int64_t now_ns, Commands* commands);
  void RenewLeases(int64_t now_ns, Commands* commands);
  void SendArm(const std::string& agent_id, const Seat& seat, Commands* commands);
  void SendStart(const std::string& agent_id, const Seat& seat, Commands* commands);
  void SendLease(const std::string& agent_id, int64_t now_ns, Seat* seat, Commands* commands);
  void SendAdoption(const std::string& agent_id, const Seat& seat, size_t index,
                    Commands* commands);
  proto::ToAgent StopMessage() const;
  void StopLoad(Commands* commands);
  void Remind(const std::string& agent_id, Seat* seat, int64_t now_ns, Commands* commands);
  void Lose(const std::string& agent_id, const std::string& how, Loss loss, int64_t now_ns,
            Commands* commands);
  void CheckLate(const proto::Interval& interval, Seat* seat, Commands* commands);
  bool GoesOnWithout(const std::string& agent_id, Loss loss) const;
  // Where the agent's newest interval ends, and where the measured window does.
  int64_t ReportedNs(const std::string& agent_id) const;
  int64_t WindowEndNs() const;
  void TakeOver(Loss loss, int64_t now_ns, Seat* lost, Commands* commands);
  void Divide(int64_t at_ns, const std::vector<std::string>& rest, const BeatDivision& division,
              Seat* lost, Commands* commands);
  static Holding PartOf(const Holding& holding, const LanePart& part);
  static double ShareOfBeats(const Seat& seat);
  std::vector<double> RoomsOf(const std::vector<std::string>& rest, const Seat& lost) const;
  std::vector<std::string> Rest() const;
  // Of the heir that would have the most.
  size_t MostSharesAfter(const std::vector<std::string>& rest, const BeatDivision& division,
                         const Seat& lost) const;
  void CutTheWindow();
  void Resync(int64_t now_ns, Commands* commands);
  bool Resynced() const;
  void Fail(const absl::Status& status, Commands* commands);
  void CheckAgents(int64_t now_ns, Commands* commands);
  std::string NamesOf(bool Seat::*reached) const;
  void FinishIfComplete(int64_t now_ns, Commands* commands);
  bool HasDelivered(const std::string& agent_id, const Seat& seat) const;
  void Finish(Commands* commands);
  void AddFault(const std::string& fault);
  void Describe(const std::string& agent_id, const Seat& seat, proto::AgentRecord* agent) const;
  void CheckStart(const std::string& agent_id, const Seat& seat);
  Seat* Find(const std::string& agent_id);

  const proto::RunPlan plan_;
  const Limits limits_;
  std::map<std::string, Seat> seats_;
  State state_ = State::kSyncing;
  // The current state must be left by then.
  int64_t deadline_ns_ = kNever;
  int64_t next_lease_ns_ = kNever;
  int64_t start_ns_ = kNever;
  // The newest instant that the running machine was told of.
  int64_t latest_ns_ = 0;
  bool ready_ = false;
  bool storage_failed_ = false;
  RunTotals totals_;
  LiveView live_;
  Outcome outcome_;
};

}  // namespace drumline

#endif  // CONTROLLER_RUN_RUN_MACHINE_H_
