// ReceiveClock: turns the kernel's receive timestamps, which are wall-clock time, into instants of
// CLOCK_MONOTONIC.
//
//     clock.Look();                                            // once a turn, before deliveries
//     const int64_t received_ns = clock.ReceivedAt(message);   // after recvmsg
//
// The two clocks are read together at every Look, so that neither a drift nor a step of the wall
// clock matters unless it falls between the receipt and the look. A stamp that lies further than
// kFarthestNs from the look is not believed; whoever knows better bounds (an answer comes after its
// request, and before now) holds the instant to them.
//
// A stamp is made when the packet enters the host's network stack, before any thread is woken
// (Documentation/networking/timestamping.rst in the Linux kernel, section 1.3, RX_SOFTWARE). Of
// several packets read at once it is the last one's.
//
// Used by one thread.
#ifndef AGENT_ENGINE_RECEIVE_CLOCK_H_
#define AGENT_ENGINE_RECEIVE_CLOCK_H_

#include <sys/socket.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

namespace drumline {

class ReceiveClock {
 public:
  // A loop that has not looked for longer is broken, or the wall clock was set.
  static constexpr int64_t kFarthestNs = 1'000'000'000;
  // Room for the control message that carries the stamp.
  static constexpr size_t kControlBytes = CMSG_SPACE(sizeof(timespec));

  // Asks for the stamps of a socket. Returns whether the kernel gives them.
  static bool Enable(int fd);

  // The stamp that a control message carries; null if it is none, or null itself.
  static const timespec* StampIn(const cmsghdr* control);

  void Look();

  // When the bytes of [message] were received; now, if it has no stamp or one that cannot be.
  int64_t ReceivedAt(const msghdr& message) { return FromStamp(StampIn(CMSG_FIRSTHDR(&message))); }
  // The same of a stamp; null stands for none.
  int64_t FromStamp(const timespec* wall);

  // The newest bytes had a stamp; true before any came. The kernel begins to stamp some
  // milliseconds after the first socket of the machine has asked for it, and may stop again with
  // the last.
  bool stamped() const { return stamped_; }

 private:
  // Between two readings that belong together. If they are further apart, the thread was
  // interrupted between them.
  static constexpr int64_t kLongestReadingNs = 5'000;

  int64_t looked_ns_ = 0;
  int64_t wall_minus_monotonic_ns_ = 0;
  bool stamped_ = true;
};

}  // namespace drumline

#endif  // AGENT_ENGINE_RECEIVE_CLOCK_H_
