// A campaign whose every figure is known beforehand, for the tests of repeats and comparisons.
//
// Runs of "old" and "new" in turns, A B B A …; repeat k of a target has its quantiles, its CPU a
// request and its RSS multiplied by exp(step (k − (n + 1) / 2)), so that their geometric mean is
// that of the target: for "old" p50 1 ms, p95 2 ms, p99 4 ms, p99.9 8 ms, 1,000 answers a second,
// 20 µs CPU a request and 10 MiB; for "new" times and RSS are `ratio` of these.
#ifndef TESTS_UNIT_CONTROLLER_REPORT_SAMPLE_CAMPAIGN_H_
#define TESTS_UNIT_CONTROLLER_REPORT_SAMPLE_CAMPAIGN_H_

#include <cstdint>
#include <string>

#include "proto/report.pb.h"

namespace drumline {

// All that comparisons read; VALID.
proto::RunReport SampleRepeat(const std::string& target, uint32_t repeat, double factor);

// Its runs and nothing else; AddComparison has not been called.
proto::Report SampleCampaign(uint32_t repeats, double ratio, double step);

}  // namespace drumline

#endif  // TESTS_UNIT_CONTROLLER_REPORT_SAMPLE_CAMPAIGN_H_
