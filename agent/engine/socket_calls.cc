#include "agent/engine/socket_calls.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "agent/engine/receive_clock.h"

namespace drumline {

OpenedSocket OpenSocket(const boost::asio::ip::tcp::endpoint& target) {
  const int fd = socket(target.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return {.error = errno};
  const int on = 1;
  // It only makes things faster; the kernel knows it everywhere.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return {.fd = fd, .stamps_receipt = ReceiveClock::Enable(fd)};
}

int SendSome(int fd, std::string_view* bytes) {
  while (!bytes->empty()) {
    const ssize_t sent = send(fd, bytes->data(), bytes->size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes->remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EINTR) {
      return errno == EAGAIN ? 0 : errno;
    }
  }
  return 0;
}

}  // namespace drumline
