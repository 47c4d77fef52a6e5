// A worker that sleeps blindly still tells true service times, and sends when its pacing says:
// against an engine whose answers are received at known instants, however late they are looked at.
#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/clock.h"
#include "agent/interval_exchange.h"
#include "agent/worker.h"
#include "core/load_profile.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kUs = 1'000;
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;
// A response is received so long after its request is handed over.
constexpr int64_t kServiceNs = 37 * kUs;
constexpr char kResponse[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// Receives answers in the kernel's stead.
class StampingEngine final : public Engine {
 public:
  explicit StampingEngine(bool stamps) : stamps_(stamps) {}

  std::string_view name() const override { return "stamping"; }
  absl::Status AttachToThread() override { return absl::OkStatus(); }
  SocketId Add(Socket* socket) override {
    sockets_.push_back(socket);
    return static_cast<SocketId>(sockets_.size() - 1);
  }
  int Open(SocketId id, const boost::asio::ip::tcp::endpoint&) override {
    opening_.push_back(id);
    return 0;
  }
  void Send(SocketId id, std::string_view) override {
    const int64_t now_ns = MonotonicNowNs();
    sends_.push_back(now_ns);
    due_.push_back({id, now_ns + kServiceNs});
  }
  size_t Unsent(SocketId) const override { return 0; }
  void Close(SocketId id) override {
    std::erase_if(due_, [id](const Due& due) { return due.id == id; });
  }
  bool Poll() override {
    for (SocketId id : std::exchange(opening_, {})) sockets_[id]->OnOpened();
    const int64_t now_ns = MonotonicNowNs();
    while (!due_.empty() && due_.front().at_ns <= now_ns) {
      const Due due = due_.front();
      due_.pop_front();
      sockets_[due.id]->OnBytes(kResponse, stamps_ ? due.at_ns : MonotonicNowNs());
    }
    return true;
  }
  bool Wait(int64_t until_ns) override {
    if (!sends_.empty()) ++waits_;
    if (!due_.empty()) until_ns = std::min(until_ns, due_.front().at_ns);
    if (opening_.empty() && !interrupted_.exchange(false)) SleepUntil(until_ns);
    return Poll();
  }
  void Interrupt() override { interrupted_ = true; }
  bool stamps_receipt() const override { return stamps_; }

  // To be read when the worker's thread has ended.
  const std::vector<int64_t>& sends() const { return sends_; }
  int64_t waits() const { return waits_; }

 private:
  struct Due {
    SocketId id;
    int64_t at_ns;
  };

  const bool stamps_;
  std::vector<Socket*> sockets_;
  std::vector<SocketId> opening_;
  std::deque<Due> due_;
  std::vector<int64_t> sends_;
  int64_t waits_ = 0;
  std::atomic<bool> interrupted_ = false;
};

struct Played {
  Book book;
  std::vector<int64_t> sends;  // from the common start
  int64_t waits = 0;
};

// Half a second at 2,000 requests a second.
Played Play(Worker::Pacing pacing, int64_t tick_ns, bool stamps) {
  const Rate rate = Rate::PerSecond(2'000);
  const LoadProfile profile = *LoadProfile::Create({{rate, rate, kSecond / 2}});
  Worker::Terms terms;
  terms.pacing = pacing;
  terms.tick_ns = tick_ns;
  terms.dispatch = {.timeout_ns = 30 * kSecond, .drain_ns = kSecond};
  terms.window = {0, kSecond / 2};
  terms.profile = &profile;
  terms.beats = profile.beats();
  terms.connections = 64;
  terms.requests = {{"GET / HTTP/1.1\r\nHost: target\r\n\r\n", false, "", {}}};
  auto owned = std::make_unique<StampingEngine>(stamps);
  const StampingEngine& engine = *owned;
  std::promise<absl::Status> ready;
  std::promise<int64_t> finished;
  IntervalExchange exchange([] {});
  Worker worker(terms, std::move(owned), &exchange,
                {.ready = [&](size_t, const absl::Status& status) { ready.set_value(status); },
                 .finished = [&](size_t, int64_t began_ns) { finished.set_value(began_ns); }});
  worker.Launch();
  EXPECT_TRUE(ready.get_future().get().ok());
  const int64_t start_ns = MonotonicNowNs();
  worker.Begin(start_ns);
  finished.get_future().wait();
  worker.Join();
  Played played;
  for (auto& [index, interval] : exchange.TakeFull()) {
    EXPECT_TRUE(played.book.Append(interval->measure).ok());
  }
  for (int64_t send_ns : engine.sends()) played.sends.push_back(send_ns - start_ns);
  played.waits = engine.waits();
  EXPECT_EQ(played.book.ledger().Count(Outcome::kOk), 1'000u);
  return played;
}

TEST(BlindSleep, TellsWhenAnAnswerCameAndNotWhenItLooked) {
  for (const auto pacing : {Worker::Pacing::kPrecise, Worker::Pacing::kCoalesced}) {
    const Played played = Play(pacing, kMs, /*stamps=*/true);
    EXPECT_EQ(played.waits, 0) << "an answer could have woken it";
    // From the instant that the worker took to the one that the engine took is a little longer.
    EXPECT_GE(played.book.service_time().min_ns(), kServiceNs);
    // It looked at most of them half a millisecond later.
    EXPECT_LT(played.book.service_time().ValueAtQuantile(0.5), kServiceNs + 200 * kUs);
  }
}

TEST(BlindSleep, WithoutStampsAnswersWakeIt) {
  const Played played = Play(Worker::Pacing::kPrecise, kMs, /*stamps=*/false);
  EXPECT_GT(played.waits, 900);
}

TEST(BlindSleep, CoalescedPacingSendsNothingBeforeItsTick) {
  const int64_t tick_ns = kMs;
  const Played played = Play(Worker::Pacing::kCoalesced, tick_ns, /*stamps=*/true);
  ASSERT_EQ(played.sends.size(), 1'000u);
  int64_t between_ticks = 0;
  for (size_t i = 0; i < played.sends.size(); ++i) {
    const auto due_ns = static_cast<int64_t>(i) * kSecond / 2'000;
    // Unless it was busy sending when the beat came due, or was stopped past its tick.
    const int64_t next_tick_ns = (due_ns + tick_ns - 1) / tick_ns * tick_ns;
    if (played.sends[i] < next_tick_ns) ++between_ticks;
  }
  // Every second beat lies in the middle between two ticks.
  EXPECT_LT(between_ticks, 250);
}

}  // namespace
}  // namespace drumline
