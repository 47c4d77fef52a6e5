// ScratchDirectory: a directory of its own for what is of no use when a command is over, such as
// the logs of a local fleet. It goes with the object.
//
//     absl::StatusOr<ScratchDirectory> scratch = ScratchDirectory::Create();
//     if (scratch.ok()) Use(scratch->path());
#ifndef CONTROLLER_SCRATCH_DIRECTORY_H_
#define CONTROLLER_SCRATCH_DIRECTORY_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace drumline {

class ScratchDirectory {
 public:
  // In $TMPDIR, or /tmp. Unavailable, naming the directory, if none can be made there.
  static absl::StatusOr<ScratchDirectory> Create();

  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}

  // Empty once it was moved from.
  std::string path_;
};

}  // namespace drumline

#endif  // CONTROLLER_SCRATCH_DIRECTORY_H_
