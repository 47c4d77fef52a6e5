// The oracle's books: what it chose, what it did, and how late it was with it.
//
//   Books books;
//   books.Answered(Fate::kOk, delay_ns, made_ns, late_ns);
//   books.Render(text);
//
// Families, all from the start of the service:
//   oracle_requests_total                    requests that were given a number
//   oracle_answers_total{fate}               ok, error, reset, truncated; unsent: the client had
//   gone oracle_delay_chosen_seconds              histogram of the delays that were drawn
//   oracle_delay_made_seconds                histogram of what became of them: from the arrival of
//                                            the request to its last byte handed to the kernel
//   oracle_made_seconds{quantile}            summary of the same
//   oracle_lateness_seconds{quantile}        summary: how much later than it was due an answer was
//                                            handed to the kernel; a stop is no lateness
//   oracle_made_max_seconds, oracle_lateness_max_seconds
//   oracle_stops_total, oracle_stopped_seconds_total
//   oracle_unstamped_total                   reads for which the kernel told no time of arrival, so
//                                            that the time of the read was taken instead
//   oracle_overloads_total                   connections that were closed because too many answers
//                                            were waiting
//
// A slow body counts as part of both delays. Pure; one thread.
#ifndef TARGET_SERVICES_ORACLE_BOOKS_H_
#define TARGET_SERVICES_ORACLE_BOOKS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "target-services/metrics/prometheus_text.h"
#include "target-services/metrics/request_metrics.h"
#include "target-services/oracle/fate_law.h"
#include "target-services/oracle/time_tally.h"

namespace drumline::target {

class Books {
 public:
  void Numbered() { ++requests_; }
  void Answered(Fate fate, int64_t delay_ns, int64_t made_ns, int64_t late_ns);
  void Unsent() { ++unsent_; }
  void Stopped(int64_t length_ns);
  void Unstamped() { ++unstamped_; }
  void Overloaded() { ++overloads_; }

  void Render(PrometheusText& text) const;

 private:
  // The buckets of all services' histograms of time.
  struct Delays {
    std::array<uint64_t, kDurationBuckets.size() + 1> buckets = {};  // The last one has no bound.
    int64_t sum_ns = 0;

    void Record(int64_t delay_ns);
    void Render(std::string_view name, std::string_view help, PrometheusText& text) const;
  };

  uint64_t requests_ = 0;
  std::array<uint64_t, kFateCount> answers_ = {};
  uint64_t unsent_ = 0;
  Delays chosen_;
  Delays made_;
  TimeTally made_times_;
  TimeTally lateness_;
  uint64_t stops_ = 0;
  int64_t stopped_ns_ = 0;
  uint64_t unstamped_ = 0;
  uint64_t overloads_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_BOOKS_H_
