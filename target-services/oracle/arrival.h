// Reads from a socket and tells when what was read had arrived, on the monotonic clock.
//
//   AskForArrivals(listening_socket);              // accepted sockets inherit it
//   AwaitArrivals(patience_ns);
//   Arrival arrival = ReadWithArrival(socket, space, room);
//
// The kernel notes the arrival of each packet (SO_TIMESTAMPING, software receive stamps), so that a
// reader that comes late, after a stop or while it was busy, still knows when its request came. Of
// several packets read at once it tells the last one's, which is the one that completes a request.
// The stamps are of the wall clock; their age is taken at the read and subtracted from the
// monotonic time, so a step of the wall clock falsifies what arrived before it and is read after
// it, and nothing else.
//
// Threads: any.
#ifndef TARGET_SERVICES_ORACLE_ARRIVAL_H_
#define TARGET_SERVICES_ORACLE_ARRIVAL_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace drumline::target {

struct Arrival {
  // As read(2) has it; errno says why it is negative.
  ssize_t count = 0;
  // When the last of the bytes arrived, or, where not stamped, when it was read.
  int64_t at_ns = 0;
  bool stamped = false;
};

// False, with errno set, if the kernel has no stamps.
bool AskForArrivals(int socket);
// The kernel begins with its stamps some moments after the first socket has asked for them. Returns
// when it has; false if it has not within the time.
bool AwaitArrivals(int64_t patience_ns);
Arrival ReadWithArrival(int socket, char* space, size_t room);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_ARRIVAL_H_
