// Both engines against a peer in the same thread, whose every step is the test's own.
#include "agent/engine/engine.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/clock.h"
#include "agent/engine/make_engine.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Notes what happens to it, and does what it is told to then.
class NotedSocket final : public Socket {
 public:
  void OnOpened() override { ++opened; }
  void OnOpenFailed(int error) override { open_error = error; }
  void OnBytes(std::string_view bytes, int64_t received) override {
    received_ns = received;
    received_bytes.append(bytes);
    if (on_bytes) on_bytes();
  }
  void OnEnd(int error) override {
    ended = true;
    end_error = error;
  }

  int opened = 0;
  int open_error = 0;
  std::string received_bytes;
  int64_t received_ns = 0;
  bool ended = false;
  int end_error = 0;
  std::function<void()> on_bytes;
};

// A listening socket on the loopback, and the connections that it accepted.
class Peer {
 public:
  explicit Peer(int receive_buffer = 0) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) {
      setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Peer() {
    for (int fd : accepted_) close(fd);
    StopListening();
  }

  boost::asio::ip::tcp::endpoint endpoint() const {
    return {boost::asio::ip::make_address("127.0.0.1"), port_};
  }
  void StopListening() {
    if (listener_ >= 0) close(listener_);
    listener_ = -1;
  }
  int Accept() {
    accepted_.push_back(accept(listener_, nullptr, nullptr));
    return accepted_.back();
  }
  void CloseLast() {
    close(accepted_.back());
    accepted_.pop_back();
  }
  // Closes with a reset.
  void ResetLast() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(accepted_.back(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    CloseLast();
  }

 private:
  int listener_ = -1;
  uint16_t port_ = 0;
  std::vector<int> accepted_;
};

void Write(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ASSERT_GT(sent, 0);
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

class EngineTest : public testing::TestWithParam<proto::EngineChoice> {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Engine>> engine = MakeEngine(GetParam());
    if (!engine.ok()) GTEST_SKIP() << engine.status();
    engine_ = *std::move(engine);
    ASSERT_TRUE(engine_->AttachToThread().ok());
    id_ = engine_->Add(&socket_);
  }

  // Lets the engine work until something holds.
  void Until(const std::function<bool()>& holds) {
    const int64_t deadline_ns = MonotonicNowNs() + 30 * kSecond;
    while (!holds()) {
      ASSERT_LT(MonotonicNowNs(), deadline_ns) << "it never came about";
      engine_->Wait(MonotonicNowNs() + kSecond);
    }
  }

  // An open connection; returns the peer's end of it.
  int Connect(Peer* peer) {
    EXPECT_EQ(engine_->Open(id_, peer->endpoint()), 0);
    const int opened = socket_.opened;
    Until([this, opened] { return socket_.opened > opened; });
    return peer->Accept();
  }

  NotedSocket socket_;
  std::unique_ptr<Engine> engine_;
  SocketId id_ = 0;
};

TEST_P(EngineTest, HasTheNameThatWasAskedFor) {
  EXPECT_EQ(engine_->name(), GetParam() == proto::ENGINE_CHOICE_EPOLL ? "epoll" : "io_uring");
}

TEST_P(EngineTest, CarriesBytesBothWays) {
  Peer peer;
  const int fd = Connect(&peer);
  engine_->Send(id_, "ping");
  EXPECT_EQ(engine_->Unsent(id_), 0u);
  char got[5] = {};
  ASSERT_EQ(recv(fd, got, 4, MSG_WAITALL), 4);
  EXPECT_STREQ(got, "ping");
  Write(fd, "pong");
  Until([this] { return socket_.received_bytes.size() >= 4; });
  EXPECT_EQ(socket_.received_bytes, "pong");
}

TEST_P(EngineTest, TellsWhyAConnectionIsRefused) {
  Peer peer;
  const auto endpoint = peer.endpoint();
  peer.StopListening();
  ASSERT_EQ(engine_->Open(id_, endpoint), 0);
  Until([this] { return socket_.open_error != 0; });
  EXPECT_EQ(socket_.open_error, ECONNREFUSED);
  EXPECT_EQ(socket_.opened, 0);
}

TEST_P(EngineTest, KnowsWhenBytesCameHoweverLateItLooks) {
  Peer peer;
  const int fd = Connect(&peer);
  // The kernel begins to stamp some time after the machine's first socket has asked for it.
  Until([this, fd] {
    socket_.received_bytes.clear();
    Write(fd, "w");
    Until([this] { return !socket_.received_bytes.empty(); });
    return engine_->stamps_receipt();
  });
  socket_.received_bytes.clear();
  const int64_t before_ns = MonotonicNowNs();
  Write(fd, "x");
  // On the loopback a packet has arrived when the call that sends it returns.
  const int64_t after_ns = MonotonicNowNs();
  SleepUntil(after_ns + kSecond / 50);
  Until([this] { return !socket_.received_bytes.empty(); });
  // The two clocks are read some tens of nanoseconds apart, or more if the thread is interrupted.
  constexpr int64_t kClocksNs = 1'000'000;
  EXPECT_TRUE(engine_->stamps_receipt());
  EXPECT_GE(socket_.received_ns, before_ns - kClocksNs);
  EXPECT_LE(socket_.received_ns, after_ns + kClocksNs);
}

TEST_P(EngineTest, ReceivesMoreThanABufferHolds) {
  Peer peer;
  const int fd = Connect(&peer);
  std::string sent;
  for (int i = 0; sent.size() < 3'000'000; ++i) sent += std::to_string(i) + ",";
  std::thread writer([fd, &sent] { Write(fd, sent); });
  Until([this, &sent] { return socket_.received_bytes.size() >= sent.size(); });
  writer.join();
  EXPECT_EQ(socket_.received_bytes, sent);
}

TEST_P(EngineTest, SendsTheRestWhenThePeerReadsOn) {
  Peer peer(/*receive_buffer=*/4096);
  const int fd = Connect(&peer);
  const std::string sent(8'000'000, 'r');
  engine_->Send(id_, sent);
  ASSERT_GT(engine_->Unsent(id_), 0u) << "the buffers held it all";
  size_t read_bytes = 0;
  std::thread reader([fd, &read_bytes, &sent] {
    std::string buffer(65'536, 0);
    while (read_bytes < sent.size()) {
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      read_bytes += static_cast<size_t>(got);
    }
  });
  Until([this] { return engine_->Unsent(id_) == 0; });
  reader.join();
  EXPECT_EQ(read_bytes, sent.size());
}

TEST_P(EngineTest, TellsAnOrderlyEndAfterTheLastBytes) {
  Peer peer;
  const int fd = Connect(&peer);
  Write(fd, "last words");
  peer.CloseLast();
  Until([this] { return socket_.ended; });
  EXPECT_EQ(socket_.received_bytes, "last words");
  EXPECT_EQ(socket_.end_error, 0);
}

TEST_P(EngineTest, TellsAReset) {
  Peer peer;
  Connect(&peer);
  peer.ResetLast();
  Until([this] { return socket_.ended; });
  EXPECT_EQ(socket_.end_error, ECONNRESET);
}

TEST_P(EngineTest, ASendThatFailsEndsTheConnection) {
  Peer peer;
  Connect(&peer);
  peer.ResetLast();
  engine_->Send(id_, "nobody reads this");
  Until([this] { return socket_.ended; });
}

TEST_P(EngineTest, NothingFollowsAClose) {
  Peer peer;
  const int fd = Connect(&peer);
  NotedSocket other;
  const SocketId other_id = engine_->Add(&other);
  ASSERT_EQ(engine_->Open(other_id, peer.endpoint()), 0);
  Until([&other] { return other.opened == 1; });
  const int other_fd = peer.Accept();
  // Both have bytes at the same turn; the first to be told closes the other.
  socket_.on_bytes = [this, other_id] { engine_->Close(other_id); };
  other.on_bytes = [this] { engine_->Close(id_); };
  Write(fd, "a");
  Write(other_fd, "b");
  Until([this, &other] { return !(socket_.received_bytes + other.received_bytes).empty(); });
  // A sign of life on a third shows that the turn is over and nothing else has come.
  NotedSocket third;
  const SocketId third_id = engine_->Add(&third);
  ASSERT_EQ(engine_->Open(third_id, peer.endpoint()), 0);
  Until([&third] { return third.opened == 1; });
  EXPECT_EQ((socket_.received_bytes + other.received_bytes).size(), 1u);
  EXPECT_FALSE(socket_.ended || other.ended);
}

TEST_P(EngineTest, OpensAgainAfterItWasClosed) {
  Peer peer;
  for (int life = 1; life <= 50; ++life) {
    const int fd = Connect(&peer);
    ASSERT_EQ(socket_.opened, life);
    Write(fd, "x");
    // Half of the lives end with bytes on their way.
    if (life % 2 == 0) {
      Until([this] { return !socket_.received_bytes.empty(); });
      EXPECT_EQ(socket_.received_bytes, "x");
    }
    socket_.received_bytes.clear();
    engine_->Close(id_);
  }
  EXPECT_FALSE(socket_.ended);
}

TEST_P(EngineTest, ClosesWhatIsStillConnecting) {
  Peer peer;
  ASSERT_EQ(engine_->Open(id_, peer.endpoint()), 0);
  engine_->Close(id_);
  Connect(&peer);
  EXPECT_EQ(socket_.opened, 1);
  EXPECT_EQ(socket_.open_error, 0);
}

TEST_P(EngineTest, PollDoesNotWait) {
  Peer peer;
  const int fd = Connect(&peer);
  engine_->Poll();
  EXPECT_TRUE(socket_.received_bytes.empty());
  Write(fd, "x");
  engine_->Poll();
  EXPECT_EQ(socket_.received_bytes, "x");
}

TEST_P(EngineTest, AnInterruptEndsAWait) {
  for (int i = 0; i < 3; ++i) {
    std::thread other([this] { engine_->Interrupt(); });
    // Were it not for the interrupt, the test would take longer than it may.
    engine_->Wait(MonotonicNowNs() + 3600 * kSecond);
    other.join();
  }
}

TEST_P(EngineTest, HundredsOfConnectionsAnswerAtOnce) {
  Peer peer;
  constexpr size_t kMany = 400;
  std::vector<NotedSocket> sockets(kMany);
  std::vector<int> ends;
  for (NotedSocket& socket : sockets) {
    ASSERT_EQ(engine_->Open(engine_->Add(&socket), peer.endpoint()), 0);
    Until([&socket] { return socket.opened == 1; });
    ends.push_back(peer.Accept());
  }
  for (int round = 1; round <= 3; ++round) {
    // More at once than there are buffers.
    for (int fd : ends) Write(fd, std::string(1'500, 'm'));
    for (NotedSocket& socket : sockets) {
      Until([&] { return socket.received_bytes.size() >= 1'500u * round; });
    }
  }
  for (const NotedSocket& socket : sockets) {
    EXPECT_EQ(socket.received_bytes.size(), 4'500u);
    EXPECT_FALSE(socket.ended);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineTest,
                         testing::Values(proto::ENGINE_CHOICE_EPOLL, proto::ENGINE_CHOICE_IO_URING),
                         [](const auto& choice) {
                           return choice.param == proto::ENGINE_CHOICE_EPOLL ? "Epoll" : "IoUring";
                         });

}  // namespace
}  // namespace drumline
