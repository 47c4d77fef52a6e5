// NullService: a target that costs as little as one can: a thread of its own, a listening socket of
// its own on 127.0.0.1, and the same bytes in answer to each request.
//
//     auto null_service = NullService::Start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
//     worker_terms.target = (*null_service)->endpoint();
//
// Calibration asks it instead of a target, so that what is measured is the agent. It is not free:
// it stands on the agent's host and wants a core for each worker's; where there are too few, both
// share them and the agent seems slower than it is, never faster. The bytes take the kernel's whole
// way through loopback, which is what a request costs most for; a network card's interrupts are not
// in it. A request's answer waits until the thread wakes up, which is in the floor.
//
// It answers requests without a body or with a Content-Length, pipelined ones too, and ends a
// connection on which it is sent anything else.
//
// Start, endpoint and the destructor belong to one thread, the owner's.
#ifndef AGENT_NULL_SERVICE_NULL_SERVICE_H_
#define AGENT_NULL_SERVICE_NULL_SERVICE_H_

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/engine/wake_event.h"
#include "agent/null_service/request_framing.h"

namespace drumline {

class NullService {
 public:
  // Longer answers are refused.
  static constexpr size_t kMaxAnswerBytes = size_t{16} * 1024 * 1024;
  // What one needs of the program's open files beside its connections: the socket that listens, and
  // what its thread waits on and is woken by.
  static constexpr uint64_t kDescriptors = 3;

  // InvalidArgument for an answer that is empty or too long; otherwise the kernel's reason.
  static absl::StatusOr<std::unique_ptr<NullService>> Start(std::string answer);
  // Ends all connections.
  ~NullService();
  NullService(const NullService&) = delete;
  NullService& operator=(const NullService&) = delete;

  const boost::asio::ip::tcp::endpoint& endpoint() const { return endpoint_; }

 private:
  static constexpr size_t kReadBytes = size_t{64} * 1024;
  // After the kernel had no descriptor for a connection.
  static constexpr std::chrono::milliseconds kRest{100};

  struct Connection {
    RequestFraming framing;
    // Of answers, not yet taken by the kernel.
    size_t bytes_owed = 0;
  };

  explicit NullService(std::string answer);

  absl::Status Listen();
  absl::Status Watch(int fd, uint32_t events) const;
  void Respond();
  void Accept();
  // A listening socket that nothing can be accepted from would wake the thread again and again.
  void RestFromAccepting();
  void EndRestInTime();
  // [ending]: the other side has said that it sends no more. False if the connection is over.
  bool Serve(int fd, bool ending, Connection* connection);
  bool Pay(int fd, Connection* connection) const;

  const std::string answer_;
  WakeEvent wake_;
  std::atomic<bool> ending_ = false;
  int epoll_ = -1;
  int listener_ = -1;
  // The thread's own: the listening socket is not watched until then.
  std::optional<std::chrono::steady_clock::time_point> rests_until_;
  boost::asio::ip::tcp::endpoint endpoint_;
  // By descriptor; the thread's own, as is the buffer.
  std::unordered_map<int, Connection> connections_;
  std::array<char, kReadBytes> buffer_{};
  std::thread thread_;
};

}  // namespace drumline

#endif  // AGENT_NULL_SERVICE_NULL_SERVICE_H_
