// Waits for sockets, for a signal to end, and for an instant.
//
//   Poller poller;
//   absl::Status status = poller.Open();           // SIGTERM and SIGINT are taken from now on
//   poller.Watch(socket, name);
//   for (const epoll_event& event : poller.Wait(until_ns)) …       // event.data.u64 is the name
//   bool asked_to_end = poller.SleepUntil(end_ns);
//
// Waits end at their instant to some microseconds: the kernel's timer is asked to be exact, and the
// last kLeadNs are spent asking the clock. Ownership: owns its descriptors. Threads: one; the
// signals are blocked in the thread that calls Open, so open before there are others. Errors:
// kUnavailable.
#ifndef TARGET_SERVICES_ORACLE_POLLER_H_
#define TARGET_SERVICES_ORACLE_POLLER_H_

#include <sys/epoll.h>

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace drumline::target {

class Poller {
 public:
  // The name of the signal's event.
  static constexpr uint64_t kSignal = ~uint64_t{1};
  // What a sleep may be late by is waited awake.
  static constexpr int64_t kLeadNs = 30'000;

  Poller() = default;
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  absl::Status Open();
  // Tells once whenever something becomes readable or writable (edge-triggered). False, with errno
  // set, if the kernel refuses.
  bool Watch(int socket, uint64_t name);
  // Tells as long as a client waits to be accepted.
  bool WatchListener(int socket, uint64_t name);
  // Tells again what there is.
  void Rearm(int socket, uint64_t name);
  void Forget(int socket);

  // Returns what there is, at the latest kLeadNs before `until_ns`: at once if that is past. The
  // events are valid until the next Wait.
  absl::Span<const epoll_event> Wait(int64_t until_ns);
  // True, at once, if a signal came.
  bool SleepUntil(int64_t until_ns) const;
  // The next signal has its default effect.
  void LetSignalsThrough();

 private:
  static constexpr size_t kMostEvents = 64;

  int epoll_ = -1;
  int signals_ = -1;
  std::array<epoll_event, kMostEvents> events_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_POLLER_H_
