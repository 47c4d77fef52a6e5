// Probes: the short runs by which agents are calibrated, against the null service in each.
//
//     proto::RunPlan probe = ClosedProbe(run);            // as fast as it goes: the ceiling
//     probe = OpenProbe(run, 4'000);                      // at a rate: the floor, the lag
//     proto::Slice slice = SliceOf(probe, place, plan.engine());
//     slice.mutable_null_service()->set_answer(NullAnswer(run, AnswerBytesOf(run)));
//
// A probe sends what the run sends, over as many connections, and is held to nothing but answers
// of status 200. Pure functions.
#ifndef CONTROLLER_CALIBRATION_PROBE_H_
#define CONTROLLER_CALIBRATION_PROBE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "proto/plan.pb.h"

namespace drumline {

// Of an answer's body.
inline constexpr uint64_t kMostAnswerBytes = uint64_t{8} << 20;
inline constexpr int64_t kProbeWarmupNs = 500'000'000;
inline constexpr int64_t kProbeMeasureNs = 2'000'000'000;

// As long as the largest of the bodies that are sent, as an echo's is, up to kMostAnswerBytes; 0
// where a request is a HEAD, whose answers have none.
uint64_t AnswerBytesOf(const proto::RunPlan& run);

// InvalidArgument, in words for the person at the terminal, if such an answer cannot be given to
// all of the run's requests: one of them is a HEAD, and the answer has a body, as is asked for or
// as another request takes from it.
absl::Status CheckNullAnswer(const proto::RunPlan& run, uint64_t body_bytes);

// An answer with what flows take from it, so that they go on, and with a body of [body_bytes] or as
// long as that makes it.
std::string NullAnswer(const proto::RunPlan& run, uint64_t body_bytes);

// Each connection sends as soon as it is answered.
proto::RunPlan ClosedProbe(const proto::RunPlan& run);
// [beats_per_second] of all agents together, at least 1, evenly.
proto::RunPlan OpenProbe(const proto::RunPlan& run, double beats_per_second);

}  // namespace drumline

#endif  // CONTROLLER_CALIBRATION_PROBE_H_
