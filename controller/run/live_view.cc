#include "controller/run/live_view.h"

#include <algorithm>

namespace drumline {

void LiveView::Add(const proto::Interval& interval, const RunTotals::Receipt& receipt) {
  for (const Book* book : {&receipt.warmup, &receipt.measure}) failed_ += book->ledger().Failed();
  if (interval.number() <= newest_.number) return;
  Building& building = building_[interval.number()];
  building.second.number = interval.number();
  building.second.phase = interval.phase();
  ++building.second.agents;
  building.length_ns = std::max(building.length_ns, interval.end_ns() - interval.begin_ns());
  for (const Book* book : {&receipt.warmup, &receipt.measure}) {
    building.sent += book->ledger().sent();
    building.answered += book->ledger().Answered();
    building.response_time.Merge(book->response_time());
  }
  while (!building_.empty()) {
    const auto oldest = building_.begin();
    const bool overdue = building_.rbegin()->first >= oldest->first + kPatience;
    if (oldest->second.second.agents < agents_ && !overdue) break;
    Publish(oldest->second);
    building_.erase(oldest);
  }
}

void LiveView::Publish(const Building& building) {
  newest_ = building.second;
  if (building.length_ns <= 0) return;
  const double seconds = static_cast<double>(building.length_ns) * 1e-9;
  newest_.sent_per_second = static_cast<double>(building.sent) / seconds;
  newest_.answered_per_second = static_cast<double>(building.answered) / seconds;
  newest_.p50_ns = building.response_time.ValueAtQuantile(0.5);
  newest_.p99_ns = building.response_time.ValueAtQuantile(0.99);
}

}  // namespace drumline
