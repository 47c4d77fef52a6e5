// The few file operations that a bundle needs, with errors that say what was attempted, where, and
// what the reader can do about it: "cannot write results/a/plan.json: No space left on device; free
// some space, or choose another directory with --results".
//
//     absl::Status status = WriteFileAtomically("results/a/plan.json", text);
//
// Blocking; no state; any thread.
#ifndef CONTROLLER_BUNDLE_POSIX_FILE_H_
#define CONTROLLER_BUNDLE_POSIX_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drumline {

// Owns an open file and closes it.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The error of a failed call: "cannot `verb` `path`: …", with advice where there is some.
absl::Status FileError(absl::string_view verb, absl::string_view path, int error_number);

// `flags` as for open(2); O_CLOEXEC is added. New files get mode 0644.
absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags);

// All of `bytes`, or an error. `path` is for the message.
absl::Status WriteAll(const FileDescriptor& file, absl::string_view path, absl::string_view bytes);
// Returns when the bytes are on the disk.
absl::Status SyncFile(const FileDescriptor& file, absl::string_view path);
// The same for the names in a directory.
absl::Status SyncDirectory(const std::string& path);

// The file holds either what it held before or all of `bytes`, whatever happens: a temporary file
// beside it is written, synced and renamed, and the directory is synced.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes);

// RESOURCE_EXHAUSTED if the file is larger than `limit_bytes`.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, int64_t limit_bytes);

}  // namespace drumline

#endif  // CONTROLLER_BUNDLE_POSIX_FILE_H_
