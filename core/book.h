// Book: how the requests of one phase fared over a stretch of time; a ledger and four histograms
// that agree with it.
//
//     Book book;
//     book.Due();
//     book.Sent(generator_lag_ns, send_lag_ns);
//     book.Answered(Outcome::kOk, response_time_ns, service_time_ns);
//     book.CheckBalance();
//
// One worker fills one book a second and phase; books of different workers and agents over the same
// second are merged, those of successive seconds appended. Recording is the hot path: no
// allocation, a few nanoseconds a call. All times are nanoseconds. Thread-compatible.
#ifndef CORE_BOOK_H_
#define CORE_BOOK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "core/histogram.h"
#include "core/ledger.h"
#include "core/outcome.h"

namespace drumline {

class Book {
 public:
  // A request came due.
  void Due() { ledger_.Schedule(); }

  // Its first byte was handed to the kernel.
  void Sent(int64_t generator_lag_ns, int64_t send_lag_ns) {
    ledger_.Send();
    generator_lag_.Record(generator_lag_ns);
    send_lag_.Record(send_lag_ns);
  }

  // A complete response came: [outcome] is ok, bad_status or bad_body.
  void Answered(Outcome outcome, int64_t response_time_ns, int64_t service_time_ns) {
    ledger_.End(outcome);
    response_time_.Record(response_time_ns);
    service_time_.Record(service_time_ns);
  }

  // It was sent and had no complete response by its deadline (timeout) or by the window's end
  // (censored). Both times are lower bounds.
  void Unanswered(Outcome outcome, int64_t waited_ns, int64_t since_send_ns);
  // Its deadline passed before a connection became free.
  void Unsent(int64_t waited_ns);
  // Its connection could not be opened: it counts as sent, but has no times.
  void Refused();
  // Its connection broke, or what came was not HTTP: reset or protocol_error.
  void Broken(Outcome outcome) { ledger_.End(outcome); }

  // So many steps of a flow will never come due.
  void Skip(uint64_t steps) { skipped_ += steps; }

  void AddBytesSent(uint64_t bytes) { bytes_sent_ += bytes; }
  void AddBytesReceived(uint64_t bytes) { bytes_received_ += bytes; }

  const Ledger& ledger() const { return ledger_; }
  const Carry& before() const { return before_; }
  const Carry& after() const { return after_; }
  const Histogram& response_time() const { return response_time_; }
  const Histogram& service_time() const { return service_time_; }
  const Histogram& send_lag() const { return send_lag_; }
  const Histogram& generator_lag() const { return generator_lag_; }
  // The smallest lower bound among the response times; 0 if there is none. Quantiles at or above it
  // are lower bounds themselves.
  int64_t lower_bound_min_ns() const { return lower_bound_min_ns_; }
  // The same of the service times: of requests that were sent and not answered.
  int64_t service_lower_bound_min_ns() const { return service_lower_bound_min_ns_; }
  uint64_t bytes_sent() const { return bytes_sent_; }
  uint64_t bytes_received() const { return bytes_received_; }
  // Steps of flows that never came due; no equation knows them.
  uint64_t skipped() const { return skipped_; }
  // Values that no histogram holds. Anything but 0 is a failure of the run.
  uint64_t out_of_range() const;

  void set_before(const Carry& carry) { before_ = carry; }
  void set_after(const Carry& carry) { after_ = carry; }

  // Adds a book of the same stretch of time: another worker's or agent's.
  void Merge(const Book& other);
  // Adds the book of the stretch that follows: what was open between the two is open no more.
  // Fails, changing nothing, if it does not begin with what this one left open.
  absl::Status Append(const Book& next);
  void Clear();
  // Every count, carry and bound.
  friend bool operator==(const Book&, const Book&) = default;

  // The ledger's equations, and each histogram's count against the ledger (see interval.proto).
  absl::Status CheckBalance() const;

 private:
  friend class BookCodec;

  void AddTotals(const Book& other);

  Ledger ledger_;
  Carry before_;
  Carry after_;
  Histogram response_time_;
  Histogram service_time_;
  Histogram send_lag_;
  Histogram generator_lag_;
  int64_t lower_bound_min_ns_ = 0;
  int64_t service_lower_bound_min_ns_ = 0;
  uint64_t bytes_sent_ = 0;
  uint64_t bytes_received_ = 0;
  uint64_t skipped_ = 0;
};

}  // namespace drumline

#endif  // CORE_BOOK_H_
