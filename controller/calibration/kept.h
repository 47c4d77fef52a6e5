// The calibrations of a fleet in a file, and which of them holds for an agent.
//
//     absl::StatusOr<proto::Calibration> kept = ReadCalibration("results/calibration.json");
//     Conditions conditions = ConditionsOf(plan, shape.sha256);      // and the agent's own
//     const Held held = FindCalibration(*kept, conditions);
//     if (held.calibration == nullptr) held.why_not;   // "not calibrated", or what differs
//
// A calibration holds for the agent's id, host and executable, the number of workers, the choice of
// engine, the pacing and the shape of the requests. One that differs in any of them is not used,
// and why_not names it and what differs. Reading and writing the file apart, pure.
#ifndef CONTROLLER_CALIBRATION_KEPT_H_
#define CONTROLLER_CALIBRATION_KEPT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/plan.pb.h"
#include "proto/preflight.pb.h"

namespace drumline {

// Where it is kept: in the directory of the bundles, and those that a campaign went by in its
// bundle.
inline constexpr char kCalibrationFile[] = "calibration.json";
inline constexpr int64_t kMaxCalibrationBytes = int64_t{16} << 20;

// Nothing in it where there is no file. FailedPrecondition, naming the file, if it is none.
absl::StatusOr<proto::Calibration> ReadCalibration(const std::string& path);
absl::Status WriteCalibration(const std::string& path, const proto::Calibration& calibration);

// Adds [made] to [kept], each in the place of the one that was made of the same agent under the
// same conditions, whatever its executable was then.
void Keep(const proto::Calibration& made, proto::Calibration* kept);

// Which agent, under which conditions: what must be the same.
struct Conditions {
  std::string agent_id;
  std::string host;
  std::string binary_sha256;
  uint32_t workers = 0;
  std::string engine_choice;
  std::string pacing;
  std::string shape_sha256;
};

// Those of a plan, without the agent's own.
Conditions ConditionsOf(const proto::Plan& plan, const std::string& shape_sha256);

struct Held {
  // Null if none holds. It lives in what was searched.
  const proto::AgentCalibration* calibration = nullptr;
  // There is one of the agent, but it does not hold.
  bool foreign = false;
  // Half a sentence about the agent, where none holds.
  std::string why_not;
};
Held FindCalibration(const proto::Calibration& kept, const Conditions& conditions);

}  // namespace drumline

#endif  // CONTROLLER_CALIBRATION_KEPT_H_
