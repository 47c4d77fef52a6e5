// StretchMerger: the agents' intervals of a bundle, merged into what the whole fleet saw in each
// stretch of time.
//
//     StretchMerger merger(StretchMerger::Fleet::kMerged, [&](const Stretch& stretch) { … });
//     reader.ForEachInterval([&](const proto::Interval& interval) { return merger.Add(interval);
//     }); merger.Finish();
//
// Agents end their intervals at the same instants from the common start, so that a stretch is all
// intervals that begin together. Stretches are given out in order of time, run after run. An agent
// that reports so late that its stretch has been given out already (it had lost its connection) is
// given out by itself: no count is lost and none is doubled, but a stretch may come in two parts.
// An interval that was kept twice counts once. Used by one thread.
#ifndef CONTROLLER_EXPORT_STRETCH_MERGER_H_
#define CONTROLLER_EXPORT_STRETCH_MERGER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "core/book.h"
#include "proto/interval.pb.h"

namespace drumline {

struct Stretch {
  std::string run_id;
  // Empty where it is the whole fleet's.
  std::string agent_id;
  // From the common start of the run.
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  proto::Phase phase = proto::PHASE_UNSPECIFIED;
  // Agents that are part of it.
  uint32_t agents = 0;
  // Requests whose intended start lies in the warm-up, and in the measured window.
  Book warmup;
  Book measure;
  int64_t agent_cpu_ns = 0;
  // The busiest worker's share of a core.
  double worker_busy_max = 0;
  uint32_t connections_open = 0;
  uint64_t connects = 0;
};

class StretchMerger {
 public:
  // Whether the intervals of all agents become one stretch, or each agent's its own.
  enum class Fleet { kMerged, kByAgent };
  using Emit = std::function<absl::Status(const Stretch&)>;

  // So many stretches wait for agents that are late; each takes about 2 MB.
  static constexpr size_t kMaxOpen = 16;

  StretchMerger(Fleet fleet, Emit emit) : fleet_(fleet), emit_(std::move(emit)) {}

  // An interval that is not one (see BookCodec) is an error; so is what `emit` refuses.
  absl::Status Add(const proto::Interval& interval);
  // Gives out what still waits.
  absl::Status Finish();

 private:
  // Begin, then agent: the order in which stretches are given out.
  using Key = std::pair<int64_t, std::string>;

  absl::Status EmitFirst();

  const Fleet fleet_;
  const Emit emit_;
  std::string run_id_;
  std::map<Key, Stretch> open_;
  // The newest number of each agent of each run.
  std::map<std::pair<std::string, std::string>, uint64_t> newest_;
};

}  // namespace drumline

#endif  // CONTROLLER_EXPORT_STRETCH_MERGER_H_
