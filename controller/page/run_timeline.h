// RunTimeline: a run as a chart shows it, in columns of time; the intervals of all agents added up.
//
//     RunTimeline timeline(run_plan, /*most_columns=*/600);
//     timeline.Add(interval);                        // each one, in any order of agents
//     for (const auto& [index, column] : timeline.columns()) …
//
// A column is as wide as it must be, in whole seconds, for the planned run to fit into the number
// of columns; counts are added, so that a quantile of a column is that of all its requests. A run
// whose length is not planned (it ends by count), or that lasts longer, makes the columns wider as
// it goes: always by a factor of two, so that old ones merge exactly.
//
// A request is counted in the column in which the event happened, whatever its phase. Pure. One
// thread at a time.
#ifndef CONTROLLER_PAGE_RUN_TIMELINE_H_
#define CONTROLLER_PAGE_RUN_TIMELINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "controller/page/sparse_counts.h"
#include "core/histogram.h"
#include "core/ledger.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

struct TimelineColumn {
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  // Of its earliest interval.
  proto::Phase phase = proto::PHASE_UNSPECIFIED;
  Ledger ledger;
  SparseCounts response_time;
  SparseCounts service_time;
  SparseCounts send_lag;
  SparseCounts generator_lag;
  SparseCounts hiccups;
  // CPU time of each agent's process, and the requests that it sent.
  struct AgentPart {
    int64_t cpu_ns = 0;
    uint64_t sent = 0;
  };
  std::map<std::string, AgentPart> agents;
  // The busiest worker's share of its core in the busiest interval.
  double max_worker_busy = 0;
};

class RunTimeline {
 public:
  RunTimeline(const proto::RunPlan& plan, size_t most_columns);

  // InvalidArgument if the interval is not one that an agent could have written; how far its books
  // balance is for others to check (see RunTotals). One that was added before is not counted again.
  absl::Status Add(const proto::Interval& interval);

  const proto::RunPlan& plan() const { return plan_; }
  int64_t column_ns() const { return column_ns_; }
  // By their number: begin_ns / column_ns().
  const std::map<int64_t, TimelineColumn>& columns() const { return columns_; }
  // How often columns were widened; a reader who holds columns has to forget them.
  int widenings() const { return widenings_; }

  // Requests of the measured window, over the whole run.
  const Histogram& response_time() const { return response_time_; }
  const Histogram& service_time() const { return service_time_; }
  const Histogram& send_lag() const { return send_lag_; }
  const Histogram& generator_lag() const { return generator_lag_; }

 private:
  void Widen();

  const proto::RunPlan plan_;
  const int64_t most_columns_;
  int64_t column_ns_;
  int widenings_ = 0;
  std::map<int64_t, TimelineColumn> columns_;
  // The number of the newest interval of each agent.
  std::map<std::string, uint64_t> newest_;
  Histogram response_time_;
  Histogram service_time_;
  Histogram send_lag_;
  Histogram generator_lag_;
};

}  // namespace drumline

#endif  // CONTROLLER_PAGE_RUN_TIMELINE_H_
