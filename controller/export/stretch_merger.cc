#include "controller/export/stretch_merger.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/book_codec.h"

namespace drumline {

absl::Status StretchMerger::Add(const proto::Interval& interval) {
  uint64_t& newest = newest_[{interval.run_id(), interval.agent_id()}];
  if (interval.number() <= newest) return absl::OkStatus();
  newest = interval.number();
  const absl::StatusOr<Book> warmup = BookCodec::Decode(interval.warmup());
  if (!warmup.ok()) return warmup.status();
  const absl::StatusOr<Book> measure = BookCodec::Decode(interval.measure());
  if (!measure.ok()) return measure.status();
  if (interval.run_id() != run_id_) {
    if (absl::Status status = Finish(); !status.ok()) return status;
    run_id_ = interval.run_id();
  }
  const std::string agent_id = fleet_ == Fleet::kMerged ? "" : interval.agent_id();
  Stretch& stretch = open_[{interval.begin_ns(), agent_id}];
  stretch.run_id = run_id_;
  stretch.agent_id = agent_id;
  stretch.begin_ns = interval.begin_ns();
  stretch.end_ns = std::max(stretch.end_ns, interval.end_ns());
  stretch.phase = interval.phase();
  ++stretch.agents;
  stretch.warmup.Merge(*warmup);
  stretch.measure.Merge(*measure);
  stretch.agent_cpu_ns += interval.agent_cpu_ns();
  for (const double busy : interval.worker_busy()) {
    stretch.worker_busy_max = std::max(stretch.worker_busy_max, busy);
  }
  stretch.connections_open += interval.connections_open();
  stretch.connects += interval.connects();
  return open_.size() > kMaxOpen ? EmitFirst() : absl::OkStatus();
}

absl::Status StretchMerger::Finish() {
  while (!open_.empty()) {
    if (absl::Status status = EmitFirst(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status StretchMerger::EmitFirst() {
  const auto node = open_.extract(open_.begin());
  return emit_(node.mapped());
}

}  // namespace drumline
