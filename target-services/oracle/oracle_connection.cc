#include "target-services/oracle/oracle_connection.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace drumline::target {

OracleConnection::~OracleConnection() { close(socket_); }

Arrival OracleConnection::Read(bool* full) {
  char* space = input.PrepareSpace();
  const size_t room = input.space();
  const Arrival arrival = ReadWithArrival(socket_, space, room);
  *full = arrival.count == static_cast<ssize_t>(room);
  if (arrival.count > 0) {
    input.Received(static_cast<size_t>(arrival.count));
    arrived_ns = arrival.at_ns;
  }
  return arrival;
}

bool OracleConnection::Discard() {
  constexpr int kMostReads = 16;  // The sweep ends whoever goes on beyond.
  char dropped[4096];
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t count = recv(socket_, dropped, sizeof(dropped), 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
  }
  return true;
}

OracleConnection::Sending OracleConnection::Send(std::string_view head, std::string_view body) {
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                    {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = body.empty() ? 1 : 2;
  ssize_t count = 0;
  do {
    count = sendmsg(socket_, &message, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno != EAGAIN) return Sending::kBroken;
  auto sent = static_cast<size_t>(std::max<ssize_t>(count, 0));
  if (sent == head.size() + body.size()) return Sending::kSent;
  const size_t of_head = std::min(sent, head.size());
  unsent_head_ = head.substr(of_head);
  unsent_body_ = body.substr(sent - of_head);
  return Sending::kBlocked;
}

OracleConnection::Sending OracleConnection::Flush() {
  const std::string head = std::move(unsent_head_);
  const std::string_view body = unsent_body_;
  unsent_head_.clear();
  unsent_body_ = {};
  return Send(head, body);
}

bool OracleConnection::EndSending() { return shutdown(socket_, SHUT_WR) == 0; }

void OracleConnection::ResetWhenClosed() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

}  // namespace drumline::target
