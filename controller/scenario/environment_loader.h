// Loads an environment: a YAML file in the language of proto/environment.proto, and finds the one
// that a scenario means.
//
//   auto loaded = LoadEnvironment("configs/environments/aws-c7g.yaml");
//   if (auto* faults = std::get_if<std::vector<Fault>>(&loaded)) …
//   const auto& environment = std::get<proto::EnvironmentFile>(loaded);
//
// A loaded environment is complete and free of contradictions: each host is of a machine that is
// described, no two hosts share an address, prices have a date and one currency. On failure every
// fault of the file is reported at once. Does file I/O; no exceptions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_ENVIRONMENT_LOADER_H_
#define CONTROLLER_SCENARIO_ENVIRONMENT_LOADER_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"
#include "proto/environment.pb.h"

namespace drumline {

// How many directories around a scenario are searched for configs/environments.
inline constexpr int kMaxEnvironmentAncestors = 16;

using EnvironmentResult = std::variant<proto::EnvironmentFile, std::vector<Fault>>;

EnvironmentResult LoadEnvironment(const std::string& path);

// The same for a text that is no file; `name` stands for the file in faults.
EnvironmentResult LoadEnvironmentText(absl::string_view text, const std::string& name);

// The path of the file that `environment: NAMED` means in a scenario in that directory. What has a
// `/` in it or ends in `.yaml` is a path, whether the file is there or not. Any other is a name,
// for which environments/NAME.yaml in the directory is tried, then configs/environments/NAME.yaml
// in the directory and those around it; nothing where there is no such file.
std::optional<std::string> FindEnvironment(const std::string& directory, const std::string& named);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_ENVIRONMENT_LOADER_H_
