// A run whose every figure is known beforehand, for the tests of the report.
//
// Two agents, a warm-up of 2 s and a measured window of 10 s. Each agent starts 100 requests in the
// warm-up and 1,000 in the window; request k = 1 … 1,000 of the window is sent 10 µs after its
// intended start (all of it the generator's lag), is served in k µs and so has a response time of
// k + 10 µs. The threads of each agent were 1, 2 … 100 µs late to look at the clock.
#ifndef TESTS_UNIT_CONTROLLER_REPORT_SAMPLE_RUN_H_
#define TESTS_UNIT_CONTROLLER_REPORT_SAMPLE_RUN_H_

#include <cstdint>
#include <string>

#include "controller/report/report_builder.h"
#include "controller/report/run_result.h"
#include "core/book.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

inline constexpr int64_t kUs = 1'000;
inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

// One request, sent `lag_ns` after its intended start and answered `service_ns` after that.
void AddAnswered(Outcome outcome, int64_t lag_ns, int64_t service_ns, Book* book);
// One request that was sent at once and had no answer for `waited_ns`.
void AddUnanswered(Outcome outcome, int64_t waited_ns, Book* book);

// "p99 < 100ms" and its like, from its parts. `quantile` is 0 for other metrics.
proto::Bound BoundOf(const std::string& metric, double quantile, proto::Comparison comparison,
                     double limit, const std::string& text);

proto::RunPlan SamplePlan();
// `plan` must outlive the result.
RunResult SampleRun(const proto::RunPlan& plan);
// p99 of generator lag below 10 ms; p99 of response time below 2 ms; errors below 0.5 %.
Objectives SampleObjectives();

}  // namespace drumline

#endif  // TESTS_UNIT_CONTROLLER_REPORT_SAMPLE_RUN_H_
