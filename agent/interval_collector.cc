#include "agent/interval_collector.h"

#include <algorithm>
#include <utility>

#include "core/book_codec.h"
#include "core/histogram_codec.h"

namespace drumline {

IntervalCollector::IntervalCollector(std::string run_id, std::string agent_id, size_t workers)
    : run_id_(std::move(run_id)),
      agent_id_(std::move(agent_id)),
      workers_(workers),
      last_of_worker_(workers, kRunning) {}

void IntervalCollector::Add(size_t worker, const WorkerInterval& interval, int64_t agent_cpu_ns) {
  Merge(interval, worker, &building_[interval.number]);
  if (interval.last) {
    last_of_worker_[worker] = interval.number;
    ++workers_finished_;
  }
  FinishReady(agent_cpu_ns);
}

void IntervalCollector::AddAbsent(size_t worker, int64_t agent_cpu_ns) {
  last_of_worker_[worker] = kAbsent;
  ++workers_finished_;
  FinishReady(agent_cpu_ns);
}

void IntervalCollector::Merge(const WorkerInterval& interval, size_t worker, Building* building) {
  WorkerInterval& merged = building->merged;
  if (building->delivered == 0) {
    building->busy.assign(workers_, 0);
    merged.number = interval.number;
    merged.phase = interval.phase;
  }
  ++building->delivered;
  merged.end_ns = std::max(merged.end_ns, interval.end_ns);
  // Where workers end their windows by themselves (a closed loop by count), the earlier phase
  // rules.
  merged.phase = std::min(merged.phase, interval.phase);
  merged.warmup.Merge(interval.warmup);
  merged.measure.Merge(interval.measure);
  merged.opening.Merge(interval.opening);
  merged.opening_before.Merge(interval.opening_before);
  merged.requests.resize(std::max(merged.requests.size(), interval.requests.size()));
  for (size_t i = 0; i < interval.requests.size(); ++i) {
    merged.requests[i].Merge(interval.requests[i]);
  }
  merged.hiccups.Merge(interval.hiccups);
  merged.connections_open += interval.connections_open;
  merged.connects += interval.connects;
  building->busy[worker] = interval.busy;
}

void IntervalCollector::SetHostCost(const HostCost& total) {
  if (!host_cost_.has_value()) host_cost_told_ = total;
  host_cost_ = total;
}

bool IntervalCollector::Ready(const Building& building) const {
  const uint64_t number = building.merged.number;
  const auto finished_before =
      static_cast<size_t>(std::count_if(last_of_worker_.begin(), last_of_worker_.end(),
                                        [number](uint64_t last) { return last < number; }));
  return building.delivered + finished_before == workers_;
}

void IntervalCollector::FinishReady(int64_t agent_cpu_ns) {
  while (!building_.empty() && Ready(building_.begin()->second)) {
    const auto oldest = building_.extract(building_.begin());
    Publish(oldest.mapped(), agent_cpu_ns);
  }
}

void IntervalCollector::Publish(const Building& building, int64_t agent_cpu_ns) {
  const WorkerInterval& merged = building.merged;
  // Workers that end their windows by themselves, or learn of a stop at different instants, cut
  // their time at different places. The agent's intervals follow each other all the same: what
  // reaches back behind the end of the one before is not counted twice.
  const int64_t begin_ns = newest_end_ns_;
  newest_end_ns_ = std::max(begin_ns, merged.end_ns);
  proto::Interval& interval = kept_.emplace_back();
  interval.set_run_id(run_id_);
  interval.set_agent_id(agent_id_);
  interval.set_number(merged.number);
  interval.set_begin_ns(begin_ns);
  interval.set_end_ns(newest_end_ns_);
  interval.set_phase(merged.phase);
  BookCodec::Encode(merged.warmup, interval.mutable_warmup());
  BookCodec::Encode(merged.measure, interval.mutable_measure());
  for (const Book& book : merged.requests) BookCodec::Encode(book, interval.add_requests());
  EncodeHistogram(merged.hiccups, interval.mutable_hiccups());
  EncodeOpening(merged.opening, interval.mutable_opening());
  if (merged.number == 1) EncodeOpening(merged.opening_before, interval.mutable_opening_before());
  interval.set_agent_cpu_ns(agent_cpu_ns - cpu_before_ns_);
  for (double busy : building.busy) interval.add_worker_busy(busy);
  if (host_cost_.has_value()) {
    interval.set_host_steal_ns(host_cost_->steal_ns - host_cost_told_.steal_ns);
    interval.set_throttled_ns(host_cost_->throttled_ns - host_cost_told_.throttled_ns);
    host_cost_told_ = *host_cost_;
  }
  interval.set_connections_open(merged.connections_open);
  interval.set_connects(merged.connects);
  interval.set_last(Complete());
  cpu_before_ns_ = agent_cpu_ns;
  newest_ = merged.number;
}

std::vector<const proto::Interval*> IntervalCollector::TakeUnsent() {
  std::vector<const proto::Interval*> unsent;
  for (; sent_ < kept_.size(); ++sent_) unsent.push_back(&kept_[sent_]);
  return unsent;
}

void IntervalCollector::Acknowledge(uint64_t number) {
  while (!kept_.empty() && kept_.front().number() <= number) {
    kept_.pop_front();
    if (sent_ > 0) --sent_;
  }
}

}  // namespace drumline
