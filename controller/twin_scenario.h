// A scenario that compares its baseline with itself: what `controller aa` carries out.
//
//     absl::Status status = MakeTwins(&scenario);     // targets "echo" and "echo-again"
//
// The baseline stays and gets a twin of the same kind; the other targets and the objectives go; the
// order is interleaved, and the name says what was done.
// InvalidArgument if there are fewer than two repeats: one tells no spread. Pure.
#ifndef CONTROLLER_TWIN_SCENARIO_H_
#define CONTROLLER_TWIN_SCENARIO_H_

#include "absl/status/status.h"
#include "proto/scenario.pb.h"

namespace drumline {

absl::Status MakeTwins(proto::Scenario* scenario);

}  // namespace drumline

#endif  // CONTROLLER_TWIN_SCENARIO_H_
