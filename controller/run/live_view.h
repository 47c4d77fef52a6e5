// LiveView: the run's newest seconds, as a person who watches wants them.
//
//     LiveView view(agent_count);
//     view.Add(interval, receipt);
//     view.newest().sent_per_second;
//     for (const LiveView::Second& second : view.recent()) …
//
// A second is shown once every agent has reported it, or two seconds later without the missing
// ones. Pure. Used by one thread.
#ifndef CONTROLLER_RUN_LIVE_VIEW_H_
#define CONTROLLER_RUN_LIVE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "controller/run/run_totals.h"
#include "core/ledger.h"
#include "proto/interval.pb.h"

namespace drumline {

class LiveView {
 public:
  struct Second {
    uint64_t number = 0;  // 0: none yet
    // From the run's common start.
    int64_t end_ns = 0;
    proto::Phase phase = proto::PHASE_UNSPECIFIED;
    size_t agents = 0;  // that are part of it
    // Requests that came due, were given to a connection, had a complete response.
    double scheduled_per_second = 0;
    double sent_per_second = 0;
    double answered_per_second = 0;
    int64_t p50_ns = 0;
    int64_t p99_ns = 0;
    int64_t p999_ns = 0;
    int64_t send_lag_p99_ns = 0;
  };

  // The newest second of one agent, whether the others have reported it or not.
  struct Agent {
    uint64_t number = 0;
    int64_t end_ns = 0;
    double sent_per_second = 0;
    double cpu_cores = 0;
    // The busiest worker's share of a core.
    double busiest = 0;
    // The generator's own part of the send lag.
    int64_t generator_lag_p99_ns = 0;
    uint32_t connections_open = 0;
  };

  // Older seconds are forgotten.
  static constexpr size_t kRemembered = 240;

  explicit LiveView(size_t agents) : agents_expected_(agents) {}

  void Add(const proto::Interval& interval, const RunTotals::Receipt& receipt);

  const Second& newest() const { return newest_; }
  // Oldest first; the last one is newest().
  const std::deque<Second>& recent() const { return recent_; }
  // By id; those that have reported.
  const std::map<std::string, Agent>& agents() const { return agents_; }
  // How requests have fared since the run began, warm-up included; open at its end.
  const Ledger& ledger() const { return ledger_; }
  // Of those, the ones that did not end ok.
  uint64_t failed() const { return ledger_.Failed(); }

 private:
  static constexpr uint64_t kPatience = 2;

  struct Building {
    Second second;
    int64_t length_ns = 0;
    Ledger ledger;
    Histogram response_time;
    Histogram send_lag;
  };

  void NoteAgent(const proto::Interval& interval, const RunTotals::Receipt& receipt);
  void Publish(const Building& building);

  const size_t agents_expected_;
  std::map<uint64_t, Building> building_;
  Second newest_;
  std::deque<Second> recent_;
  std::map<std::string, Agent> agents_;
  Ledger ledger_;
};

}  // namespace drumline

#endif  // CONTROLLER_RUN_LIVE_VIEW_H_
