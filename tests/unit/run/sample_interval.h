// Intervals with books that balance, for the tests of what adds them up.
#ifndef TESTS_UNIT_RUN_SAMPLE_INTERVAL_H_
#define TESTS_UNIT_RUN_SAMPLE_INTERVAL_H_

#include <cstdint>
#include <string>

#include "core/book.h"
#include "core/book_codec.h"
#include "proto/interval.pb.h"

namespace drumline {

inline constexpr char kSampleRun[] = "001-echo-r1";

// [answered] requests that came due, were sent and answered, each in [response_ns].
inline Book SampleBook(int answered, int64_t response_ns = 1'000'000) {
  Book book;
  for (int i = 0; i < answered; ++i) {
    book.Due();
    book.Sent(1'000, 2'000);
    book.Answered(Outcome::kOk, response_ns, response_ns - 2'000);
  }
  return book;
}

// One second of the measured window.
inline proto::Interval SampleInterval(const std::string& agent, uint64_t number,
                                      const Book& measure, const Book& warmup = {}) {
  proto::Interval interval;
  interval.set_run_id(kSampleRun);
  interval.set_agent_id(agent);
  interval.set_number(number);
  interval.set_begin_ns((static_cast<int64_t>(number) - 1) * 1'000'000'000);
  interval.set_end_ns(static_cast<int64_t>(number) * 1'000'000'000);
  interval.set_phase(proto::PHASE_MEASURE);
  BookCodec::Encode(warmup, interval.mutable_warmup());
  BookCodec::Encode(measure, interval.mutable_measure());
  return interval;
}

}  // namespace drumline

#endif  // TESTS_UNIT_RUN_SAMPLE_INTERVAL_H_
