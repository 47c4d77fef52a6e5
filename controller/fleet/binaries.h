// Where the programs that the controller starts are found: beside the controller itself.
//
//     absl::StatusOr<std::string> path = FindBinary(Binary::kAgent, *OwnExecutable());
//
// Two layouts are known. In Bazel's output and in runfiles each program lies in its own room:
// controller/controller, agent/agent, target-services/echo/echo. Installed, they lie in one
// directory, as drumline-agent and drumline-echo; beside a controller that is itself called
// `controller` also as `agent` and `echo`. (A /usr/bin/drumline-controller must not start
// /usr/bin/echo, which is another program.)
//
// Safe from any thread; looks at the file system each time.
#ifndef CONTROLLER_FLEET_BINARIES_H_
#define CONTROLLER_FLEET_BINARIES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace drumline {

enum class Binary { kAgent, kEcho, kOracle, kApi, kEchoDom, kItems, kUsers };

// The absolute path of the program that runs.
absl::StatusOr<std::string> OwnExecutable();

// In the order in which they are looked at.
std::vector<std::string> PlacesOf(Binary binary, const std::string& controller_path);

// The program of the target service of that name; nothing if there is no such service.
std::optional<Binary> ServiceBinary(std::string_view name);

// FailedPrecondition, with all the places and what to do, if there is no executable file at any.
absl::StatusOr<std::string> FindBinary(Binary binary, const std::string& controller_path);

}  // namespace drumline

#endif  // CONTROLLER_FLEET_BINARIES_H_
