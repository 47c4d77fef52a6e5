// IntervalSource: the intervals of an agent that sends nothing, second by second, as one that does
// would report them: books that balance, with as many requests as the agent's lanes hold, and
// histograms as wide as real ones.
//
//     IntervalSource source(slice, "agent-7", &books, /*offset=*/7);
//     while (!source.done()) Send(source.Next());
//     source.measured();                       // requests of the measured window in all
//
// Service times are log-normal with a median of 300 µs and a sigma of 0.8, send lags exponential
// with a mean of 15 µs: a book has some 700 different slots, as one of a busy real service has. A
// few books are drawn beforehand and told in turns, so that what is measured is who reads them.
//
// Constant arrivals and phases of whole seconds only, each with the same number of requests of each
// lane. Not for several threads.
#ifndef TESTS_BENCHMARK_SCALE_INTERVAL_SOURCE_H_
#define TESTS_BENCHMARK_SCALE_INTERVAL_SOURCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline::scale {

// Encoded books of [requests] requests each, and a histogram of a second's hiccups.
struct Books {
  std::vector<proto::Book> books;
  proto::HistogramCounts hiccups;
};
Books DrawBooks(uint64_t requests, uint64_t seed);

// How many requests come due each second for this slice; InvalidArgument if that is no whole
// number, or the phases are no whole seconds.
absl::StatusOr<uint64_t> RequestsEachSecond(const proto::Slice& slice);

class IntervalSource {
 public:
  // [books] must outlive the source and be of RequestsEachSecond(slice).
  IntervalSource(const proto::Slice& slice, std::string agent_id, const Books* books,
                 uint64_t offset);

  bool done() const { return next_ > seconds_; }
  // From the common start: when the next interval is over.
  int64_t next_ends_ns() const;
  // The agent's last one if it [ends] here.
  proto::Interval Next(bool ends = false);
  // Requests of the measured window that were told of.
  uint64_t measured() const { return measured_; }

 private:
  const std::string run_id_;
  const std::string agent_id_;
  const Books* const books_;
  const uint64_t offset_;
  const uint64_t warmup_seconds_;
  const uint64_t seconds_;
  const uint32_t connections_;
  const int workers_;
  uint64_t next_ = 1;
  uint64_t measured_ = 0;
};

}  // namespace drumline::scale

#endif  // TESTS_BENCHMARK_SCALE_INTERVAL_SOURCE_H_
