#include "controller/calibration/kept.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/bundle/posix_file.h"
#include "controller/calibration/shape.h"
#include "controller/scenario/enum_word.h"

namespace drumline {
namespace {

// What of [calibration] is not as [wanted] has it, for people.
std::vector<std::string> Differences(const proto::AgentCalibration& calibration,
                                     const Conditions& wanted) {
  std::vector<std::string> differences;
  const auto compare = [&differences](const std::string& what, const std::string& then,
                                      const std::string& now) {
    if (then != now) differences.push_back(absl::StrCat(what, " (", then, ", now ", now, ")"));
  };
  compare("host", calibration.host(), wanted.host);
  if (calibration.binary_sha256() != wanted.binary_sha256) differences.push_back("executable");
  compare("workers", absl::StrCat(calibration.workers()), absl::StrCat(wanted.workers));
  compare("engine", calibration.engine_choice(), wanted.engine_choice);
  compare("pacing", calibration.pacing(), wanted.pacing);
  if (calibration.shape_sha256() != wanted.shape_sha256) {
    differences.push_back(absl::StrCat("requests (", calibration.shape(), ")"));
  }
  return differences;
}

bool OfTheSame(const proto::AgentCalibration& a, const proto::AgentCalibration& b) {
  return a.agent_id() == b.agent_id() && a.host() == b.host() && a.workers() == b.workers() &&
         a.engine_choice() == b.engine_choice() && a.pacing() == b.pacing() &&
         a.shape_sha256() == b.shape_sha256();
}

}  // namespace

absl::StatusOr<proto::Calibration> ReadCalibration(const std::string& path) {
  proto::Calibration calibration;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return calibration;
  const absl::StatusOr<std::string> json = ReadWholeFile(path, kMaxCalibrationBytes);
  if (!json.ok()) return json.status();
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (google::protobuf::util::JsonStringToMessage(*json, &calibration, options).ok()) {
    return calibration;
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is not a calibration as `controller calibrate` keeps it"));
}

absl::Status WriteCalibration(const std::string& path, const proto::Calibration& calibration) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(calibration, &json, options).ok()) {
    return absl::InternalError("the calibration holds a text that is not UTF-8");
  }
  return WriteFileAtomically(path, json + "\n");
}

void Keep(const proto::Calibration& made, proto::Calibration* kept) {
  for (const proto::AgentCalibration& one : made.agents()) {
    proto::AgentCalibration* place = nullptr;
    for (proto::AgentCalibration& known : *kept->mutable_agents()) {
      if (OfTheSame(known, one)) place = &known;
    }
    *(place != nullptr ? place : kept->add_agents()) = one;
  }
}

Conditions ConditionsOf(const proto::Plan& plan, const std::string& shape_sha256) {
  Conditions conditions;
  conditions.workers = plan.workers_per_agent();
  const proto::EngineChoice choice = plan.engine().engine();
  conditions.engine_choice =
      EnumWord(choice == proto::ENGINE_CHOICE_UNSPECIFIED ? proto::ENGINE_CHOICE_AUTO : choice);
  conditions.pacing = PacingWords(plan.engine());
  conditions.shape_sha256 = shape_sha256;
  return conditions;
}

Held FindCalibration(const proto::Calibration& kept, const Conditions& conditions) {
  Held held;
  std::vector<std::string> fewest;
  const proto::AgentCalibration* nearest = nullptr;
  for (const proto::AgentCalibration& calibration : kept.agents()) {
    if (calibration.agent_id() != conditions.agent_id) continue;
    std::vector<std::string> differences = Differences(calibration, conditions);
    if (differences.empty()) {
      held.calibration = &calibration;
      return held;
    }
    if (nearest != nullptr && differences.size() >= fewest.size()) continue;
    nearest = &calibration;
    fewest = std::move(differences);
  }
  held.foreign = nearest != nullptr;
  held.why_not = nearest == nullptr
                     ? "not calibrated"
                     : absl::StrCat("the calibration of ", nearest->measured_at(),
                                    " was made with another ", absl::StrJoin(fewest, ", "));
  return held;
}

}  // namespace drumline
