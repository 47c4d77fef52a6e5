// Worker: one thread of an agent, with an engine, connections and a recorder of its own. Workers
// share nothing while they send.
//
//     Worker worker(terms, std::move(engine), &exchange, {.ready = …, .finished = …});
//     worker.Launch();              // opens the connections, then calls ready
//     worker.Begin(start_ns);       // the common start, on CLOCK_MONOTONIC
//     worker.Stop(drain_ns);        // or let the schedule end by itself; then calls finished
//     worker.Join();
//
// How it waits for the next beat is its pacing:
//
//   precise    sleeps until the beat, with a timer of nanosecond grain;
//   coalesced  sleeps until the next tick of a fixed grid and sends what is due by then;
//   spin       never sleeps.
//
// While it has an idle connection it needs no answer to send on time. Then precise and coalesced
// sleep blindly: answers wake nobody, are read at the next beat, and still count from the instant
// at which the kernel received them. That halves the wake-ups. Where the kernel gives no receive
// timestamps, or all connections are busy, answers wake it. So they do in a closed loop.
//
// Launch, Begin, Stop and Join belong to one thread, the owner's. Events are called on the worker's
// own thread and must not block.
#ifndef AGENT_WORKER_H_
#define AGENT_WORKER_H_

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "agent/connection_pool.h"
#include "agent/dispatcher.h"
#include "agent/engine/engine.h"
#include "agent/hiccup_meter.h"
#include "agent/interval_exchange.h"
#include "agent/recorder.h"
#include "core/load_profile.h"
#include "core/schedule.h"

namespace drumline {

class Worker {
 public:
  // All connections must be open within this time and so much for each of them, or the worker is
  // not ready.
  static constexpr int64_t kOpenDeadlineNs = 5'000'000'000;
  static constexpr int64_t kOpenDeadlineEachNs = 500'000;

  enum class Pacing { kPrecise, kCoalesced, kSpin };

  struct Terms {
    size_t index = 0;
    Pacing pacing = Pacing::kPrecise;
    // The grid of coalesced pacing; at most Dispatcher::kMaxSleepNs.
    int64_t tick_ns = 250'000;
    Dispatcher::Terms dispatch;
    Recorder::Window window;
    // Open loop. The profile must outlive the worker.
    const LoadProfile* profile = nullptr;
    Schedule::Arrivals arrivals = Schedule::Arrivals::kConstant;
    uint64_t seed = 0;
    uint64_t beats = 0;
    Lane lane;
    size_t connections = 1;
    boost::asio::ip::tcp::endpoint target;
    ConnectionPool::Manner manner;
    // What manner.tls points to.
    std::shared_ptr<TlsContext> tls;
    // By their numbers in the plan.
    std::vector<ConnectionPool::Request> requests;
    // Those that templates name; must outlive the worker.
    const std::vector<FeedTable>* feeds = nullptr;
  };

  struct Events {
    // The connections are open, or could not be opened.
    std::function<void(size_t worker, const absl::Status&)> ready;
    // The last interval is in the exchange. [began_ns] is when the worker really began, on
    // CLOCK_MONOTONIC; 0 if it never did.
    std::function<void(size_t worker, int64_t began_ns)> finished;
  };

  Worker(Terms terms, std::unique_ptr<Engine> engine, IntervalExchange* exchange, Events events);
  // Ends the thread at once if it still runs.
  ~Worker();

  void Launch();
  void Begin(int64_t start_ns);
  void Stop(int64_t drain_ns);
  // The right to send ends then, on CLOCK_MONOTONIC, until it is given anew. The worker
  // looks at it itself: one that stood still for a while (a stopped process, a paused machine) must
  // not make up for what others have by now. For ever, unless it was said otherwise.
  void HoldLease(int64_t until_ns) { lease_until_ns_.store(until_ns, std::memory_order_release); }
  // Beats of another agent, from [from_ns] after the common start on.
  void Adopt(Lane lane, int64_t from_ns);
  void Join();
  // The pool as ready reported it.
  size_t connections() const { return terms_.connections; }
  std::string_view engine_name() const { return engine_->name(); }

 private:
  // Opening connections; ready, but with no start yet; waiting for the start; running; over.
  enum class Stage { kOpening, kReady, kCountdown, kRunning, kFinished };

  // What the owner wants, left for the worker's thread.
  struct Orders {
    std::optional<int64_t> start_ns;
    std::optional<int64_t> stop_drain_ns;
    std::vector<std::pair<Lane, int64_t>> adoptions;
    bool quit = false;
  };

  void Order(const std::function<void(Orders&)>& write);
  void FollowOrders();
  void Run();
  int64_t Look();
  void TurnBeforeStart();
  void Turn();
  int64_t TurnToBeats(int64_t now_ns);
  bool HasLease(int64_t now_ns);
  void LookUpLease();
  int64_t LookAtLease();
  void Rest(int64_t now_ns);
  int64_t NextTick(int64_t due_ns, int64_t now_ns) const;
  void SleepBlindly(int64_t until_ns);
  void Poll(int64_t now_ns);
  void OnOpened(const Connection::Opening& opening);
  void OnOpenFailed(const std::string& reason);
  void OnAnswered(const Flight& flight, const Connection::Response& response);
  void OnBroken(const Flight& flight, Connection::Break reason);
  void CheckReady();
  int64_t OpenDeadlineNs() const;
  void FinishIfDone();
  void Finish();
  Recorder::Gauges ReadGauges() const;
  ConnectionPool::Events PoolEvents();

  const Terms terms_;
  const Events events_;
  ConnectionPool pool_;
  // Destroyed before what it calls.
  std::unique_ptr<Engine> engine_;
  std::optional<Schedule> schedule_;
  Recorder recorder_;
  Dispatcher dispatcher_;
  HiccupMeter meter_;
  JsonReader json_reader_;

  Stage stage_ = Stage::kOpening;
  // On CLOCK_MONOTONIC: when the thread was launched, the common start, and the real one.
  int64_t launched_ns_ = 0;
  int64_t start_ns_ = 0;
  int64_t began_ns_ = 0;
  // From the common start: all that was received by then has been delivered.
  int64_t delivered_ns_ = 0;
  std::string open_failure_;

  std::mutex orders_mutex_;
  Orders orders_;
  std::atomic<bool> has_orders_ = false;
  std::atomic<int64_t> lease_until_ns_ = std::numeric_limits<int64_t>::max();
  std::thread thread_;
};

}  // namespace drumline

#endif  // AGENT_WORKER_H_
