// UringEngine: an Engine over io_uring. Requests are sent by plain send calls, so that the instant
// of a send is true; responses come through one multishot receive a socket into a ring of buffers
// that is shared by all, without a call each. A turn of the loop is one io_uring_enter at most, and
// none at all while nothing has come.
//
//     absl::StatusOr<std::unique_ptr<UringEngine>> engine = UringEngine::Create();
//
// Needs Linux 6.1 (deferred task work, multishot recvmsg) and a container that allows io_uring:
// otherwise Create fails, with the reason.
#ifndef AGENT_ENGINE_URING_ENGINE_H_
#define AGENT_ENGINE_URING_ENGINE_H_

#include <liburing.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/engine/engine.h"
#include "agent/engine/receive_clock.h"
#include "agent/engine/wake_event.h"

namespace drumline {

class UringEngine final : public Engine {
 public:
  static absl::StatusOr<std::unique_ptr<UringEngine>> Create();
  ~UringEngine() override;
  UringEngine(const UringEngine&) = delete;
  UringEngine& operator=(const UringEngine&) = delete;

  std::string_view name() const override { return "io_uring"; }
  absl::Status AttachToThread() override;
  SocketId Add(Socket* socket) override;
  int Open(SocketId id, const boost::asio::ip::tcp::endpoint& target) override;
  void Send(SocketId id, std::string_view bytes) override;
  size_t Unsent(SocketId id) const override { return slots_[id].unsent.size(); }
  void Close(SocketId id) override;
  bool Poll() override;
  bool Wait(int64_t until_ns) override;
  void Interrupt() override { wake_.Ring(); }
  bool stamps_receipt() const override { return stamps_offered_ && clock_.stamped(); }

 private:
  static constexpr unsigned kSubmissions = 256;
  static constexpr unsigned kCompletions = 4096;
  // Receive buffers. Each holds a usual response, its timestamp and the kernel's note of both. The
  // kernel takes them in turn: the fewer there are, the more of them stay in a core's cache. If all
  // are in use, a receive ends, twice as many are put out, and it is begun again.
  static constexpr unsigned kFewestBuffers = 32;
  static constexpr unsigned kMostBuffers = 512;  // a power of two
  static constexpr size_t kBufferBytes = 4096;
  static constexpr int kBufferGroup = 0;

  enum class Operation : uint8_t { kConnect, kReceive, kWritable, kWake, kCancel };

  struct Slot {
    Socket* socket = nullptr;
    int fd = -1;
    // Counts Open and Close, so that a completion of an earlier life is known for what it is.
    uint32_t life = 0;
    std::string_view unsent = {};
    // What a send failed with, which the receiving side then does not know.
    int send_error = 0;
    boost::asio::ip::tcp::endpoint target = {};  // must stay while a connect is under way
  };

  UringEngine() = default;

  absl::Status SetUp();
  absl::Status SetUpBuffers();
  io_uring_sqe* NextSubmission();
  void Submit();
  bool WorkIsPending() const;
  static uint64_t TagOf(Operation operation, SocketId id, uint32_t life);

  void AskForWake();
  void Receive(SocketId id);
  void SendRest(SocketId id);
  bool Deliver();
  void OnCompletion(uint64_t tag, int result, uint32_t flags);
  void OnConnected(SocketId id, int result);
  void OnReceived(SocketId id, uint32_t life, int result, uint32_t flags);
  // Returns whether the connection goes on.
  bool OnMessage(SocketId id, char* buffer, int result);
  void PutOutBuffers(unsigned until);
  void ReturnBuffer(unsigned index);
  char* Buffer(unsigned index) { return buffers_ + index * kBufferBytes; }

  bool ring_set_up_ = false;
  io_uring ring_{};
  // The ring of buffers, and behind it the buffers: memory that is not there before it is used.
  io_uring_buf_ring* buffer_ring_ = nullptr;
  char* buffers_ = nullptr;
  unsigned buffers_out_ = 0;
  // A receive of this turn ended for want of them.
  bool short_of_buffers_ = false;
  msghdr receive_form_{};  // what a received message has room for
  WakeEvent wake_;
  bool stamps_offered_ = true;
  ReceiveClock clock_;
  std::vector<Slot> slots_;
};

}  // namespace drumline

#endif  // AGENT_ENGINE_URING_ENGINE_H_
