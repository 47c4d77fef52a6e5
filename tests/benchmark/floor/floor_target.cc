// The cheapest HTTP/1.1 target: one thread, edge-triggered epoll, a fixed response to any request.
// It prints `listening on 127.0.0.1:PORT` and runs until it is killed.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "agent/null_service/request_framing.h"
#include "tests/benchmark/floor/command_line.h"
#include "tests/benchmark/floor/sockets.h"

namespace drumline::floor {
namespace {

constexpr size_t kReadBytes = size_t{64} * 1024;
constexpr int kMaxEvents = 512;
constexpr int64_t kMaxResponseBytes = 1'000'000;

struct Connection {
  RequestFraming framing;
  size_t bytes_owed = 0;  // Of responses, not yet taken by the kernel.
};

// A response of [bytes] in all, or of the smallest size that has room for its head.
std::string Response(size_t bytes) {
  std::string head;
  // The length's own digits belong to the size: the first guess that fits is taken.
  for (size_t body = bytes;; --body) {
    head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: "
        "keep-alive\r\nContent-Length: " +
        std::to_string(body) + "\r\n\r\n";
    if (head.size() + body <= bytes || body == 0) return head + std::string(body, 'x');
  }
}

class Target {
 public:
  Target(int listener, std::string response)
      : listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)), response_(std::move(response)) {
    Watch(listener_, EPOLLIN);
  }

  [[noreturn]] void Run() {
    std::array<epoll_event, kMaxEvents> events;
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), kMaxEvents, -1);
      if (count < 0 && errno != EINTR) DieOfErrno("epoll_wait");
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == listener_) {
          Accept();
        } else if (!Serve(fd, *connections_[fd])) {
          close(fd);
        }
      }
    }
  }

 private:
  void Watch(int fd, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) DieOfErrno("epoll_ctl");
  }

  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EAGAIN) return;
        if (errno == ECONNABORTED || errno == EINTR) continue;
        DieOfErrno("accept");
      }
      if (connections_.size() <= static_cast<size_t>(fd)) connections_.resize(fd + 1);
      connections_[fd] = std::make_unique<Connection>();
      // Edge-triggered for both: no epoll_ctl is ever needed again.
      Watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
    }
  }

  // False if the connection is over.
  bool Serve(int fd, Connection& connection) {
    for (;;) {
      if (!Pay(fd, connection)) return false;
      const ssize_t count = recv(fd, buffer_.data(), buffer_.size(), 0);
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      if (count == 0) return false;
      const std::optional<int> complete =
          connection.framing.Take({buffer_.data(), static_cast<size_t>(count)});
      if (!complete) return false;
      connection.bytes_owed += *complete * response_.size();
      if (!Pay(fd, connection)) return false;
      // A read that did not fill the buffer emptied the socket: another event tells of more.
      if (static_cast<size_t>(count) < buffer_.size()) return true;
    }
  }

  // Sends what is owed, as far as the kernel takes it.
  bool Pay(int fd, Connection& connection) {
    while (connection.bytes_owed > 0) {
      const size_t left = (connection.bytes_owed - 1) % response_.size() + 1;
      const ssize_t count =
          send(fd, response_.data() + response_.size() - left, left, MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN;
      connection.bytes_owed -= count;
    }
    return true;
  }

  int listener_;
  int epoll_;
  std::string response_;
  std::vector<std::unique_ptr<Connection>> connections_;  // By descriptor.
  std::array<char, kReadBytes> buffer_{};
};

int Main(int argc, char** argv) {
  int64_t port = 0;
  int64_t response_bytes = 2048;
  CommandLine line("floor_target",
                   "The cheapest HTTP/1.1 keep-alive target: one thread, epoll, the same response "
                   "to any request\nwith a Content-Length or without a body. Listens on 127.0.0.1 "
                   "and prints where.");
  line.AddNumber("port", "where to listen; 0 takes a free one", 0, 65535, port);
  line.AddNumber("response-bytes", "size of a response, head and body", 128, kMaxResponseBytes,
                 response_bytes);
  if (const std::optional<int> exit_code = line.Parse(argc, argv)) return *exit_code;
  RaiseOpenFilesLimit();
  const int listener = Listen(port);
  printf("listening on 127.0.0.1:%d\n", PortOf(listener));
  fflush(stdout);
  std::make_unique<Target>(listener, Response(response_bytes))->Run();
}

}  // namespace
}  // namespace drumline::floor

int main(int argc, char** argv) { return drumline::floor::Main(argc, argv); }
