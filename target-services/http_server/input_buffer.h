// The bytes a connection has received and not used yet, in one piece.
//
//   InputBuffer input;
//   size_t n = read(socket, input.PrepareSpace(), input.space());
//   input.Received(n);
//   ... use the first k bytes ...
//   input.Drop(k);
//
// Ownership: owns its memory, which is kept between requests; a buffer that grew for a large body
// goes back to its first size once empty. Threads: one.
#ifndef TARGET_SERVICES_HTTP_SERVER_INPUT_BUFFER_H_
#define TARGET_SERVICES_HTTP_SERVER_INPUT_BUFFER_H_

#include <cstddef>
#include <cstring>
#include <memory>

namespace drumline::target {

class InputBuffer {
 public:
  char* bytes() { return bytes_.get(); }
  size_t size() const { return size_; }
  size_t space() const { return capacity_ - size_; }

  // Where the next bytes go; afterwards space() is at least kLeastSpace.
  char* PrepareSpace() {
    if (size_ == 0 && capacity_ > kKeptCapacity) Reallocate(kFirstCapacity);
    if (capacity_ == 0) Reallocate(kFirstCapacity);
    if (space() < kLeastSpace) Reallocate(capacity_ * 2);
    return bytes_.get() + size_;
  }
  void Received(size_t count) { size_ += count; }
  void Drop(size_t count) {
    size_ -= count;
    if (count > 0 && size_ > 0) std::memmove(bytes_.get(), bytes_.get() + count, size_);
  }

 private:
  // A request of one kilobyte fits, with room to spare: a read that leaves room tells the event
  // loop that the socket is empty, and saves it a second, vain read.
  static constexpr size_t kFirstCapacity = 4 * 1024;
  static constexpr size_t kLeastSpace = 2 * 1024;
  static constexpr size_t kKeptCapacity = 64 * 1024;

  void Reallocate(size_t capacity) {
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t size_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_INPUT_BUFFER_H_
