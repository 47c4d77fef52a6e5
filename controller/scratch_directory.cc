#include "controller/scratch_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drumline {

absl::StatusOr<ScratchDirectory> ScratchDirectory::Create() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("no directory for temporary files (TMPDIR): ", error.message()));
  }
  std::string path = (parent / "drumline-XXXXXX").string();
  if (mkdtemp(path.data()) != nullptr) return ScratchDirectory(std::move(path));
  return absl::UnavailableError(absl::StrCat("no temporary directory can be made in ",
                                             parent.string(), ": ", std::strerror(errno)));
}

ScratchDirectory::~ScratchDirectory() {
  if (path_.empty()) return;
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace drumline
