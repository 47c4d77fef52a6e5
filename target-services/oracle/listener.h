// The socket on which the oracle listens.
//
//   absl::StatusOr<Listener> listener = Listener::Open("127.0.0.1", 0);
//   listener->address();                          // "127.0.0.1:41203"
//   int client = listener->Accept();
//
// Accepted sockets do not block, send without delay (TCP_NODELAY) and note arrivals (arrival.h).
//
// Ownership: owns the descriptor. Threads: one. Errors: kInvalidArgument for a host that is no
// address of anything, kPermissionDenied, kUnavailable for a port in use.
#ifndef TARGET_SERVICES_ORACLE_LISTENER_H_
#define TARGET_SERVICES_ORACLE_LISTENER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace drumline::target {

class Listener {
 public:
  // Connections that the kernel holds until they are accepted (it caps this at net.core.somaxconn).
  static constexpr int kBacklog = 4'096;

  static absl::StatusOr<Listener> Open(const std::string& host, uint16_t port);
  Listener(Listener&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), address_(std::move(other.address_)) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener() { Close(); }

  // The next client's socket, or -1, with errno set.
  int Accept() const;
  void Close();

  int socket() const { return socket_; }
  const std::string& address() const { return address_; }

 private:
  explicit Listener(int socket) : socket_(socket) {}

  absl::Status Prepare(const void* address, uint32_t length, const std::string& place);

  int socket_;
  std::string address_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_LISTENER_H_
