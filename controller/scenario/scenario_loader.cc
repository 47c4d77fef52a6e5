#include "controller/scenario/scenario_loader.h"

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"
#include "controller/scenario/environment_loader.h"
#include "controller/scenario/scenario_reader.h"
#include "controller/scenario/scenario_rules.h"
#include "controller/scenario/sha256.h"
#include "controller/scenario/source_file.h"
#include "controller/scenario/yaml_source.h"

namespace drumline {
namespace {

// The environment that the scenario names, where that is more than a label. Faults of its file are
// added to *faults.
std::optional<proto::EnvironmentFile> LoadNamedEnvironment(const LoadedScenario& loaded,
                                                           const std::string& directory,
                                                           std::vector<Fault>* faults) {
  if (!loaded.given.Has("environment") || !loaded.given.IsSound("environment")) return std::nullopt;
  const std::optional<std::string> path = FindEnvironment(directory, loaded.scenario.environment());
  if (!path.has_value()) return std::nullopt;
  EnvironmentResult result = LoadEnvironment(*path);
  if (auto* wrong = std::get_if<std::vector<Fault>>(&result)) {
    *faults = std::move(*wrong);
    return std::nullopt;
  }
  return std::get<proto::EnvironmentFile>(std::move(result));
}

}  // namespace

LoadResult LoadScenario(const std::string& path) {
  FaultList faults(path);
  const std::optional<std::string> text = ReadSourceFile(path, &faults);
  if (!text.has_value()) return std::move(faults).Sorted();
  return LoadScenarioText(*text, path, DirectoryOf(path));
}

LoadResult LoadScenarioText(absl::string_view text, const std::string& name,
                            const std::string& directory) {
  FaultList faults(name);
  const std::optional<YamlDocument> document = ParseYaml(text, &faults);
  if (!document.has_value()) return std::move(faults).Sorted();
  LoadedScenario loaded;
  ReadDocument(document->root(), "a scenario", &loaded.scenario, &loaded.given, &faults);
  std::vector<Fault> environment_faults;
  loaded.environment = LoadNamedEnvironment(loaded, directory, &environment_faults);
  // The label in the report, also where the scenario names a file.
  if (loaded.environment) loaded.scenario.set_environment(loaded.environment->name());
  // What hangs on an environment that is faulty itself is not judged.
  if (!environment_faults.empty()) loaded.given.MarkFaulty("environment");
  if (document->root().kind == YamlKind::kMap) {
    ApplyScenarioRules({directory, &loaded.scenario, &loaded.given, &faults,
                        loaded.environment.has_value() ? &*loaded.environment : nullptr});
  }
  if (!faults.empty() || !environment_faults.empty()) {
    std::vector<Fault> all = std::move(faults).Sorted();
    all.insert(all.end(), environment_faults.begin(), environment_faults.end());
    return all;
  }
  loaded.source_text = std::string(text);
  loaded.sha256 = Sha256Hex(text);
  loaded.directory = directory;
  return loaded;
}

}  // namespace drumline
