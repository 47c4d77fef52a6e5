#include "controller/write_commands.h"

#include <fcntl.h>

#include <cstdio>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
#include "controller/completion.h"
#include "controller/export/interval_table.h"
#include "controller/refusal.h"
#include "controller/starting_scenario.h"

namespace drumline {
int ExportCommand(const CommandLine& line) {
  if (!line.HasFlag("csv")) return Refuse("export needs --csv", kExitWrongInput);
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(line.subject);
  if (!reader.ok()) return Refuse(reader.status(), kExitWrongInput);
  const auto fleet =
      line.HasFlag("by-agent") ? StretchMerger::Fleet::kByAgent : StretchMerger::Fleet::kMerged;
  const absl::Status status = WriteIntervalTable(*reader, fleet, stdout);
  return status.ok() ? 0 : Refuse(status, kExitUnusable);
}

int InitCommand(const CommandLine& line) {
  const std::string path = line.subject.empty() ? "scenario.yaml" : line.subject;
  const absl::StatusOr<FileDescriptor> file = OpenFile(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.ok()) {
    return absl::IsAlreadyExists(file.status())
               ? Refuse(absl::StrCat(path, " is there already; name another file"), kExitWrongInput)
               : Refuse(file.status(), kExitUnusable);
  }
  const absl::Status status = WriteAll(*file, path, StartingScenario());
  if (!status.ok()) return Refuse(status, kExitUnusable);
  std::printf("%s: a scenario to start from; `controller %s` carries it out\n", path.c_str(),
              path.c_str());
  return 0;
}

int CompletionCommand(const CommandLine& line) {
  const absl::StatusOr<std::string> script = CompletionScript(line.subject);
  if (!script.ok()) return Refuse(script.status(), kExitWrongInput);
  std::fputs(script->c_str(), stdout);
  return 0;
}

}  // namespace drumline
