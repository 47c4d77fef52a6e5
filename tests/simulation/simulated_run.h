// SimulatedRun: a worker's loop in virtual time around the real Dispatcher, Recorder and Schedule.
//
//     SimulatedRun run(terms);
//     absl::Status status = run.Play();      // to the end; an error is a broken promise
//     run.measure().response_time() …
//
// Time passes between the steps of a turn as it does in a worker: by what a call costs, and by the
// hiccups of a machine that has other things to do. Play checks what must hold whatever happens
// (see CheckInterval and CheckEnd); the rest is for the test. One thread.
#ifndef TESTS_SIMULATION_SIMULATED_RUN_H_
#define TESTS_SIMULATION_SIMULATED_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/dispatcher.h"
#include "agent/recorder.h"
#include "core/book.h"
#include "core/load_profile.h"
#include "core/schedule.h"
#include "tests/simulation/model_wire.h"

namespace drumline {

class SimulatedRun {
 public:
  struct Stop {
    int64_t at_ns = 0;
    int64_t drain_ns = 0;
  };

  struct Terms {
    Dispatcher::Terms dispatch;
    Recorder::Window window;
    // Open loop; must outlive the run.
    const LoadProfile* profile = nullptr;
    Schedule::Arrivals arrivals = Schedule::Arrivals::kConstant;
    uint64_t seed = 0;
    Lane lane;
    size_t connections = 1;
    size_t open_at_start = 1;
    ModelWire::Target target;
    int64_t begin_late_ns = 0;
    // What each call costs.
    int64_t call_ns = 0;
    // By how much a turn of the loop comes late.
    std::function<int64_t()> hiccup = [] { return int64_t{0}; };
    std::optional<Stop> stop;
    // Answers do not wake the loop while it has an idle connection, as in Worker::SleepBlindly.
    bool blind = false;
  };

  explicit SimulatedRun(const Terms& terms);

  absl::Status Play();

  // The whole run's books, and the instant at which it ended.
  const Book& warmup() const { return warmup_; }
  const Book& measure() const { return measure_; }
  const ModelWire::Truth& truth() const { return wire_.truth(); }
  int64_t ended_ns() const { return now_ns_; }

 private:
  static constexpr uint64_t kMostTurns = 3'000'000;

  // What remains of an interval once its books are appended.
  struct Closed {
    int64_t begin_ns;
    int64_t end_ns;
    proto::Phase phase;
    bool last;
    uint64_t scheduled;
    uint64_t sent;
    uint64_t ended;  // by an answer or a break
  };

  std::unique_ptr<WorkerInterval> Exchange(std::unique_ptr<WorkerInterval> full);
  absl::Status CheckInterval(const WorkerInterval& interval) const;
  absl::Status CheckEnd() const;
  absl::Status CheckOutcomes() const;
  absl::Status CheckPlaces() const;
  absl::Status CheckPhases() const;
  void Turn();
  void TurnToBeats();
  void DealWith(const ModelWire::Event& event);
  void Pass(int64_t ns);
  bool StopIsDue() const;
  uint64_t Total(Outcome outcome) const;

  const Terms terms_;
  ModelWire wire_;
  std::optional<Schedule> schedule_;
  Recorder recorder_;
  Dispatcher dispatcher_;

  int64_t now_ns_ = 0;
  // The longest that the loop was away from what it had to do.
  int64_t latest_ns_ = 0;
  int64_t last_turn_ns_ = 0;
  std::optional<int64_t> stopped_ns_;
  std::vector<int64_t> beats_;  // the instants at which each was turned to
  bool idle_in_closed_loop_ = false;

  std::vector<Closed> closed_;
  Book warmup_;
  Book measure_;
  absl::Status status_;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_SIMULATED_RUN_H_
