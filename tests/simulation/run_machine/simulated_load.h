// The load of a simulated agent: an AgentRun whose workers live in virtual time. Schedule,
// dispatcher, recorder, exchange and collector are the agent's own; connections and target are
// arithmetic.
#ifndef TESTS_SIMULATION_RUN_MACHINE_SIMULATED_LOAD_H_
#define TESTS_SIMULATION_RUN_MACHINE_SIMULATED_LOAD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent_run.h"
#include "agent/dispatcher.h"
#include "agent/recorder.h"
#include "core/load_profile.h"
#include "core/schedule.h"
#include "tests/simulation/model_wire.h"
#include "tests/simulation/run_machine/virtual_time.h"

namespace drumline {

class SimulatedLoad : public AgentRun, public std::enable_shared_from_this<SimulatedLoad> {
 public:
  // The process that it is part of. Times are of the agent's own clock.
  struct Surroundings {
    std::function<int64_t()> now_ns;
    // Does something at an instant, or when the process goes on after it; nothing if it is dead.
    std::function<void(int64_t at_ns, std::function<void()> event)> at;
    // What a simulation holds the controller to.
    std::function<void(int64_t began_ns)> began;
    std::function<void(int64_t intended_ns)> turned_to;
    std::function<void(const WorkerInterval&)> measured;
    // Keeps to no lease and no stop, and never ends.
    bool rogue = false;
  };

  SimulatedLoad(const proto::Slice& slice, const std::string& agent_id, const OwnLimits& limits,
                uint64_t seed, Surroundings surroundings, Events events);

  void Launch() override;
  void HoldLease(int64_t until_ns) override;
  uint32_t connections() const override;
  std::string engine_name() const override { return "arithmetic"; }

 private:
  // As agent/worker is on a thread.
  struct SimulatedWorker {
    std::unique_ptr<Schedule> schedule;
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<ModelWire> wire;
    std::unique_ptr<Dispatcher> dispatcher;
    bool running = false;
    int64_t began_ns = 0;
    bool finished = false;
    // Turns that were asked for; the newest counts.
    uint64_t turns = 0;
  };

  void BeginWorkers(int64_t start_ns) override;
  void StopWorkers(int64_t drain_ns) override;
  void AdoptBeats(size_t worker, Lane lane, int64_t from_ns) override;
  Spent ReadSpent() const override { return {}; }

  void MakeWorker(size_t index);
  ModelWire::Reply DrawReply();
  void At(int64_t at_ns, std::function<void()> event);
  void Soon(std::function<void()> event);
  int64_t SinceStart() const { return surroundings_.now_ns() - start_ns_; }
  void BeginWorker(size_t index);
  void StopWorker(size_t index, int64_t drain_ns);
  void Turn(size_t index);
  void HearAnswers(SimulatedWorker* worker);
  int64_t NextTurnNs(SimulatedWorker* worker, int64_t now_ns) const;
  void Finish(size_t index, int64_t began_ns);

  const Surroundings surroundings_;
  const LoadProfile profile_;
  Dice dice_;
  std::vector<SimulatedWorker> workers_;
  int64_t start_ns_ = 0;
  int64_t lease_until_ns_ = Dispatcher::kNever;
};

}  // namespace drumline

#endif  // TESTS_SIMULATION_RUN_MACHINE_SIMULATED_LOAD_H_
