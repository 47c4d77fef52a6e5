// CannedEngine: an Engine without a kernel. Every request is answered by the same bytes at the next
// turn, so that what is left is the agent's own work for a request: pool, parser, dispatcher,
// recorder and the worker's loop.
//
//     Worker worker(terms, std::make_unique<CannedEngine>(response), &exchange, events);
//
// For the thread of one worker; Interrupt is for any.
#ifndef TESTS_HOT_PATH_CANNED_ENGINE_H_
#define TESTS_HOT_PATH_CANNED_ENGINE_H_

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "agent/clock.h"
#include "agent/engine/engine.h"

namespace drumline {

class CannedEngine final : public Engine {
 public:
  explicit CannedEngine(std::string response) : response_(std::move(response)) {}

  std::string_view name() const override { return "canned"; }
  absl::Status AttachToThread() override { return absl::OkStatus(); }
  SocketId Add(Socket* socket) override {
    sockets_.push_back(socket);
    const size_t most = 2 * sockets_.size();
    due_.reserve(most);
    turn_.reserve(most);
    return static_cast<SocketId>(sockets_.size() - 1);
  }
  int Open(SocketId id, const boost::asio::ip::tcp::endpoint&) override {
    due_.push_back({id, /*opens=*/true});
    return 0;
  }
  void Send(SocketId id, std::string_view) override { due_.push_back({id, /*opens=*/false}); }
  size_t Unsent(SocketId) const override { return 0; }
  void Close(SocketId id) override {
    std::erase_if(due_, [id](const Due& due) { return due.id == id; });
  }
  bool Poll() override {
    turn_.swap(due_);
    for (const Due& due : turn_) {
      if (due.opens) {
        sockets_[due.id]->OnOpened();
      } else {
        sockets_[due.id]->OnBytes(response_, MonotonicNowNs());
      }
    }
    turn_.clear();
    return true;
  }
  bool Wait(int64_t until_ns) override {
    if (due_.empty() && !interrupted_.exchange(false)) SleepUntil(until_ns);
    return Poll();
  }
  void Interrupt() override { interrupted_ = true; }
  bool stamps_receipt() const override { return true; }

 private:
  struct Due {
    SocketId id;
    bool opens;
  };

  const std::string response_;
  std::vector<Socket*> sockets_;
  std::vector<Due> due_;
  std::vector<Due> turn_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace drumline

#endif  // TESTS_HOT_PATH_CANNED_ENGINE_H_
