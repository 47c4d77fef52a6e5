#include "controller/scenario/payload_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace drumline {

bool NamesPayload(absl::string_view file) { return absl::StrContains(file, kPayloadPlaceholder); }

std::string SubstitutePayload(absl::string_view file, absl::string_view size) {
  return absl::StrReplaceAll(file, {{kPayloadPlaceholder, size}});
}

std::string ResolvePayloadPath(absl::string_view directory, absl::string_view file) {
  if (directory.empty() || absl::StartsWith(file, "/")) return std::string(file);
  return absl::StrCat(directory, "/", file);
}

absl::StatusOr<int64_t> PayloadFileBytes(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0 || access(path.c_str(), R_OK) != 0) {
    return absl::InvalidArgumentError(absl::StrCat("cannot be read: ", std::strerror(errno)));
  }
  // A pipe or a device could keep the controller waiting for ever.
  if (!S_ISREG(status.st_mode)) return absl::InvalidArgumentError("is not a regular file");
  if (status.st_size > kMaxPayloadBytes) {
    return absl::InvalidArgumentError("is larger than 16 MiB, the most that a body may have");
  }
  return static_cast<int64_t>(status.st_size);
}

absl::StatusOr<std::string> ReadPayload(const std::string& path) {
  const absl::StatusOr<int64_t> bytes = PayloadFileBytes(path);
  if (!bytes.ok()) return bytes.status();
  std::string text(static_cast<size_t>(*bytes), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (static_cast<size_t>(file.gcount()) != text.size()) {
    return absl::InvalidArgumentError("cannot be read to its end");
  }
  return text;
}

}  // namespace drumline
