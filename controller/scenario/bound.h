// Bounds on something measured: `p99 < 100ms`, `errors < 0.1%`, `achieved >= 99.9%`, `rss <
// 200MiB`.
//
//   absl::StatusOr<proto::Bound> bound = ParseBound("p99.9 < 1ms");
//   bound->quantile()   0.999        bound->limit()   1'000'000 (nanoseconds)
//
// Quantiles, mean and max are times of response (or of the send lag); their limits need a unit of
// time, errors and achieved need %, rss needs bytes. Errors are InvalidArgument with a clause that
// fits into a message. Pure functions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_BOUND_H_
#define CONTROLLER_SCENARIO_BOUND_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/scenario.pb.h"

namespace drumline {

absl::StatusOr<proto::Bound> ParseBound(absl::string_view text);

// `metric comparison limit` in its shortest form. Parsing it gives the same bound, but for `text`.
std::string FormatBound(const proto::Bound& bound);

// Whether the metric is a time: a quantile, mean or max.
bool IsTimeBound(const proto::Bound& bound);

// Whether the bound keeps the metric small (< or <=).
bool IsUpperBound(const proto::Bound& bound);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_BOUND_H_
