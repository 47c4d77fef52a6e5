#include "target-services/oracle/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "target-services/oracle/arrival.h"

namespace drumline::target {
namespace {

// For the kernel's first stamp; it takes some milliseconds.
constexpr int64_t kPatienceNs = 1'000'000'000;

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::Status Failed(const std::string& place, const char* step) {
  const std::string text = absl::StrCat(place, ": ", step, ": ", std::strerror(errno));
  return errno == EACCES ? absl::PermissionDeniedError(text) : absl::UnavailableError(text);
}

bool SetOption(int socket, int level, int option) {
  const int on = 1;
  return setsockopt(socket, level, option, &on, sizeof(on)) == 0;
}

// HOST:PORT of the socket, as it came to be.
std::string AddressOf(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0 ||
      getnameinfo(reinterpret_cast<sockaddr*>(&address), length, host, sizeof(host), port,
                  sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  return address.ss_family == AF_INET6 ? absl::StrCat("[", host, "]:", port)
                                       : absl::StrCat(host, ":", port);
}

}  // namespace

absl::StatusOr<Listener> Listener::Open(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return absl::InvalidArgumentError("--host " + host + ": expected an address or a known name");
  }
  const Addresses addresses(found, &freeaddrinfo);
  const std::string place = absl::StrCat(host, " port ", port);
  Listener listener(::socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (listener.socket_ < 0) return Failed(place, "open");
  const absl::Status status = listener.Prepare(addresses->ai_addr, addresses->ai_addrlen, place);
  if (!status.ok()) return status;
  return listener;
}

absl::Status Listener::Prepare(const void* address, uint32_t length, const std::string& place) {
  if (!SetOption(socket_, SOL_SOCKET, SO_REUSEADDR)) return Failed(place, "set SO_REUSEADDR");
  // Linux hands both of these down to accepted sockets.
  if (!SetOption(socket_, IPPROTO_TCP, TCP_NODELAY)) return Failed(place, "set TCP_NODELAY");
  if (!AskForArrivals(socket_)) return Failed(place, "set SO_TIMESTAMPING");
  if (bind(socket_, static_cast<const sockaddr*>(address), length) != 0) {
    return Failed(place, "bind");
  }
  // Without stamps the time of the read is taken, and said so in the books.
  AwaitArrivals(kPatienceNs);
  if (listen(socket_, kBacklog) != 0) return Failed(place, "listen");
  address_ = AddressOf(socket_);
  return absl::OkStatus();
}

int Listener::Accept() const {
  return accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void Listener::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

}  // namespace drumline::target
