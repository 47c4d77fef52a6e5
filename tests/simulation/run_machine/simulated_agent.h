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
  kNeverEnds,        // reports for ever, whatever it is told
  kSkipsOne,         // loses its first interval
  kFalsifies,        // one of its books does not balance
  kPromisesMore,     // counts an interval that it never made
  kEndsBeforeStart,  // says so when it should wait for the start
  kEndsEarly,
};

class SimulatedAgent {
 public:
  struct Nature {
    std::string id;
    Character character = Character::kHonest;
    int64_t trouble_at_ns = 0;
    // Its clock − the controller's.
    int64_t clock_offset_ns = 0;
    // Sends intervals twice now and then.
    bool repeats = false;
  };

  // [say] sends into the stream, or into nothing while there is none.
  SimulatedAgent(Nature nature, uint64_t seed, Timeline* timeline,
                 std::function<void(const proto::FromAgent&)> say);

  void OnMessage(const proto::ToAgent& message);
  // A new stream is there.
  void OnUp();
  void Die() { dead_ = true; }

  const Nature& nature() const { return nature_; }
  // The intended starts of the beats that it turned to, reported or not.
  const std::vector<int64_t>& due() const { return due_; }
  uint64_t adoptions() const { return adoptions_; }
  size_t workers() const { return std::max<size_t>(schedules_.size(), 1); }
  bool began() const { return began_; }
  bool finished() const { return finished_; }
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
  void Produce(proto::Phase phase, int64_t length_ns, bool last);
  void Adopt(const proto::Adopt& adopt);
  void TurnToBeats(int64_t until_ns);
  Book MakeBook(uint64_t due, bool close, Carry* open);
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
  std::vector<int64_t> due_;
  // Not in a book yet.
  uint64_t warmup_due_ = 0;
  uint64_t measure_due_ = 0;
  int arms_ = 0;
  bool began_ = false;
  bool finished_ = false;
  int64_t began_at_ns_ = 0;
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
