#include "core/book_codec.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/histogram_codec.h"

namespace drumline {
namespace {

Ledger DecodeLedger(const proto::Book& encoded) {
  Ledger ledger;
  ledger.set_scheduled(encoded.scheduled());
  ledger.set_sent(encoded.sent());
  ledger.SetCount(Outcome::kOk, encoded.ok());
  ledger.SetCount(Outcome::kBadStatus, encoded.bad_status());
  ledger.SetCount(Outcome::kBadBody, encoded.bad_body());
  ledger.SetCount(Outcome::kTimeout, encoded.timeout());
  ledger.SetCount(Outcome::kRefused, encoded.refused());
  ledger.SetCount(Outcome::kReset, encoded.reset());
  ledger.SetCount(Outcome::kProtocolError, encoded.protocol_error());
  ledger.SetCount(Outcome::kCensored, encoded.censored());
  ledger.SetCount(Outcome::kUnsent, encoded.unsent());
  return ledger;
}

void EncodeLedger(const Ledger& ledger, proto::Book* encoded) {
  encoded->set_scheduled(ledger.scheduled());
  encoded->set_sent(ledger.sent());
  encoded->set_ok(ledger.Count(Outcome::kOk));
  encoded->set_bad_status(ledger.Count(Outcome::kBadStatus));
  encoded->set_bad_body(ledger.Count(Outcome::kBadBody));
  encoded->set_timeout(ledger.Count(Outcome::kTimeout));
  encoded->set_refused(ledger.Count(Outcome::kRefused));
  encoded->set_reset(ledger.Count(Outcome::kReset));
  encoded->set_protocol_error(ledger.Count(Outcome::kProtocolError));
  encoded->set_censored(ledger.Count(Outcome::kCensored));
  encoded->set_unsent(ledger.Count(Outcome::kUnsent));
}

absl::Status CheckCounts(const Ledger& ledger, const Carry& before, const Carry& after) {
  const auto check = [](uint64_t count) {
    return count <= BookCodec::kMaxCount
               ? absl::OkStatus()
               : absl::InvalidArgumentError(absl::StrCat("an impossible count, ", count));
  };
  absl::Status status;
  for (uint64_t count : {ledger.scheduled(), ledger.sent(), before.waiting, before.in_flight,
                         after.waiting, after.in_flight}) {
    status.Update(check(count));
  }
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    status.Update(check(ledger.Count(static_cast<Outcome>(i))));
  }
  return status;
}

absl::Status CheckLowerBound(const Book& book) {
  const Ledger& ledger = book.ledger();
  const uint64_t unanswered = ledger.Count(Outcome::kTimeout) + ledger.Count(Outcome::kCensored);
  const bool any = unanswered + ledger.Count(Outcome::kUnsent) > 0;
  const int64_t bound_ns = book.lower_bound_min_ns();
  // Books of old bundles have none of the service times.
  const int64_t service_ns = book.service_lower_bound_min_ns();
  if (service_ns < 0 || (service_ns > 0 && unanswered == 0)) {
    return absl::InvalidArgumentError(absl::StrCat("a lower bound of ", service_ns,
                                                   " ns on service times in books with ",
                                                   unanswered, " requests that have one"));
  }
  if (bound_ns >= 0 && any == (bound_ns > 0)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a lower bound of ", bound_ns,
                                                 " ns in books with ", any ? "" : "no ",
                                                 "requests that have one"));
}

}  // namespace

void BookCodec::Encode(const Book& book, proto::Book* encoded) {
  EncodeLedger(book.ledger_, encoded);
  encoded->set_waiting_before(book.before_.waiting);
  encoded->set_waiting_after(book.after_.waiting);
  encoded->set_in_flight_before(book.before_.in_flight);
  encoded->set_in_flight_after(book.after_.in_flight);
  EncodeHistogram(book.response_time_, encoded->mutable_response_time());
  EncodeHistogram(book.service_time_, encoded->mutable_service_time());
  EncodeHistogram(book.send_lag_, encoded->mutable_send_lag());
  EncodeHistogram(book.generator_lag_, encoded->mutable_generator_lag());
  encoded->set_lower_bound_min_ns(book.lower_bound_min_ns_);
  encoded->set_service_lower_bound_min_ns(book.service_lower_bound_min_ns_);
  encoded->set_bytes_sent(book.bytes_sent_);
  encoded->set_bytes_received(book.bytes_received_);
  encoded->set_skipped(book.skipped_);
}

absl::StatusOr<Book> BookCodec::Decode(const proto::Book& encoded) {
  Book book;
  book.ledger_ = DecodeLedger(encoded);
  book.before_ = {encoded.waiting_before(), encoded.in_flight_before()};
  book.after_ = {encoded.waiting_after(), encoded.in_flight_after()};
  const std::pair<const proto::HistogramCounts*, Histogram*> histograms[] = {
      {&encoded.response_time(), &book.response_time_},
      {&encoded.service_time(), &book.service_time_},
      {&encoded.send_lag(), &book.send_lag_},
      {&encoded.generator_lag(), &book.generator_lag_},
  };
  for (const auto& [counts, histogram] : histograms) {
    if (absl::Status status = DecodeHistogramInto(*counts, histogram); !status.ok()) return status;
  }
  book.lower_bound_min_ns_ = encoded.lower_bound_min_ns();
  book.service_lower_bound_min_ns_ = encoded.service_lower_bound_min_ns();
  book.bytes_sent_ = encoded.bytes_sent();
  book.bytes_received_ = encoded.bytes_received();
  book.skipped_ = encoded.skipped();
  absl::Status status = CheckCounts(book.ledger_, book.before_, book.after_);
  status.Update(book.CheckBalance());
  status.Update(CheckLowerBound(book));
  if (!status.ok()) return status;
  return book;
}

}  // namespace drumline
