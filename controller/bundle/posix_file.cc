#include "controller/bundle/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

absl::string_view AdviceFor(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space, or choose another directory with --results";
    case EFBIG:
      return "; raise the limit on file sizes (ulimit -f)";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; choose a directory that you may write to with --results";
    case EMFILE:
    case ENFILE:
      return "; raise the limit on open files (ulimit -n)";
    default:
      return "";
  }
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::Status FileError(absl::string_view verb, absl::string_view path, int error_number) {
  const absl::StatusCode code = error_number == EFBIG ? absl::StatusCode::kResourceExhausted
                                                      : absl::ErrnoToStatusCode(error_number);
  return absl::Status(code, absl::StrCat("cannot ", verb, " ", path, ": ",
                                         std::strerror(error_number), AdviceFor(error_number)));
}

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, 0644);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return FileError((flags & O_CREAT) != 0 ? "create" : "open", path, errno);
  return FileDescriptor(fd);
}

absl::Status WriteAll(const FileDescriptor& file, absl::string_view path, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status SyncFile(const FileDescriptor& file, absl::string_view path) {
  if (fsync(file.get()) != 0) return FileError("write to disk", path, errno);
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  absl::StatusOr<FileDescriptor> directory = OpenFile(path, O_RDONLY | O_DIRECTORY);
  if (!directory.ok()) return directory.status();
  return SyncFile(*directory, path);
}

absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes) {
  const std::string temporary = absl::StrCat(path, ".tmp");
  absl::Status status;
  {
    absl::StatusOr<FileDescriptor> file = OpenFile(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return file.status();
    status = WriteAll(*file, temporary, bytes);
    if (status.ok()) status = SyncFile(*file, temporary);
  }
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = FileError("write", path, errno);
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, int64_t limit_bytes) {
  absl::StatusOr<FileDescriptor> file = OpenFile(path, O_RDONLY);
  if (!file.ok()) return file.status();
  std::string text;
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = read(file->get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", path, errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    if (static_cast<int64_t>(text.size()) > limit_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot read ", path, ": it is larger than ", limit_bytes, " bytes"));
    }
  }
}

}  // namespace drumline
