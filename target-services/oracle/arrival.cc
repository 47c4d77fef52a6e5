#include "target-services/oracle/arrival.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

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

// What the monotonic clock showed when the wall clock showed `wall_ns`. The two are read one after
// the other, the monotonic one last: what passes between makes the result later, never earlier. A
// reading that was interrupted in between is taken again.
int64_t MonotonicFromWall(int64_t wall_ns) {
  constexpr int64_t kLongestNs = 1'000;
  constexpr int kMostReadings = 8;
  int64_t result = INT64_MAX;
  for (int i = 0; i < kMostReadings; ++i) {
    const int64_t before_ns = MonotonicNs();
    const int64_t age_ns = std::max<int64_t>(0, WallNs() - wall_ns);
    const int64_t after_ns = MonotonicNs();
    result = std::min(result, after_ns - age_ns);
    if (after_ns - before_ns <= kLongestNs) break;
  }
  return result;
}

}  // namespace

bool AskForArrivals(int socket) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) == 0;
}

bool AwaitArrivals(int64_t patience_ns) {
  constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 200'000};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* place = reinterpret_cast<sockaddr*>(&address);
  const int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool stamped = false;
  // A datagram to oneself is there when it has been sent.
  if (AskForArrivals(probe) && bind(probe, place, length) == 0 &&
      getsockname(probe, place, &length) == 0 && connect(probe, place, length) == 0) {
    const int64_t until_ns = MonotonicNs() + patience_ns;
    char byte = 0;
    while (!stamped && MonotonicNs() < until_ns && send(probe, &byte, 1, 0) == 1) {
      stamped = ReadWithArrival(probe, &byte, 1).stamped;
      if (!stamped) nanosleep(&kPause, nullptr);
    }
  }
  if (probe >= 0) close(probe);
  return stamped;
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
  arrival.stamped = stamp_ns != 0;
  if (!arrival.stamped) {
    arrival.at_ns = MonotonicNs();
    return arrival;
  }
  arrival.at_ns = MonotonicFromWall(stamp_ns);
  return arrival;
}

}  // namespace drumline::target
