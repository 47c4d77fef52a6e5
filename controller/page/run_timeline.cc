#include "controller/page/run_timeline.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "core/histogram_codec.h"
#include "core/outcome.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// The narrowest columns, in whole seconds, of which [most] hold the planned run.
int64_t PlannedColumnNs(const proto::LoadPlan& load, int64_t most) {
  const int64_t planned_ns = load.warmup_ns() + load.measure_ns() + load.drain_ns();
  const int64_t seconds = (planned_ns + kSecondNs - 1) / kSecondNs;
  return std::max<int64_t>(1, (seconds + most - 1) / most) * kSecondNs;
}

Ledger LedgerOf(const proto::Book& book) {
  Ledger ledger;
  ledger.set_scheduled(book.scheduled());
  ledger.set_sent(book.sent());
  ledger.SetCount(Outcome::kOk, book.ok());
  ledger.SetCount(Outcome::kBadStatus, book.bad_status());
  ledger.SetCount(Outcome::kBadBody, book.bad_body());
  ledger.SetCount(Outcome::kTimeout, book.timeout());
  ledger.SetCount(Outcome::kRefused, book.refused());
  ledger.SetCount(Outcome::kReset, book.reset());
  ledger.SetCount(Outcome::kProtocolError, book.protocol_error());
  ledger.SetCount(Outcome::kCensored, book.censored());
  ledger.SetCount(Outcome::kUnsent, book.unsent());
  return ledger;
}

absl::Status AddBook(const proto::Book& book, TimelineColumn* column) {
  column->ledger += LedgerOf(book);
  absl::Status status = column->response_time.Add(book.response_time());
  status.Update(column->service_time.Add(book.service_time()));
  status.Update(column->send_lag.Add(book.send_lag()));
  status.Update(column->generator_lag.Add(book.generator_lag()));
  return status;
}

// The interval as a column of its own, so that one that is broken has changed nothing.
absl::StatusOr<TimelineColumn> ColumnOf(const proto::Interval& interval) {
  if (interval.begin_ns() < 0 || interval.end_ns() < interval.begin_ns()) {
    return absl::InvalidArgumentError("an interval ends before it begins");
  }
  TimelineColumn column;
  column.begin_ns = interval.begin_ns();
  column.end_ns = interval.end_ns();
  column.phase = interval.phase();
  absl::Status status = AddBook(interval.warmup(), &column);
  status.Update(AddBook(interval.measure(), &column));
  status.Update(column.hiccups.Add(interval.hiccups()));
  if (!status.ok()) return status;
  TimelineColumn::AgentPart& part = column.agents[interval.agent_id()];
  part.cpu_ns = interval.agent_cpu_ns();
  part.sent = column.ledger.sent();
  for (double busy : interval.worker_busy()) {
    column.max_worker_busy = std::max(column.max_worker_busy, busy);
  }
  return column;
}

void Stretch(int64_t begin_ns, int64_t end_ns, proto::Phase phase, TimelineColumn* column) {
  if (begin_ns < column->begin_ns) column->phase = phase;
  column->begin_ns = std::min(column->begin_ns, begin_ns);
  column->end_ns = std::max(column->end_ns, end_ns);
}

// Adds a column of the same stretch of time, or of a neighbouring one.
void Append(const TimelineColumn& next, TimelineColumn* column) {
  Stretch(next.begin_ns, next.end_ns, next.phase, column);
  column->ledger += next.ledger;
  column->response_time.Merge(next.response_time);
  column->service_time.Merge(next.service_time);
  column->send_lag.Merge(next.send_lag);
  column->generator_lag.Merge(next.generator_lag);
  column->hiccups.Merge(next.hiccups);
  for (const auto& [id, part] : next.agents) {
    column->agents[id].cpu_ns += part.cpu_ns;
    column->agents[id].sent += part.sent;
  }
  column->max_worker_busy = std::max(column->max_worker_busy, next.max_worker_busy);
}

}  // namespace

RunTimeline::RunTimeline(const proto::RunPlan& plan, size_t most_columns)
    : plan_(plan),
      most_columns_(static_cast<int64_t>(std::max<size_t>(1, most_columns))),
      column_ns_(PlannedColumnNs(plan.load(), most_columns_)) {}

absl::Status RunTimeline::Add(const proto::Interval& interval) {
  uint64_t& newest = newest_[interval.agent_id()];
  if (interval.number() <= newest) return absl::OkStatus();
  absl::StatusOr<TimelineColumn> added = ColumnOf(interval);
  if (!added.ok()) return added.status();
  newest = interval.number();
  while (interval.begin_ns() / column_ns_ >= most_columns_) Widen();
  const auto [place, made] = columns_.try_emplace(interval.begin_ns() / column_ns_);
  if (made) {
    place->second = *std::move(added);
  } else {
    Append(*added, &place->second);
  }
  const proto::Book& measure = interval.measure();
  absl::Status status = DecodeHistogramInto(measure.response_time(), &response_time_);
  status.Update(DecodeHistogramInto(measure.service_time(), &service_time_));
  status.Update(DecodeHistogramInto(measure.send_lag(), &send_lag_));
  status.Update(DecodeHistogramInto(measure.generator_lag(), &generator_lag_));
  return status;
}

void RunTimeline::Widen() {
  column_ns_ *= 2;
  ++widenings_;
  std::map<int64_t, TimelineColumn> wider;
  for (auto& [index, column] : columns_) {
    const auto [place, made] = wider.try_emplace(index / 2);
    if (made) {
      place->second = std::move(column);
    } else {
      Append(column, &place->second);
    }
  }
  columns_ = std::move(wider);
}

}  // namespace drumline
