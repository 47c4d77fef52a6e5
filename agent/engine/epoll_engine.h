// EpollEngine: an Engine over edge-triggered epoll. A socket is registered once in its life; a
// request costs one send, one receive and a share of one wait.
//
//     absl::StatusOr<std::unique_ptr<EpollEngine>> engine = EpollEngine::Create();
#ifndef AGENT_ENGINE_EPOLL_ENGINE_H_
#define AGENT_ENGINE_EPOLL_ENGINE_H_

#include <sys/epoll.h>

#include <array>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/engine/engine.h"
#include "agent/engine/receive_clock.h"
#include "agent/engine/wake_event.h"

namespace drumline {

class EpollEngine final : public Engine {
 public:
  static absl::StatusOr<std::unique_ptr<EpollEngine>> Create();
  ~EpollEngine() override;
  EpollEngine(const EpollEngine&) = delete;
  EpollEngine& operator=(const EpollEngine&) = delete;

  std::string_view name() const override { return "epoll"; }
  absl::Status AttachToThread() override { return absl::OkStatus(); }
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
  static constexpr size_t kEventsPerTurn = 256;
  // Larger than usual responses, so that one receive empties the socket.
  static constexpr size_t kReceiveBytes = size_t{64} * 1024;
  // A socket that has more is gone on with at the next turn.
  static constexpr int kReceivesPerTurn = 8;

  struct Slot {
    Socket* socket = nullptr;
    int fd = -1;
    // Counts Open and Close, so that an event of an earlier life is known for what it is.
    uint32_t life = 0;
    bool connecting = false;
    // What a send failed with, which the receiving side then does not know.
    int send_error = 0;
    std::string_view unsent = {};
  };

  struct Unread {
    SocketId id;
    uint32_t life;
    bool to_the_end;
  };

  explicit EpollEngine(int epoll) : epoll_(epoll) {}

  absl::Status SetUp();
  int WaitForEvents(int64_t wait_ns);
  bool Deliver(int events);
  void OnEvent(SocketId id, uint32_t life, uint32_t events);
  void SendRest(Slot* slot);
  // Returns whether the connection stands.
  bool FinishOpen(SocketId id);
  void Receive(SocketId id, uint32_t life, bool to_the_end);

  const int epoll_;
  WakeEvent wake_;
  // epoll_pwait2 is not to be had: Linux before 5.11, or a container that forbids it.
  bool whole_milliseconds_ = false;
  bool stamps_offered_ = true;
  ReceiveClock clock_;
  std::vector<Slot> slots_;
  // Sockets that had more than a turn's share; the second is the one that is being gone through.
  std::vector<Unread> unread_;
  std::vector<Unread> reading_on_;
  std::array<epoll_event, kEventsPerTurn> events_;
  std::array<char, kReceiveBytes> buffer_;
};

}  // namespace drumline

#endif  // AGENT_ENGINE_EPOLL_ENGINE_H_
