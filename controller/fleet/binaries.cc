#include "controller/fleet/binaries.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drumline {
namespace {

namespace fs = std::filesystem;

struct Name {
  const char* room;
  const char* name;
  const char* words;
};

Name NameOf(Binary binary) {
  switch (binary) {
    case Binary::kAgent:
      return {"agent", "agent", "agent"};
    case Binary::kEcho:
      return {"target-services/echo", "echo", "service echo"};
    case Binary::kOracle:
      return {"target-services/oracle", "oracle", "service oracle"};
    case Binary::kApi:
      return {"target-services/api", "api", "service api"};
    case Binary::kEchoDom:
      return {"target-services/echo_dom", "echo-dom", "service echo-dom"};
    case Binary::kItems:
      return {"target-services/items", "items", "service items"};
    case Binary::kUsers:
      return {"target-services/users", "users", "service users"};
  }
  return {};
}

bool IsExecutableFile(const std::string& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

absl::StatusOr<std::string> OwnExecutable() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) {
    return absl::InternalError(absl::StrCat("cannot read /proc/self/exe: ", error.message()));
  }
  return path.string();
}

std::optional<Binary> ServiceBinary(std::string_view name) {
  for (const Binary binary : {Binary::kEcho, Binary::kOracle, Binary::kApi, Binary::kEchoDom,
                              Binary::kItems, Binary::kUsers}) {
    if (name == NameOf(binary).name) return binary;
  }
  return std::nullopt;
}

std::vector<std::string> PlacesOf(Binary binary, const std::string& controller_path) {
  const fs::path controller(controller_path);
  const fs::path beside = controller.parent_path();
  const Name name = NameOf(binary);
  std::vector<std::string> places = {
      (beside.parent_path() / name.room / name.name).string(),
      (beside / absl::StrCat("drumline-", name.name)).string(),
  };
  if (controller.filename() == "controller") places.push_back((beside / name.name).string());
  return places;
}

absl::StatusOr<std::string> FindBinary(Binary binary, const std::string& controller_path) {
  const std::vector<std::string> places = PlacesOf(binary, controller_path);
  for (const std::string& place : places) {
    if (IsExecutableFile(place)) return place;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the ", NameOf(binary).words, " cannot be started: there is no executable at ",
                   absl::StrJoin(places, ", nor at "),
                   "; build it with `bazel build //...`, or install it beside the controller"));
}

}  // namespace drumline
