// AgentRun: this agent's part in one run, as the session knows it: from the slice to the last
// acknowledged interval.
//
//     std::shared_ptr<AgentRun> run = …;       // ArmedRun, or a simulation's
//     run->Launch();                           // makes the workers ready; then ready is called
//     run->Begin(start_ns);
//     run->collector()->TakeUnsent();          // whenever progressed is called
//
// What a run is to the protocol is decided here and is pure; what its workers are is left to the
// two that live: ArmedRun has threads and sockets, the simulation has virtual time. The seam is at
// the level of the run: no request passes through it.
//
// One thread. Events are called from it, and may let go of the run: whoever calls in on a worker's
// behalf holds it meanwhile.
#ifndef AGENT_AGENT_RUN_H_
#define AGENT_AGENT_RUN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "agent/host_cost.h"
#include "agent/interval_collector.h"
#include "agent/interval_exchange.h"
#include "agent/own_limits.h"
#include "core/schedule.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

class AgentRun {
 public:
  struct Events {
    // All workers have their connections, or one of them could not get them.
    std::function<void(const absl::Status&)> ready;
    // Intervals were added to the collector, or the last worker has finished.
    std::function<void()> progressed;
  };

  AgentRun(const proto::Slice& slice, const std::string& agent_id, const OwnLimits& limits,
           Events events);
  virtual ~AgentRun() = default;
  AgentRun(const AgentRun&) = delete;
  AgentRun& operator=(const AgentRun&) = delete;

  virtual void Launch() = 0;
  void Begin(int64_t start_ns);
  // See Worker::HoldLease.
  virtual void HoldLease(int64_t until_ns) = 0;
  // [reason] is kept if the run had not ended by itself.
  void Stop(int64_t drain_ns, const std::string& reason);
  // Beats of a lost agent, one lane for each worker. One that came before is not carried out again;
  // InvalidArgument for lanes that there are not, PermissionDenied for more than the limits allow.
  absl::Status Adopt(const proto::Adopt& adopt);

  const std::string& run_id() const { return slice_.run_id(); }
  // Whether it was armed with this very slice: run ids of different campaigns may be the same.
  bool IsFor(const proto::Slice& slice) const {
    return slice.SerializeAsString() == slice_.SerializeAsString();
  }
  // All connections are open.
  bool ready() const { return workers_ready_ == worker_count() && readiness_.ok(); }
  bool begun() const { return begun_; }
  bool finished() const { return workers_finished_ == worker_count(); }
  // How often it has taken beats over.
  uint64_t adoptions() const { return adoptions_; }
  // The latest of the workers' real beginnings, on CLOCK_MONOTONIC; 0 if there was none.
  int64_t began_ns() const { return began_ns_; }
  // Why the run ended early; empty if it did not.
  const std::string& cut_short() const { return cut_short_; }
  virtual uint32_t connections() const = 0;
  // What its workers really use: "epoll", "io_uring", or both names; empty before Launch.
  virtual std::string engine_name() const = 0;
  IntervalCollector* collector() { return &collector_; }

 protected:
  // What was spent so far.
  struct Spent {
    int64_t program_cpu_ns = 0;
    HostCost host;
  };

  virtual void BeginWorkers(int64_t start_ns) = 0;
  virtual void StopWorkers(int64_t drain_ns) = 0;
  virtual void AdoptBeats(size_t worker, Lane lane, int64_t from_ns) = 0;
  virtual Spent ReadSpent() const = 0;

  // Of one worker each; it is ready, or will never be.
  void OnReady(const absl::Status& status);
  // Its last interval is in the exchange, if it ever began.
  void OnFinished(size_t worker, int64_t began_ns);
  // Takes what is in the exchange.
  void Collect();

  size_t worker_count() const { return static_cast<size_t>(slice_.workers_size()); }
  const proto::Slice& slice() const { return slice_; }

  // Made by Launch; outlives the workers.
  std::unique_ptr<IntervalExchange> exchange_;

 private:
  const proto::Slice slice_;
  const OwnLimits limits_;
  const Events events_;
  IntervalCollector collector_;
  size_t workers_ready_ = 0;
  size_t workers_finished_ = 0;
  absl::Status readiness_;
  bool begun_ = false;
  uint64_t adoptions_ = 0;
  // Of all beats of the plan, what was taken over included.
  double share_of_beats_ = 0;
  int64_t began_ns_ = 0;
  std::string cut_short_;
};

}  // namespace drumline

#endif  // AGENT_AGENT_RUN_H_
