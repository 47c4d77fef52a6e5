// FileDescriptor: owns one descriptor and closes it.
#ifndef CONTROLLER_FLEET_FILE_DESCRIPTOR_H_
#define CONTROLLER_FLEET_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace drumline {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() { Close(); }

  bool valid() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }
  void Close() {
    if (valid()) close(Release());
  }

 private:
  int fd_ = -1;
};

}  // namespace drumline

#endif  // CONTROLLER_FLEET_FILE_DESCRIPTOR_H_
