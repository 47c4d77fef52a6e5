#include "core/book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drumline {
namespace {

absl::Status CheckCount(absl::string_view name, const Histogram& histogram, uint64_t expected) {
  // A value out of range is in no slot; it is counted apart, and the run fails for it elsewhere.
  const uint64_t recorded = histogram.count() + histogram.out_of_range();
  if (recorded == expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the books do not balance: ", recorded, " values of ",
                                          name, " for ", expected, " requests"));
}

void NoteLowerBound(int64_t time_ns, int64_t* smallest_ns) {
  // 0 means none; a bound of 0 ns bounds nothing, 1 ns is as good.
  const int64_t bound = std::max<int64_t>(time_ns, 1);
  *smallest_ns = *smallest_ns == 0 ? bound : std::min(*smallest_ns, bound);
}

}  // namespace

void Book::Unanswered(Outcome outcome, int64_t waited_ns, int64_t since_send_ns) {
  ledger_.End(outcome);
  response_time_.Record(waited_ns);
  service_time_.Record(since_send_ns);
  NoteLowerBound(waited_ns, &lower_bound_min_ns_);
  NoteLowerBound(since_send_ns, &service_lower_bound_min_ns_);
}

void Book::Unsent(int64_t waited_ns) {
  ledger_.End(Outcome::kUnsent);
  response_time_.Record(waited_ns);
  NoteLowerBound(waited_ns, &lower_bound_min_ns_);
}

void Book::Refused() {
  ledger_.Send();
  ledger_.End(Outcome::kRefused);
}

uint64_t Book::out_of_range() const {
  return response_time_.out_of_range() + service_time_.out_of_range() + send_lag_.out_of_range() +
         generator_lag_.out_of_range();
}

void Book::AddTotals(const Book& other) {
  ledger_ += other.ledger_;
  response_time_.Merge(other.response_time_);
  service_time_.Merge(other.service_time_);
  send_lag_.Merge(other.send_lag_);
  generator_lag_.Merge(other.generator_lag_);
  for (auto bound : {&Book::lower_bound_min_ns_, &Book::service_lower_bound_min_ns_}) {
    if (other.*bound != 0) NoteLowerBound(other.*bound, &(this->*bound));
  }
  bytes_sent_ += other.bytes_sent_;
  bytes_received_ += other.bytes_received_;
  skipped_ += other.skipped_;
}

void Book::Merge(const Book& other) {
  AddTotals(other);
  before_ += other.before_;
  after_ += other.after_;
}

absl::Status Book::Append(const Book& next) {
  if (!(after_ == next.before_)) {
    return absl::DataLossError(absl::StrCat(
        "the books do not balance: ", after_.waiting, " waiting and ", after_.in_flight,
        " in flight at the end of one interval, ", next.before_.waiting, " and ",
        next.before_.in_flight, " at the beginning of the next"));
  }
  AddTotals(next);
  after_ = next.after_;
  return absl::OkStatus();
}

void Book::Clear() {
  ledger_ = {};
  before_ = {};
  after_ = {};
  response_time_.Clear();
  service_time_.Clear();
  send_lag_.Clear();
  generator_lag_.Clear();
  lower_bound_min_ns_ = 0;
  service_lower_bound_min_ns_ = 0;
  bytes_sent_ = 0;
  bytes_received_ = 0;
  skipped_ = 0;
}

absl::Status Book::CheckBalance() const {
  if (absl::Status status = ledger_.CheckBalance(before_, after_); !status.ok()) return status;
  const uint64_t timed =
      ledger_.Answered() + ledger_.Count(Outcome::kTimeout) + ledger_.Count(Outcome::kCensored);
  const uint64_t handed_over = ledger_.sent() - ledger_.Count(Outcome::kRefused);
  absl::Status status =
      CheckCount("response time", response_time_, timed + ledger_.Count(Outcome::kUnsent));
  status.Update(CheckCount("service time", service_time_, timed));
  status.Update(CheckCount("send lag", send_lag_, handed_over));
  status.Update(CheckCount("generator lag", generator_lag_, handed_over));
  return status;
}

}  // namespace drumline
