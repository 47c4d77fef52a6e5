#include "agent/null_service/null_service.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

constexpr int kBacklog = 4096;
constexpr int kMaxEvents = 256;

}  // namespace

absl::StatusOr<std::unique_ptr<NullService>> NullService::Start(std::string answer) {
  if (answer.empty() || answer.size() > kMaxAnswerBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a null service that answers ", answer.size(),
                                                   " bytes; 1 to ", kMaxAnswerBytes));
  }
  std::unique_ptr<NullService> service(new NullService(std::move(answer)));
  if (absl::Status status = service->Listen(); !status.ok()) return status;
  service->thread_ = std::thread([raw = service.get()] { raw->Respond(); });
  return service;
}

NullService::NullService(std::string answer) : answer_(std::move(answer)) {}

NullService::~NullService() {
  ending_ = true;
  wake_.Ring();
  if (thread_.joinable()) thread_.join();
  for (const auto& [fd, connection] : connections_) close(fd);
  if (listener_ >= 0) close(listener_);
  if (epoll_ >= 0) close(epoll_);
}

absl::Status NullService::Listen() {
  if (!wake_.valid()) return absl::ErrnoToStatus(errno, "eventfd");
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (epoll_ < 0 || listener_ < 0 || bind(listener_, any, size) != 0 ||
      listen(listener_, kBacklog) != 0 || getsockname(listener_, any, &size) != 0) {
    return absl::ErrnoToStatus(errno, "the null service's socket");
  }
  endpoint_ = {boost::asio::ip::address_v4::loopback(), ntohs(address.sin_port)};
  absl::Status status = Watch(wake_.fd(), EPOLLIN);
  status.Update(Watch(listener_, EPOLLIN));
  return status;
}

absl::Status NullService::Watch(int fd, uint32_t events) const {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "the null service's epoll_ctl");
}

void NullService::Respond() {
  std::array<epoll_event, kMaxEvents> events;
  while (!ending_) {
    const int timeout_ms = rests_until_ ? static_cast<int>(kRest.count()) : -1;
    const int count = epoll_wait(epoll_, events.data(), kMaxEvents, timeout_ms);
    EndRestInTime();
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == listener_) {
        Accept();
        continue;
      }
      const auto found = connections_.find(fd);
      const bool ending = (events[static_cast<size_t>(i)].events & EPOLLRDHUP) != 0;
      if (found == connections_.end() || Serve(fd, ending, &found->second)) continue;
      connections_.erase(found);
      close(fd);
    }
  }
}

// What cannot be accepted waits in the kernel; the agent says that it got no answer.
void NullService::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        RestFromAccepting();
      }
      return;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    // Edge-triggered for both: no epoll_ctl is ever needed again.
    if (!Watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET).ok()) {
      close(fd);
      continue;
    }
    connections_[fd] = Connection();
  }
}

void NullService::RestFromAccepting() {
  if (epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_, nullptr) != 0) return;
  rests_until_ = std::chrono::steady_clock::now() + kRest;
}

void NullService::EndRestInTime() {
  if (!rests_until_ || std::chrono::steady_clock::now() < *rests_until_) return;
  if (Watch(listener_, EPOLLIN).ok()) rests_until_.reset();
}

bool NullService::Serve(int fd, bool ending, Connection* connection) {
  for (;;) {
    if (!Pay(fd, connection)) return false;
    // Answers that are not taken hold further requests back.
    if (connection->bytes_owed > 0) return true;
    const ssize_t count = recv(fd, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    const auto bytes = static_cast<size_t>(count);
    const std::optional<int> complete = connection->framing.Take({buffer_.data(), bytes});
    if (!complete) return false;
    connection->bytes_owed += static_cast<size_t>(*complete) * answer_.size();
    if (!Pay(fd, connection)) return false;
    // A read that did not fill the buffer emptied the socket: another event tells of more, but not
    // of an end that was told already.
    if (bytes < buffer_.size() && connection->bytes_owed == 0 && !ending) return true;
  }
}

// Sends what is owed, as far as the kernel takes it.
bool NullService::Pay(int fd, Connection* connection) const {
  while (connection->bytes_owed > 0) {
    const size_t left = (connection->bytes_owed - 1) % answer_.size() + 1;
    const ssize_t count = send(fd, answer_.data() + (answer_.size() - left), left, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    connection->bytes_owed -= static_cast<size_t>(count);
  }
  return true;
}

}  // namespace drumline
