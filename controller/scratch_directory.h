// ScratchDirectory: a directory of its own for what is of no use when a command is over, such as
// the logs of a local fleet. It goes with the object.
#ifndef CONTROLLER_SCRATCH_DIRECTORY_H_
#define CONTROLLER_SCRATCH_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace drumline {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::error_code error;
    path_ = std::filesystem::temp_directory_path(error).string() + "/drumline-XXXXXX";
    made_ = mkdtemp(path_.data()) != nullptr;
  }
  ~ScratchDirectory() {
    std::error_code error;
    if (made_) std::filesystem::remove_all(path_, error);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_SCRATCH_DIRECTORY_H_
