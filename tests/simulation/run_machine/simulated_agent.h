// An agent in virtual time: it speaks the protocol as the real one does, keeps its intervals until
// they are acknowledged, and may have a fault. It remembers what it produced, which is what a
// simulation holds the controller's totals to.
#ifndef TESTS_SIMULATION_RUN_MACHINE_SIMULATED_AGENT_H_
#define TESTS_SIMULATION_RUN_MACHINE_SIMULATED_AGENT_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/book.h"
#include "core/ledger.h"
#include "core/load_profile.h"
#include "core/schedule.h"
#include "proto/agent_link.pb.h"
#include "proto/interval.pb.h"
#include "tests/simulation/run_machine/virtual_time.h"

namespace drumline {

enum class Character {
  kHonest,
  kRefuses,          // its slice
  kFallsSilent,      // its stream stays open
  kNeverEnds,        // sends and reports for ever, whatever it is told: a rogue
  kSkipsOne,         // loses its first interval
  kFalsifies,        // one of its books does not balance
  kPromisesMore,     // counts an interval that it never made
  kEndsBeforeStart,  // says so when it should wait for the start
  kEndsEarly,
  kRefusesMore,  // takes no beats over
  kFreezes,      // its process stands still for a while, and then goes on
};

class SimulatedAgent {
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

  // [say] sends into the stream, or into nothing while there is none.
  SimulatedAgent(Nature nature, uint64_t seed, Timeline* timeline,
                 std::function<void(const proto::FromAgent&)> say);

  void OnMessage(const proto::ToAgent& message);
  // A new stream is there.
  void OnUp();
  void Die() { dead_ = true; }
  // When it can do anything again: now, unless it stands still.
  int64_t awake_ns() const;

  const Nature& nature() const { return nature_; }
  // The intended starts of the beats that it may have sent, reported or not.
  const std::vector<int64_t>& due() const { return due_; }
  uint64_t adoptions() const { return adoptions_; }
  size_t workers() const { return std::max<size_t>(schedules_.size(), 1); }
  bool began() const { return began_; }
  bool finished() const { return finished_; }
  // Its ceiling would have been exceeded.
  bool overloaded() const { return overloaded_; }
  bool rogue() const { return nature_.character == Character::kNeverEnds; }
  int64_t began_at_ns() const { return began_at_ns_; }
  // The sums over the intervals 1 to n, for n = 1, 2 …: warm-up and measured window.
  const std::vector<std::pair<Ledger, Ledger>>& sums() const { return sums_; }
  uint64_t acknowledged() const { return acknowledged_; }

 private:
  void Arm(const proto::Slice& slice);
  void Begin(int64_t start_agent_ns);
  void Tick(int64_t second);
  void WatchLease();
  void Cut(int64_t drain_ns, const std::string& why);
  void Produce(proto::Phase phase, int64_t begin_ns, int64_t end_ns, bool last);
  void Adopt(const proto::Adopt& adopt);
  // Beats of one phase that came due and are in no book yet.
  struct Due {
    uint64_t in_time = 0;
    // Only when the load was stopped: they are never sent.
    uint64_t too_late = 0;
  };

  int64_t SinceStart() const { return timeline_->now_ns() - start_at_ns_; }
  void Later(int64_t at_ns, std::function<void()> event);
  bool MayTurnTo(int64_t beat_ns) const;
  void TurnToBeats(int64_t until_ns, bool stopping);
  Book MakeBook(Due due, bool close, Carry* open);
  void Finish();
  void SayFinished();
  void SayInterval(const proto::Interval& interval);
  void Say(const proto::FromAgent& message);
  bool Silent() const;

  const Nature nature_;
  Dice dice_;
  Timeline* const timeline_;
  const std::function<void(const proto::FromAgent&)> say_;
  bool dead_ = false;
  proto::Slice slice_;
  LoadProfile profile_;
  // Of each worker: its beats, and the one that comes next.
  std::vector<Schedule> schedules_;
  std::vector<std::optional<int64_t>> upcoming_;
  uint64_t adoptions_ = 0;
  // Of the plan's beats.
  double share_ = 0;
  bool overloaded_ = false;
  std::vector<int64_t> due_;
  Due warmup_due_;
  Due measure_due_;
  int arms_ = 0;
  bool began_ = false;
  bool finished_ = false;
  // The common start by its own clock, and when it began.
  int64_t start_at_ns_ = 0;
  int64_t began_at_ns_ = 0;
  int64_t reported_ns_ = 0;
  int64_t lease_until_ns_ = 0;
  std::string cut_short_;
  Carry warmup_open_;
  Carry measure_open_;
  std::deque<proto::Interval> kept_;
  std::vector<std::pair<Ledger, Ledger>> sums_;
  uint64_t acknowledged_ = 0;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_RUN_MACHINE_SIMULATED_AGENT_H_
