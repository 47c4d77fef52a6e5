// Loads a scenario: a YAML file in the language of proto/scenario.proto.
//
//   auto loaded = LoadScenario("configs/quickstart.yaml");
//   if (auto* faults = std::get_if<std::vector<Fault>>(&loaded)) {
//     for (const Fault& fault : *faults) std::cerr << FormatFault(fault) << "\n";
//     return kExitBadScenario;
//   }
//   const auto& scenario = std::get<LoadedScenario>(loaded).scenario;
//
// A loaded scenario is complete and free of contradictions: defaults are filled in, `target` is
// folded into `targets`, `measure` is known (but in a closed loop that is bounded by requests),
// each file it names can be read. On failure every fault of the file is reported at once, in the
// order of the file, then those of its environment. Reads the scenario, its environment and the
// sizes of the files that it names; no network, no
// exceptions, no globals: safe from any thread. A file of at most 1 MiB is read (kMaxSourceBytes).
#ifndef CONTROLLER_SCENARIO_SCENARIO_LOADER_H_
#define CONTROLLER_SCENARIO_SCENARIO_LOADER_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/given_fields.h"
#include "proto/environment.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

struct LoadedScenario {
  proto::Scenario scenario;
  // The file as it was read, and its SHA-256 in hexadecimal.
  std::string source_text;
  std::string sha256;
  // Where files named by the scenario are looked for: the scenario's own directory.
  std::string directory;
  // Which fields the file names and where, by path: given.ValueAt("targets.dom.url"). For faults
  // that only show later; `target` is known as `targets.NAME` too.
  GivenFields given;
  // The hosts that the scenario runs on, where its `environment` is more than a label.
  std::optional<proto::EnvironmentFile> environment;
};

using LoadResult = std::variant<LoadedScenario, std::vector<Fault>>;

LoadResult LoadScenario(const std::string& path);

// The same for a text that is no file; `name` stands for the file in faults.
LoadResult LoadScenarioText(absl::string_view text, const std::string& name,
                            const std::string& directory);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SCENARIO_LOADER_H_
