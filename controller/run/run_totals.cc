#include "controller/run/run_totals.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/book_codec.h"
#include "core/histogram_codec.h"

namespace drumline {
namespace {

// What no agent that tells the truth exceeds, so that no sum of what the others tell overflows: a
// day of warm-up, a day of window and their ends; and the cores of one machine, which are asked for
// their time a little later than the interval's end.
constexpr int64_t kLongestRunNs = int64_t{72} * 3'600 * 1'000'000'000;
constexpr int64_t kSlackNs = int64_t{60} * 1'000'000'000;
constexpr int kMostCores = 1024;

void AddWindow(const proto::Interval& interval, const RunTotals::Receipt& receipt,
               const Histogram& hiccups, AgentTotals* totals) {
  if (interval.phase() != proto::PHASE_MEASURE) return;
  for (const Book* book : {&receipt.warmup, &receipt.measure}) {
    totals->answered_in_window += book->ledger().Answered();
    totals->ok_in_window += book->ledger().Count(Outcome::kOk);
    totals->sent_in_window += book->ledger().sent();
  }
  if (totals->window_ns == 0) totals->connections_open = interval.connections_open();
  totals->connects_in_window += interval.connects();
  totals->window_ns += interval.end_ns() - interval.begin_ns();
  totals->cpu_in_window_ns += interval.agent_cpu_ns();
  totals->hiccups.Merge(hiccups);
  totals->host_steal_ns += interval.host_steal_ns();
  totals->throttled_ns += interval.throttled_ns();
  totals->turned_to_in_window += receipt.measure.ledger().scheduled();
  double busiest = 0;
  for (double busy : interval.worker_busy()) busiest = std::max(busiest, busy);
  totals->max_worker_busy = std::max(totals->max_worker_busy, busiest);
  totals->busiest_worker_ns +=
      busiest * static_cast<double>(interval.end_ns() - interval.begin_ns());
}

void AddOpenings(const proto::Interval& interval, const OpeningBook& opening,
                 const OpeningBook& before, AgentTotals* totals) {
  totals->opening_before.Merge(before);
  if (interval.phase() == proto::PHASE_WARMUP) totals->opening_before.Merge(opening);
  if (interval.phase() == proto::PHASE_MEASURE) totals->opening_in_window.Merge(opening);
}

// All books or none.
absl::Status Append(const RunTotals::Receipt& receipt, AgentTotals* totals) {
  const auto continues = [](const Book& book, const Book& next) {
    return book.after() == next.before();
  };
  totals->requests.resize(receipt.requests.size());
  bool all =
      continues(totals->warmup, receipt.warmup) && continues(totals->measure, receipt.measure);
  for (size_t i = 0; i < receipt.requests.size(); ++i) {
    all = all && continues(totals->requests[i], receipt.requests[i]);
  }
  if (!all) {
    return absl::DataLossError(
        "the books do not balance: it does not begin with what the interval before left open");
  }
  absl::Status status = totals->warmup.Append(receipt.warmup);
  status.Update(totals->measure.Append(receipt.measure));
  for (size_t i = 0; i < receipt.requests.size(); ++i) {
    status.Update(totals->requests[i].Append(receipt.requests[i]));
  }
  return status;
}

// Each request's books are a part of the whole, and together they are all of it.
absl::Status CheckSum(const RunTotals::Receipt& receipt) {
  if (receipt.requests.empty()) return absl::OkStatus();
  Book sum;
  for (const Book& book : receipt.requests) sum.Merge(book);
  if (sum == receipt.measure) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the books do not balance: those of single requests sum to ", sum.ledger().scheduled(),
      " scheduled and ", sum.ledger().SentAndEnded(), " ended, those of all together hold ",
      receipt.measure.ledger().scheduled(), " and ", receipt.measure.ledger().SentAndEnded()));
}

}  // namespace

absl::Status RunTotals::CheckShape(const proto::Interval& interval) {
  if (interval.end_ns() < interval.begin_ns() || interval.begin_ns() < 0 ||
      interval.agent_cpu_ns() < 0) {
    return absl::InvalidArgumentError("it ends before it begins, or took negative time");
  }
  if (interval.end_ns() > kLongestRunNs) {
    return absl::InvalidArgumentError("it lies beyond any run");
  }
  const int64_t length_ns = interval.end_ns() - interval.begin_ns();
  if (interval.agent_cpu_ns() > (length_ns + kSlackNs) * int64_t{kMostCores}) {
    return absl::InvalidArgumentError("it took more CPU than there is");
  }
  const auto is_share = [](double busy) { return std::isfinite(busy) && busy >= 0; };
  if (!std::all_of(interval.worker_busy().begin(), interval.worker_busy().end(), is_share)) {
    return absl::InvalidArgumentError("a worker's share of a core is no share");
  }
  if (interval.phase() < proto::PHASE_WARMUP || interval.phase() > proto::PHASE_DRAIN) {
    return absl::InvalidArgumentError("it lies in no phase");
  }
  return absl::OkStatus();
}

// The books, each held to its own equations, and all of them to each other.
absl::StatusOr<RunTotals::Receipt> RunTotals::Read(const proto::Interval& interval) const {
  if (static_cast<size_t>(interval.requests_size()) != requests_) {
    return absl::InvalidArgumentError(absl::StrCat("it has books of ", interval.requests_size(),
                                                   " single requests where the plan wants ",
                                                   requests_));
  }
  Receipt receipt;
  receipt.news = true;
  receipt.requests.resize(requests_);
  std::vector<std::pair<const proto::Book*, Book*>> books = {
      {&interval.warmup(), &receipt.warmup}, {&interval.measure(), &receipt.measure}};
  for (size_t i = 0; i < requests_; ++i) {
    books.emplace_back(&interval.requests(static_cast<int>(i)), &receipt.requests[i]);
  }
  for (const auto& [encoded, book] : books) {
    absl::StatusOr<Book> decoded = BookCodec::Decode(*encoded);
    if (!decoded.ok()) return decoded.status();
    *book = *std::move(decoded);
  }
  if (absl::Status status = CheckSum(receipt); !status.ok()) return status;
  return receipt;
}

absl::StatusOr<RunTotals::Receipt> RunTotals::Add(const proto::Interval& interval) {
  const auto refuse = [&interval](const absl::Status& why) {
    return absl::Status(why.code(), absl::StrCat("interval ", interval.number(), " of agent ",
                                                 interval.agent_id(), ": ", why.message()));
  };
  if (interval.run_id() != run_id_) {
    return refuse(absl::InvalidArgumentError(
        absl::StrCat("it belongs to run ", interval.run_id(), ", not to ", run_id_)));
  }
  if (interval.end_ns() > cut_ns_) return Receipt{};
  if (interval.number() == 0) return refuse(absl::InvalidArgumentError("numbers begin with 1"));
  // An agent is known from its first good interval on: a refused one must leave no trace.
  const auto found = agents_.find(interval.agent_id());
  const bool first = found == agents_.end();
  std::optional<AgentTotals> fresh;
  AgentTotals& totals = first ? fresh.emplace() : found->second;
  if (interval.number() <= totals.intervals) return Receipt{};
  if (totals.complete) return refuse(absl::FailedPreconditionError("it comes after the last one"));
  if (interval.number() != totals.intervals + 1) {
    return refuse(
        absl::DataLossError(absl::StrCat("interval ", totals.intervals + 1, " is missing")));
  }
  if (absl::Status status = CheckShape(interval); !status.ok()) return refuse(status);
  if (interval.begin_ns() != totals.end_ns) {
    return refuse(absl::DataLossError(absl::StrCat("it begins ", interval.begin_ns(),
                                                   " ns after the start, but the one before ended ",
                                                   totals.end_ns, " ns after it")));
  }
  absl::StatusOr<Receipt> receipt = Read(interval);
  if (!receipt.ok()) return refuse(receipt.status());
  // An agent that does not measure them sends none, which decodes to an empty histogram.
  const absl::StatusOr<Histogram> hiccups = DecodeHistogram(interval.hiccups());
  if (!hiccups.ok()) return refuse(hiccups.status());
  const absl::StatusOr<OpeningBook> opening = DecodeOpening(interval.opening());
  const absl::StatusOr<OpeningBook> before = DecodeOpening(interval.opening_before());
  if (!opening.ok()) return refuse(opening.status());
  if (!before.ok()) return refuse(before.status());
  if (absl::Status status = Append(*receipt, &totals); !status.ok()) return refuse(status);
  ++totals.intervals;
  totals.end_ns = std::max(totals.end_ns, interval.end_ns());
  totals.complete = interval.last();
  AddWindow(interval, *receipt, *hiccups, &totals);
  AddOpenings(interval, *opening, *before, &totals);
  response_time_blocks_.Add(interval.begin_ns(), receipt->measure.response_time());
  if (first) agents_.emplace(interval.agent_id(), *std::move(fresh));
  return receipt;
}

}  // namespace drumline
