#include "controller/scenario/environment_loader.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/scenario/environment_rules.h"
#include "controller/scenario/given_fields.h"
#include "controller/scenario/payload_file.h"
#include "controller/scenario/scenario_reader.h"
#include "controller/scenario/source_file.h"
#include "controller/scenario/yaml_source.h"

namespace drumline {
namespace {

bool IsFile(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

}  // namespace

EnvironmentResult LoadEnvironment(const std::string& path) {
  FaultList faults(path);
  const std::optional<std::string> text = ReadSourceFile(path, &faults);
  if (!text.has_value()) return std::move(faults).Sorted();
  return LoadEnvironmentText(*text, path);
}

EnvironmentResult LoadEnvironmentText(absl::string_view text, const std::string& name) {
  FaultList faults(name);
  const std::optional<YamlDocument> document = ParseYaml(text, &faults);
  if (!document.has_value()) return std::move(faults).Sorted();
  proto::EnvironmentFile environment;
  GivenFields given;
  ReadDocument(document->root(), "an environment", &environment, &given, &faults);
  if (document->root().kind == YamlKind::kMap) {
    ApplyEnvironmentRules(given, &environment, &faults);
  }
  if (!faults.empty()) return std::move(faults).Sorted();
  return environment;
}

std::optional<std::string> FindEnvironment(const std::string& directory, const std::string& named) {
  if (absl::StrContains(named, '/') || absl::EndsWith(named, ".yaml")) {
    return ResolvePayloadPath(directory, named);
  }
  const std::string file = absl::StrCat("environments/", named, ".yaml");
  std::string beside = absl::StrCat(directory, "/", file);
  if (IsFile(beside)) return beside;
  std::error_code error;
  std::filesystem::path around = std::filesystem::absolute(directory, error);
  if (error) return std::nullopt;
  around = around.lexically_normal();
  for (int i = 0; i < kMaxEnvironmentAncestors; ++i) {
    std::string path = (around / "configs" / file).string();
    if (IsFile(path)) return path;
    if (around == around.parent_path()) return std::nullopt;
    around = around.parent_path();
  }
  return std::nullopt;
}

}  // namespace drumline
