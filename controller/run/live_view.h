// LiveView: the run's newest second, as a person who watches wants it.
//
//     LiveView view(agent_count);
//     view.Add(interval, receipt);
//     view.newest().sent_per_second;
//
// A second is shown once every agent has reported it, or two seconds later without the missing
// ones. Pure. Used by one thread.
#ifndef CONTROLLER_RUN_LIVE_VIEW_H_
#define CONTROLLER_RUN_LIVE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "controller/run/run_totals.h"
#include "proto/interval.pb.h"

namespace drumline {

class LiveView {
 public:
  struct Second {
    uint64_t number = 0;  // 0: none yet
    proto::Phase phase = proto::PHASE_UNSPECIFIED;
    size_t agents = 0;  // that are part of it
    double sent_per_second = 0;
    double answered_per_second = 0;
    int64_t p50_ns = 0;
    int64_t p99_ns = 0;
  };

  explicit LiveView(size_t agents) : agents_(agents) {}

  void Add(const proto::Interval& interval, const RunTotals::Receipt& receipt);

  const Second& newest() const { return newest_; }
  // Requests that did not end ok, since the run began, warm-up included.
  uint64_t failed() const { return failed_; }

 private:
  static constexpr uint64_t kPatience = 2;

  struct Building {
    Second second;
    int64_t length_ns = 0;
    uint64_t sent = 0;
    uint64_t answered = 0;
    Histogram response_time;
  };

  void Publish(const Building& building);

  const size_t agents_;
  std::map<uint64_t, Building> building_;
  Second newest_;
  uint64_t failed_ = 0;
};

}  // namespace drumline

#endif  // CONTROLLER_RUN_LIVE_VIEW_H_
