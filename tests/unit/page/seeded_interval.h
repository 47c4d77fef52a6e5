// Intervals of random requests, the same for the same seed, for the tests of charts.
#ifndef TESTS_UNIT_PAGE_SEEDED_INTERVAL_H_
#define TESTS_UNIT_PAGE_SEEDED_INTERVAL_H_

#include <cmath>
#include <cstdint>
#include <random>
#include <string>

#include "core/book.h"
#include "core/book_codec.h"
#include "proto/interval.pb.h"

namespace drumline {

inline constexpr int64_t kIntervalSecondNs = 1'000'000'000;

// A log-normal response time around 300 µs with a long tail, in ns.
inline int64_t SeededTimeNs(std::mt19937_64* random) {
  return static_cast<int64_t>(std::lognormal_distribution<double>(std::log(3e5), 0.8)(*random));
}

// The [number]th interval of an agent, from 1, [seconds] long, with [requests] that were answered
// and one that timed out.
inline proto::Interval SeededInterval(const std::string& agent, uint64_t number, int64_t seconds,
                                      int requests, std::mt19937_64* random) {
  Book measure;
  for (int i = 0; i < requests; ++i) {
    measure.Due();
    measure.Sent(SeededTimeNs(random) / 100, SeededTimeNs(random) / 50);
    const int64_t service_ns = SeededTimeNs(random);
    measure.Answered(Outcome::kOk, service_ns + 1'000, service_ns);
  }
  measure.Due();
  measure.Sent(1'000, 2'000);
  measure.Unanswered(Outcome::kTimeout, 5 * kIntervalSecondNs, 5 * kIntervalSecondNs);
  proto::Interval interval;
  interval.set_run_id("001-echo-r1");
  interval.set_agent_id(agent);
  interval.set_number(number);
  interval.set_begin_ns(static_cast<int64_t>(number - 1) * seconds * kIntervalSecondNs);
  interval.set_end_ns(interval.begin_ns() + seconds * kIntervalSecondNs);
  interval.set_phase(proto::PHASE_MEASURE);
  interval.set_agent_cpu_ns(250'000'000);
  interval.add_worker_busy(0.25);
  BookCodec::Encode({}, interval.mutable_warmup());
  BookCodec::Encode(measure, interval.mutable_measure());
  return interval;
}

}  // namespace drumline

#endif  // TESTS_UNIT_PAGE_SEEDED_INTERVAL_H_
