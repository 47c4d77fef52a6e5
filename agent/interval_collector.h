// IntervalCollector: merges the workers' intervals into the agent's own, and keeps those until the
// controller has them.
//
//     IntervalCollector collector(run_id, agent_id, worker_count);
//     collector.Add(worker, interval, agent_cpu_ns);   // once for each worker and second
//     for (const proto::Interval* interval : collector.Unsent()) { link.Send(*interval); }
//     collector.Acknowledge(number);
//     collector.Rewind();                              // a new stream: send all that is kept again
//
// Pure. Used by one thread.
#ifndef AGENT_INTERVAL_COLLECTOR_H_
#define AGENT_INTERVAL_COLLECTOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/host_cost.h"
#include "agent/recorder.h"
#include "proto/interval.pb.h"

namespace drumline {

class IntervalCollector {
 public:
  // Intervals that are kept for an absent controller: an hour's. Beyond it the run must end.
  static constexpr size_t kMaxKept = 3600;

  IntervalCollector(std::string run_id, std::string agent_id, size_t workers);

  // [agent_cpu_ns] is the program's CPU time so far.
  void Add(size_t worker, const WorkerInterval& interval, int64_t agent_cpu_ns);
  // A worker that was stopped before it began has no intervals: the others' are complete without
  // it.
  void AddAbsent(size_t worker, int64_t agent_cpu_ns);

  // What the host has lost so far; intervals that are finished from now on tell what was added
  // since the first call.
  void SetHostCost(const HostCost& total);

  // Finished intervals that were not taken since the last Rewind, in order. They are the
  // collector's and live until acknowledged.
  std::vector<const proto::Interval*> TakeUnsent();
  void Acknowledge(uint64_t number);
  void Rewind() { sent_ = 0; }

  bool Full() const { return kept_.size() >= kMaxKept; }
  // All workers have finished, and the agent's last interval is among those kept or acknowledged.
  bool Complete() const { return workers_finished_ == workers_ && building_.empty(); }
  // Complete, and nothing is left to acknowledge.
  bool Delivered() const { return Complete() && kept_.empty(); }
  // The number of the newest finished interval.
  uint64_t newest() const { return newest_; }

 private:
  static constexpr uint64_t kRunning = std::numeric_limits<uint64_t>::max();
  static constexpr uint64_t kAbsent = 0;

  // An interval that some workers have not delivered yet.
  struct Building {
    WorkerInterval merged;
    size_t delivered = 0;
    std::vector<double> busy;
  };

  void Merge(const WorkerInterval& interval, size_t worker, Building* building);
  void FinishReady(int64_t agent_cpu_ns);
  bool Ready(const Building& building) const;
  void Publish(const Building& building, int64_t agent_cpu_ns);

  const std::string run_id_;
  const std::string agent_id_;
  const size_t workers_;

  std::map<uint64_t, Building> building_;
  // The last interval of each worker that has finished; kAbsent if it had none.
  std::vector<uint64_t> last_of_worker_;
  size_t workers_finished_ = 0;
  std::deque<proto::Interval> kept_;
  size_t sent_ = 0;  // of kept_, from its front
  uint64_t newest_ = 0;
  int64_t newest_end_ns_ = 0;
  int64_t cpu_before_ns_ = 0;
  std::optional<HostCost> host_cost_;
  HostCost host_cost_told_;
};

}  // namespace drumline

#endif  // AGENT_INTERVAL_COLLECTOR_H_
