#include "controller/run/abort_watch.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "controller/report/slo.h"
#include "controller/scenario/bound.h"
#include "core/book_codec.h"

namespace drumline {
namespace {

// What the bound is about, of one second, in the unit of its limit.
std::optional<double> MeasuredIn(const Book& book, const proto::Bound& bound) {
  const Ledger& ledger = book.ledger();
  if (IsTimeBound(bound)) {
    if (book.response_time().empty()) return std::nullopt;
    return MeasuredTimeNs(bound, book.response_time());
  }
  if (bound.metric() == "achieved") {
    if (ledger.scheduled() == 0) return std::nullopt;
    return static_cast<double>(ledger.Answered()) / static_cast<double>(ledger.scheduled());
  }
  const uint64_t ended = ledger.Failed() + ledger.Count(Outcome::kOk);
  if (ended == 0) return std::nullopt;
  return static_cast<double>(ledger.Failed()) / static_cast<double>(ended);
}

std::string Words(double value, const proto::Bound& bound) {
  return IsTimeBound(bound) ? FormatTime(value / 1e3) : FormatShare(value);
}

}  // namespace

AbortWatch::AbortWatch(std::vector<proto::Bound> conditions, size_t agents)
    : conditions_(std::move(conditions)), agents_(agents), held_(conditions_.size(), 0) {}

std::string AbortWatch::Add(const proto::Interval& interval) {
  if (conditions_.empty() || told_) return "";
  if (!seen_.emplace(interval.agent_id(), interval.number()).second) return "";
  const absl::StatusOr<Book> book = BookCodec::Decode(interval.measure());
  // The controller refuses such an interval, and says why.
  if (!book.ok()) return "";
  Second& second = open_[interval.number()];
  ++second.agents;
  second.measured = second.measured && interval.phase() == proto::PHASE_MEASURE;
  second.book.Merge(*book);
  std::string why;
  while (why.empty() && !open_.empty() && open_.begin()->second.agents >= agents_) {
    if (open_.begin()->second.measured) why = Judge(open_.begin()->second.book);
    open_.erase(open_.begin());
  }
  told_ = !why.empty();
  return why;
}

std::string AbortWatch::Judge(const Book& book) {
  for (size_t i = 0; i < conditions_.size(); ++i) {
    const std::optional<double> measured = MeasuredIn(book, conditions_[i]);
    held_[i] = measured && Satisfies(*measured, conditions_[i]) ? held_[i] + 1 : 0;
    if (held_[i] < kHopelessSeconds) continue;
    return absl::StrCat(conditions_[i].text(), " held for ", kHopelessSeconds,
                        " s; in the last one it was ", Words(*measured, conditions_[i]));
  }
  return "";
}

}  // namespace drumline
