// The noise floor of a fleet: how much a target differs from itself there, kept in a file, and held
// against later comparisons.
//
//     WriteFileAtomically("results/noise-floor.json", *NoiseFloorToJson(NoiseFloorOf(aa_report)));
//     HoldAgainstFloor(floor, &report);       // says so of differences that are below it
//
// The floor of a metric is the farther end of the interval on its ratio in an A/A campaign: no
// larger difference of a target from itself was excluded. A later difference that is smaller may be
// of the same kind. It is no second test: the interval has excluded equality or not, and says so;
// the floor is about what intervals cannot see, such as two ports, cores or caches that are never
// alike.
//
//     MarkBelowFloor(floor, &result);         // one comparison, of whatever reports
//
// A floor belongs to the fleet and the load that it was measured with: where facts that matter
// differ (fairness.h), it is not used, and the report says which. Pure.
#ifndef CONTROLLER_REPORT_NOISE_FLOOR_H_
#define CONTROLLER_REPORT_NOISE_FLOOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "proto/report.pb.h"

namespace drumline {

// Where it is kept, in the directory of the bundles and in each bundle that it was held against.
inline constexpr char kNoiseFloorFile[] = "noise-floor.json";

inline constexpr int64_t kMaxNoiseFloorBytes = int64_t{1} << 20;

// From the report of a campaign whose two targets are one and the same. Of several points of the
// matrix the worst counts.
proto::NoiseFloor NoiseFloorOf(const proto::Report& report);

absl::StatusOr<std::string> NoiseFloorToJson(const proto::NoiseFloor& floor);
// InvalidArgument if it is none.
absl::StatusOr<proto::NoiseFloor> NoiseFloorFromJson(const std::string& json);

// Which facts that matter differ between what the floor and what the report was measured with: "CPU
// (A, now B)"; empty if none does.
std::string WhatDiffers(const proto::NoiseFloor& floor, const proto::Report& report);

// Sets noise_floor and below_noise_floor where the floor knows the metric, and adds to the words of
// what seems different and is below it.
void MarkBelowFloor(const proto::NoiseFloor& floor, proto::ComparisonResult* result);

// Sets noise_floor and below_noise_floor of each comparison, and adds to its words; or adds a
// reason to the verdict why it could not. The report has its comparison already.
void HoldAgainstFloor(const proto::NoiseFloor& floor, proto::Report* report);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_NOISE_FLOOR_H_
