// RunTotals: the agents' intervals of one run, checked and merged without losing or doubling a
// count.
//
//     RunTotals totals(run_id);
//     absl::StatusOr<RunTotals::Receipt> receipt = totals.Add(interval);
//     if (receipt.ok() && receipt->news) …               // else it was received before
//     totals.agents().at("agent-1").measure.ledger();
//
// The intervals of an agent are numbered from 1: one that was added already is acknowledged and not
// counted again; one that comes before its predecessor is refused; so is one that does not begin
// where its predecessor ended, whose books do not balance, do not begin with what the one before
// left open, or whose books of single requests do not sum to those of all. A refused interval
// changes nothing.
//
// Pure. Used by one thread.
#ifndef CONTROLLER_RUN_RUN_TOTALS_H_
#define CONTROLLER_RUN_RUN_TOTALS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/block_series.h"
#include "core/book.h"
#include "core/histogram.h"
#include "core/opening_book.h"
#include "proto/interval.pb.h"

namespace drumline {

// One agent's sum over its intervals so far.
struct AgentTotals {
  uint64_t intervals = 0;
  // Where the newest one of them ends, from the common start.
  int64_t end_ns = 0;
  // The agent's last interval is in.
  bool complete = false;
  // Requests whose intended start lies in the warm-up, and in the measured window.
  Book warmup;
  Book measure;
  // The parts of `measure` that are each request's, by number; empty where the plan has but one.
  std::vector<Book> requests;
  // What happened during the measured window, whenever it was due.
  uint64_t answered_in_window = 0;
  uint64_t ok_in_window = 0;
  uint64_t sent_in_window = 0;
  // Length of the measured window as this agent carried it out, and the CPU time it took for it.
  int64_t window_ns = 0;
  int64_t cpu_in_window_ns = 0;
  // How late the workers' threads could look at the clock during the window; see interval.proto.
  Histogram hiccups;
  // Connections at the end of the window's first interval, and those opened in the whole of it: the
  // ones that were opened before the start are not among them.
  uint32_t connections_open = 0;
  uint64_t connects_in_window = 0;
  // How connections were opened in the window, and before it.
  OpeningBook opening_in_window;
  OpeningBook opening_before;
  // The busiest worker's busiest interval of the window, as a share of a core.
  double max_worker_busy = 0;
  // The busiest worker of each interval of the window, times the interval's length.
  double busiest_worker_ns = 0;
  // What the host lost to its hypervisor in the window, and the agent to a CPU limit.
  int64_t host_steal_ns = 0;
  int64_t throttled_ns = 0;
  // Requests of the measured window that a worker had turned to by the window's end.
  uint64_t turned_to_in_window = 0;
};

class RunTotals {
 public:
  struct Receipt {
    // False if the interval was added before, or lies behind the cut.
    bool news = false;
    // What the interval held; only with news.
    Book warmup;
    Book measure;
    std::vector<Book> requests;
  };

  // [requests] is how many the run's plan has. What happened after [cut_ns], from the common start,
  // is left out. The cut lies where intervals end.
  explicit RunTotals(std::string run_id, size_t requests = 1,
                     int64_t cut_ns = std::numeric_limits<int64_t>::max())
      : run_id_(std::move(run_id)), requests_(requests > 1 ? requests : 0), cut_ns_(cut_ns) {}

  absl::StatusOr<Receipt> Add(const proto::Interval& interval);

  const std::map<std::string, AgentTotals>& agents() const { return agents_; }
  // Response times of the measured window's requests, of all agents, by the interval in which they
  // ended.
  const BlockSeries& response_time_blocks() const { return response_time_blocks_; }

 private:
  static absl::Status CheckShape(const proto::Interval& interval);
  absl::StatusOr<Receipt> Read(const proto::Interval& interval) const;

  const std::string run_id_;
  // How many books of single requests each interval has.
  const size_t requests_;
  const int64_t cut_ns_;
  std::map<std::string, AgentTotals> agents_;
  BlockSeries response_time_blocks_;
};

}  // namespace drumline

#endif  // CONTROLLER_RUN_RUN_TOTALS_H_
