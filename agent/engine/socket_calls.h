// The system calls on a TCP socket that both engines make in the same way.
#ifndef AGENT_ENGINE_SOCKET_CALLS_H_
#define AGENT_ENGINE_SOCKET_CALLS_H_

#include <boost/asio/ip/tcp.hpp>
#include <string_view>

namespace drumline {

// A descriptor, or −1 and an errno.
struct OpenedSocket {
  int fd = -1;
  int error = 0;
  // The kernel gives receive timestamps.
  bool stamps_receipt = false;
};

// A non-blocking socket, without Nagle's delay and with receive timestamps.
OpenedSocket OpenSocket(const boost::asio::ip::tcp::endpoint& target);

// Sends what the kernel takes at once and removes it from [*bytes]. Returns an errno; 0 also if the
// buffer is full.
int SendSome(int fd, std::string_view* bytes);

}  // namespace drumline

#endif  // AGENT_ENGINE_SOCKET_CALLS_H_
