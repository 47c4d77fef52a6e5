// WakeEvent: what one thread rings to end another's wait: an eventfd that an engine waits for
// beside its sockets.
//
//     WakeEvent wake;
//     if (!wake.valid()) …            // errno says why
//     wake.Ring();                    // any thread, any number of times
//     wake.Hush();                    // the waiting thread, when fd() is readable
#ifndef AGENT_ENGINE_WAKE_EVENT_H_
#define AGENT_ENGINE_WAKE_EVENT_H_

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace drumline {

class WakeEvent {
 public:
  WakeEvent() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~WakeEvent() {
    if (valid()) close(fd_);
  }
  WakeEvent(const WakeEvent&) = delete;
  WakeEvent& operator=(const WakeEvent&) = delete;

  bool valid() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  void Ring() {
    const uint64_t one = 1;
    // It fails only if it has been rung more often than anybody can count.
    [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof(one));
  }
  void Hush() {
    uint64_t times;
    [[maybe_unused]] const ssize_t got = read(fd_, &times, sizeof(times));
  }

 private:
  const int fd_;
};

}  // namespace drumline

#endif  // AGENT_ENGINE_WAKE_EVENT_H_
