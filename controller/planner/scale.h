// A scenario at another size than it was written for: what `--scale` and `--time-scale` do.
//
//     absl::StatusOr<proto::Scaling> factors = ParseScaling("0.05", "0.01");
//     std::vector<std::string> held = ScaleScenario(*factors, &scenario);
//
// Rates (those of a search too), connections and concurrency are multiplied by `load`, the lengths
// of warm-up, measured window, stages, pauses and of the opening of connections by `time`, and a
// closed loop's number of requests, which is a rate times a length, by both. So the shape stays:
// the same phases, mixes, matrix and repeats, smaller and shorter. What belongs to a single request
// (timeouts, think times, payloads), the drain, objectives, agents and the services' own settings
// stay as they are.
//
// Nothing falls below the least that the language allows or that each worker needs; what was held
// there is returned in words, "measure at 100ms". A scaled run is not the scenario's result: the
// plan carries the factors, and each report says so. Pure; safe from any thread.
#ifndef CONTROLLER_PLANNER_SCALE_H_
#define CONTROLLER_PLANNER_SCALE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// From above 0 to 1 each. InvalidArgument names the flag.
absl::StatusOr<proto::Scaling> ParseScaling(absl::string_view load, absl::string_view time);

std::vector<std::string> ScaleScenario(const proto::Scaling& factors, proto::Scenario* scenario);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_SCALE_H_
