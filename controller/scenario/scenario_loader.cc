#include "controller/scenario/scenario_loader.h"

#include <openssl/sha.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/scenario_reader.h"
#include "controller/scenario/scenario_rules.h"
#include "controller/scenario/yaml_source.h"

namespace drumline {
namespace {

std::string Sha256Hex(absl::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// One byte more than a scenario may have, where the file is larger: the parser says so then.
std::optional<std::string> ReadSource(const std::string& path, FaultList* faults) {
  struct stat status;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    faults->Add({}, "is not a regular file");
    return std::nullopt;
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxSourceBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    faults->Add({}, absl::StrCat("cannot be read: ", std::strerror(errno)));
    return std::nullopt;
  }
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace

LoadResult LoadScenario(const std::string& path) {
  FaultList faults(path);
  const std::optional<std::string> text = ReadSource(path, &faults);
  if (!text.has_value()) return std::move(faults).Sorted();
  return LoadScenarioText(*text, path, DirectoryOf(path));
}

LoadResult LoadScenarioText(absl::string_view text, const std::string& name,
                            const std::string& directory) {
  FaultList faults(name);
  const std::optional<YamlDocument> document = ParseYaml(text, &faults);
  if (!document.has_value()) return std::move(faults).Sorted();
  LoadedScenario loaded;
  ReadScenario(document->root(), &loaded.scenario, &loaded.given, &faults);
  if (document->root().kind == YamlKind::kMap) {
    ApplyScenarioRules(directory, &loaded.scenario, &loaded.given, &faults);
  }
  if (!faults.empty()) return std::move(faults).Sorted();
  loaded.source_text = std::string(text);
  loaded.sha256 = Sha256Hex(text);
  loaded.directory = directory;
  return loaded;
}

}  // namespace drumline
