#include "controller/run/live_view.h"

#include <algorithm>

namespace drumline {
namespace {

constexpr double kNsPerS = 1e9;

double PerSecond(uint64_t count, int64_t length_ns) {
  return length_ns <= 0 ? 0 : static_cast<double>(count) * kNsPerS / static_cast<double>(length_ns);
}

}  // namespace

void LiveView::Add(const proto::Interval& interval, const RunTotals::Receipt& receipt) {
  for (const Book* book : {&receipt.warmup, &receipt.measure}) ledger_ += book->ledger();
  NoteAgent(interval, receipt);
  if (interval.number() <= newest_.number) return;
  Building& building = building_[interval.number()];
  building.second.number = interval.number();
  building.second.phase = interval.phase();
  building.second.end_ns = std::max(building.second.end_ns, interval.end_ns());
  ++building.second.agents;
  building.length_ns = std::max(building.length_ns, interval.end_ns() - interval.begin_ns());
  for (const Book* book : {&receipt.warmup, &receipt.measure}) {
    building.ledger += book->ledger();
    building.response_time.Merge(book->response_time());
    building.send_lag.Merge(book->send_lag());
  }
  while (!building_.empty()) {
    const auto oldest = building_.begin();
    const bool overdue = building_.rbegin()->first >= oldest->first + kPatience;
    if (oldest->second.second.agents < agents_expected_ && !overdue) break;
    Publish(oldest->second);
    building_.erase(oldest);
  }
}

void LiveView::NoteAgent(const proto::Interval& interval, const RunTotals::Receipt& receipt) {
  Agent& agent = agents_[interval.agent_id()];
  if (interval.number() < agent.number) return;
  const int64_t length_ns = interval.end_ns() - interval.begin_ns();
  agent = Agent{};
  agent.number = interval.number();
  agent.end_ns = interval.end_ns();
  agent.sent_per_second =
      PerSecond(receipt.warmup.ledger().sent() + receipt.measure.ledger().sent(), length_ns);
  if (length_ns > 0) {
    agent.cpu_cores = static_cast<double>(interval.agent_cpu_ns()) / static_cast<double>(length_ns);
  }
  for (const double busy : interval.worker_busy()) agent.busiest = std::max(agent.busiest, busy);
  // At a change of phases both books have requests; the slower of the two is the one to see.
  for (const Book* book : {&receipt.warmup, &receipt.measure}) {
    agent.generator_lag_p99_ns =
        std::max(agent.generator_lag_p99_ns, book->generator_lag().ValueAtQuantile(0.99));
  }
  agent.connections_open = interval.connections_open();
}

void LiveView::Publish(const Building& building) {
  newest_ = building.second;
  const Ledger& ledger = building.ledger;
  newest_.scheduled_per_second = PerSecond(ledger.scheduled(), building.length_ns);
  newest_.sent_per_second = PerSecond(ledger.sent(), building.length_ns);
  newest_.answered_per_second = PerSecond(ledger.Answered(), building.length_ns);
  newest_.p50_ns = building.response_time.ValueAtQuantile(0.5);
  newest_.p99_ns = building.response_time.ValueAtQuantile(0.99);
  newest_.p999_ns = building.response_time.ValueAtQuantile(0.999);
  newest_.send_lag_p99_ns = building.send_lag.ValueAtQuantile(0.99);
  recent_.push_back(newest_);
  if (recent_.size() > kRemembered) recent_.pop_front();
}

}  // namespace drumline
