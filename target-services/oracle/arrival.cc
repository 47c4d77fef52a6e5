#include "target-services/oracle/arrival.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "target-services/oracle/monotonic_clock.h"

namespace drumline::target {
namespace {

int64_t WallNs() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// The wall-clock instant of the stamp; 0 if there is none.
int64_t StampOf(const msghdr& message) {
  for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(header))) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_TIMESTAMPING) continue;
    scm_timestamping stamps{};
    std::memcpy(&stamps, CMSG_DATA(header), sizeof(stamps));
    return static_cast<int64_t>(stamps.ts[0].tv_sec) * 1'000'000'000 + stamps.ts[0].tv_nsec;
  }
  return 0;
}

}  // namespace

bool AskForArrivals(int socket) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) == 0;
}

Arrival ReadWithArrival(int socket, char* space, size_t room) {
  iovec bytes{space, room};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(scm_timestamping)) + 64];
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  Arrival arrival;
  arrival.count = recvmsg(socket, &message, 0);
  if (arrival.count <= 0) return arrival;
  const int64_t stamp_ns = StampOf(message);
  arrival.at_ns = MonotonicNs();
  if (stamp_ns == 0) return arrival;
  arrival.stamped = true;
  // The wall clock is read second: a request seems rather older by some ns than younger.
  arrival.at_ns -= std::max<int64_t>(0, WallNs() - stamp_ns);
  return arrival;
}

}  // namespace drumline::target
