#include "tests/benchmark/scale/interval_source.h"

#include <cmath>
#include <random>
#include <utility>

#include "core/book.h"
#include "core/book_codec.h"
#include "core/histogram.h"
#include "core/histogram_codec.h"
#include "core/rate.h"

namespace drumline::scale {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int kDifferentBooks = 64;
constexpr double kMedianUs = 300;
constexpr double kSigma = 0.8;
constexpr double kMeanLagNs = 15'000;
// A metronome of one beat every 97 µs.
constexpr int kHiccupBeats = 10'309;

uint32_t ConnectionsOf(const proto::Slice& slice) {
  uint32_t sum = 0;
  for (const proto::WorkerSlice& worker : slice.workers()) sum += worker.connections();
  return sum;
}

}  // namespace

Books DrawBooks(uint64_t requests, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> service_us(std::log(kMedianUs), kSigma);
  std::exponential_distribution<double> lag_ns(1 / kMeanLagNs);
  Books drawn;
  for (int i = 0; i < kDifferentBooks; ++i) {
    Book book;
    for (uint64_t j = 0; j < requests; ++j) {
      const auto lag = static_cast<int64_t>(lag_ns(random));
      const auto service = static_cast<int64_t>(service_us(random) * 1e3);
      book.Due();
      book.Sent(lag / 2, lag);
      book.Answered(Outcome::kOk, lag + service, service);
    }
    book.AddBytesSent(requests * 400);
    book.AddBytesReceived(requests * 900);
    BookCodec::Encode(book, &drawn.books.emplace_back());
  }
  Histogram hiccups;
  for (int i = 0; i < kHiccupBeats; ++i) hiccups.Record(static_cast<int64_t>(lag_ns(random) / 10));
  EncodeHistogram(hiccups, &drawn.hiccups);
  return drawn;
}

absl::StatusOr<uint64_t> RequestsEachSecond(const proto::Slice& slice) {
  const proto::LoadPlan& load = slice.load();
  int64_t rate_micro = load.segments_size() == 0 ? 0 : load.segments(0).from().micro_per_hour();
  for (const proto::RateSegment& segment : load.segments()) {
    const bool same = segment.from().micro_per_hour() == rate_micro &&
                      segment.to().micro_per_hour() == rate_micro;
    if (!same) rate_micro = 0;
  }
  if (rate_micro == 0 || load.arrivals() == proto::ARRIVALS_POISSON ||
      load.warmup_ns() % kSecondNs != 0 || load.measure_ns() % kSecondNs != 0) {
    return absl::InvalidArgumentError("one constant rate, and phases of whole seconds");
  }
  const auto rate = static_cast<uint64_t>(rate_micro / Rate::kMicroPerHourInOnePerSecond);
  const uint64_t lanes = slice.workers(0).lane().stride();
  if (rate % lanes != 0) {
    return absl::InvalidArgumentError("the rate is no multiple of the number of lanes");
  }
  return rate / lanes * static_cast<uint64_t>(slice.workers_size());
}

IntervalSource::IntervalSource(const proto::Slice& slice, std::string agent_id, const Books* books,
                               uint64_t offset)
    : run_id_(slice.run_id()),
      agent_id_(std::move(agent_id)),
      books_(books),
      offset_(offset),
      warmup_seconds_(static_cast<uint64_t>(slice.load().warmup_ns() / kSecondNs)),
      seconds_(warmup_seconds_ + static_cast<uint64_t>(slice.load().measure_ns() / kSecondNs)),
      connections_(ConnectionsOf(slice)),
      workers_(slice.workers_size()) {}

int64_t IntervalSource::next_ends_ns() const { return static_cast<int64_t>(next_) * kSecondNs; }

proto::Interval IntervalSource::Next(bool ends) {
  const bool warmup = next_ <= warmup_seconds_;
  const size_t count = books_->books.size();
  const proto::Book& book = books_->books[(offset_ + next_) % count];
  proto::Interval interval;
  interval.set_run_id(run_id_);
  interval.set_agent_id(agent_id_);
  interval.set_number(next_);
  interval.set_begin_ns(static_cast<int64_t>(next_ - 1) * kSecondNs);
  interval.set_end_ns(static_cast<int64_t>(next_) * kSecondNs);
  interval.set_phase(warmup ? proto::PHASE_WARMUP : proto::PHASE_MEASURE);
  *(warmup ? interval.mutable_warmup() : interval.mutable_measure()) = book;
  // An empty book is one, too.
  (void)(warmup ? interval.mutable_measure() : interval.mutable_warmup());
  interval.set_agent_cpu_ns(400'000'000);
  for (int i = 0; i < workers_; ++i) interval.add_worker_busy(0.4);
  interval.set_connections_open(connections_);
  *interval.mutable_hiccups() = books_->hiccups;
  (void)interval.mutable_opening();
  if (next_ == 1) (void)interval.mutable_opening_before();
  if (!warmup) measured_ += book.scheduled();
  if (ends) next_ = seconds_;
  interval.set_last(next_ == seconds_);
  ++next_;
  return interval;
}

}  // namespace drumline::scale
