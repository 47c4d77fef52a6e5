// Whether repeats that go on until a measure is known may stop: what core/stopping.h says of the
// runs that there are.
//
//     const proto::StoppingReport stopping = JudgeStopping(plan, runs);
//     if (stopping.reached()) …                        // no more repeats are needed
//
// Every target at every point must be known well enough, by its VALID runs that were not aborted.
// Looks are made when a whole repeat is over, after the numbers of repeats that LooksOf gives.
//
// Pure.
#ifndef CONTROLLER_REPORT_STOPPING_H_
#define CONTROLLER_REPORT_STOPPING_H_

#include <vector>

#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// [plan] has `until`, and all repeats that there may be.
proto::StoppingReport JudgeStopping(const proto::Plan& plan,
                                    const std::vector<proto::RunReport>& runs);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_STOPPING_H_
