// An agent in virtual time: the agent's own session and run (SessionMachine, AgentRun) in a process
// that may freeze, die and come back. One that misbehaves is the same one, with a hand on what it
// says or is allowed. It remembers what its workers measured and what it was told, which is what a
// simulation holds the controller and the session to.
#ifndef TESTS_SIMULATION_RUN_MACHINE_SIMULATED_AGENT_H_
#define TESTS_SIMULATION_RUN_MACHINE_SIMULATED_AGENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/session_machine.h"
#include "core/ledger.h"
#include "proto/agent_link.pb.h"
#include "tests/simulation/run_machine/simulated_load.h"
#include "tests/simulation/run_machine/virtual_time.h"

namespace drumline {

enum class Character {
  kHonest,
  kRefuses,          // its slice: the target is not on its allow-list
  kFallsSilent,      // its stream stays open
  kNeverEnds,        // sends and reports for ever, whatever it is told: a rogue
  kSkipsOne,         // its first interval is never said
  kFalsifies,        // one of its books does not balance
  kPromisesMore,     // counts an interval that it never made
  kEndsBeforeStart,  // is shut down when it should wait for the start
  kEndsEarly,        // is shut down in the middle of it
  kRefusesMore,      // its ceiling leaves no room for beats of others
  kFreezes,          // its process stands still for a while, and then goes on
};

class SimulatedAgent : private SessionMachine::Surroundings {
 public:
  struct Nature {
    std::string id;
    Character character = Character::kHonest;
    int64_t trouble_at_ns = 0;
    // How long it stands still if it freezes.
    int64_t frozen_ns = 0;
    // Its clock − the controller's.
    int64_t clock_offset_ns = 0;
    // Sends intervals twice now and then.
    bool repeats = false;
    // Beats a second that it takes at most; 0: no ceiling.
    double max_rate = 0;
  };

  struct Network {
    // Into the stream, or into nothing while there is none.
    std::function<void(const proto::FromAgent&)> say;
    // Ends the stream when all that was said is through, and dials again.
    std::function<void()> hang_up;
    // The process has ended.
    std::function<void()> leave;
    // A rule was broken that the agent itself can see.
    std::function<void(const std::string& what)> violate;
  };

  SimulatedAgent(Nature nature, uint64_t seed, Timeline* timeline, Network network);

  // A new stream is there; the one that there was has broken. A process that stands still learns of
  // it when it goes on.
  void OnUp();
  void OnDown();
  // [is_own]: from the controller of its run.
  void OnMessage(const proto::ToAgent& message, bool is_own = true);
  void Die();
  // A new process under the old name, which knows nothing.
  void Restart();
  // When it can do anything again: now, unless it stands still.
  int64_t awake_ns() const;

  const Nature& nature() const { return nature_; }
  // The intended starts of the beats that it may have sent, reported or not.
  const std::vector<int64_t>& due() const { return due_; }
  uint64_t adoptions() const { return adoptions_; }
  uint64_t workers() const { return workers_; }
  bool finished() const { return finished_; }
  // It was given beats that it had no room for.
  bool overloaded() const { return overloaded_; }
  bool rogue() const { return nature_.character == Character::kNeverEnds; }
  // The sums over the intervals 1 to n, for n = 1, 2 …: warm-up and measured window.
  std::vector<std::pair<Ledger, Ledger>> sums() const;
  uint64_t intervals() const { return measured_.size(); }
  uint64_t acknowledged() const { return acknowledged_; }

 private:
  void Send(proto::FromAgent message) override;
  void HangUp() override { network_.hang_up(); }
  void Leave() override;
  void Log(const std::string&) override {}
  absl::StatusOr<std::shared_ptr<AgentRun>> MakeRun(const proto::Slice& slice,
                                                    AgentRun::Events events) override;
  // No simulated controller asks for them.
  void MeasureRoundTripsTo(const proto::Probe&) override {}

  OwnLimits LimitsFor(const proto::Slice& slice) const;
  SimulatedLoad::Surroundings SurroundingsOfLoad();
  int64_t now_ns() const { return timeline_->now_ns() + nature_.clock_offset_ns; }
  // On the simulation's clock.
  void At(int64_t at_ns, std::function<void()> event);
  void Tell(const std::function<void()>& event);
  void SetTimer();
  void Shutdown();
  bool TakesMore() const;
  void Note(const proto::ToAgent& message);
  void NoteLease(int64_t until_ns);
  void CheckLoadHasStopped(int64_t lease_until_ns);
  void TurnTo(int64_t intended_ns);
  void Measure(const WorkerInterval& interval);
  void Say(const proto::FromAgent& message);
  void TakeTrouble(const proto::FromAgent& said);

  const Nature nature_;
  Dice dice_;
  Timeline* const timeline_;
  const Network network_;
  std::unique_ptr<SessionMachine> machine_;
  // Of those of this name; what one asked for is not done by the next.
  int incarnation_ = 0;
  bool dead_ = false;
  uint64_t timer_ = 0;

  std::vector<int64_t> due_;
  // Of each interval by its number, from 1, over all workers.
  std::vector<std::pair<Ledger, Ledger>> measured_;
  uint64_t workers_ = 1;
  uint64_t workers_finished_ = 0;
  uint64_t adoptions_ = 0;
  int64_t start_ns_ = 0;
  // Warm-up and measured window.
  int64_t window_ns_ = 0;
  bool began_ = false;
  bool finished_ = false;
  bool overloaded_ = false;
  // It was told to end its load, or itself.
  bool stopped_ = false;
  // As the messages had it, on the agent's own clock.
  int64_t lease_until_ns_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_RUN_MACHINE_SIMULATED_AGENT_H_
