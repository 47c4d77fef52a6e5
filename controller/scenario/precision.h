// How well a measure is to be known: `p99 ± 2%`, or `p99 +- 2%` where the keyboard lacks the sign.
//
//     absl::StatusOr<Precision> precision = ParsePrecision("p99 ± 2%");
//     precision->metric     "p99"        precision->relative     0.02
//
// The measures are those by which targets are compared. Errors are InvalidArgument with a clause
// that fits into a message. Pure function, safe from any thread.
#ifndef CONTROLLER_SCENARIO_PRECISION_H_
#define CONTROLLER_SCENARIO_PRECISION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

struct Precision {
  // As compared metrics are named in a report: "p99.9", "cpu_per_request".
  std::string metric;
  // Half the width of the interval, as a fraction of the mean; above 0 and at most 1.
  double relative = 0;
};

absl::StatusOr<Precision> ParsePrecision(absl::string_view text);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_PRECISION_H_
