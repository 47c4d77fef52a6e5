// A worker on its own thread against a target that misbehaves: every request that the target counts
// is in the books with the outcome that was inflicted on it, and with no other. The same with each
// engine and each pacing.
#include "agent/worker.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/clock.h"
#include "agent/engine/make_engine.h"
#include "core/book.h"
#include "gtest/gtest.h"
#include "tests/integration/agent/scripted_server.h"

namespace drumline {
namespace {

using Act = ScriptedServer::Act;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;

// A closed loop of so many requests.
Worker::Terms CountedLoop(const ScriptedServer& server, size_t connections, uint64_t requests) {
  Worker::Terms terms;
  terms.dispatch = {.closed_loop = true,
                    .timeout_ns = 10 * kSecond,
                    .drain_ns = kSecond,
                    .warmup_ns = 0,
                    .by_count = true,
                    .requests = requests};
  terms.window = {0, Recorder::kUnbounded};
  terms.connections = connections;
  terms.target = server.endpoint();
  terms.requests = {{"GET / HTTP/1.1\r\nHost: test\r\n\r\n", false, "hello", {}}};
  return terms;
}

LoadProfile EvenProfile(int64_t per_second, int64_t length_ns) {
  const Rate rate = Rate::PerSecond(per_second);
  return *LoadProfile::Create({{rate, rate, length_ns}});
}

// All beats of the profile, none of them warm-up.
Worker::Terms OpenLoop(const ScriptedServer& server, size_t connections,
                       const LoadProfile& profile) {
  Worker::Terms terms = CountedLoop(server, connections, 0);
  terms.dispatch.closed_loop = terms.dispatch.by_count = false;
  terms.window = {0, profile.length_ns()};
  terms.profile = &profile;
  terms.beats = profile.beats();
  return terms;
}

using Variant = std::tuple<proto::EngineChoice, Worker::Pacing>;

class WorkerTest : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    const absl::StatusOr<std::unique_ptr<Engine>> engine = MakeEngine(std::get<0>(GetParam()));
    if (!engine.ok()) GTEST_SKIP() << engine.status();
  }
};

std::unique_ptr<Engine> EngineOfVariant() {
  return *MakeEngine(std::get<0>(WorkerTest::GetParam()));
}

// Runs a worker to its end.
class WorkerRun {
 public:
  explicit WorkerRun(const Worker::Terms& terms)
      : exchange_([this] { std::call_once(one_is_full_, [this] { full_.set_value(); }); }),
        worker_(OfVariant(terms), EngineOfVariant(), &exchange_,
                {.ready = [this](size_t, const absl::Status& status) { ready_.set_value(status); },
                 .finished = [this](size_t, int64_t began_ns) { finished_.set_value(began_ns); }}) {
    worker_.Launch();
  }

  absl::Status Ready() { return ready_.get_future().get(); }
  void Begin() { worker_.Begin(MonotonicNowNs()); }
  // The worker has gone through its first second.
  void AwaitInterval() { full_.get_future().wait(); }
  Worker& worker() { return worker_; }

  // The books of the whole run, checked as the controller would.
  Book Finish() {
    EXPECT_NE(finished_.get_future().get(), 0);
    worker_.Join();
    Book whole;
    uint64_t number = 0;
    for (auto& [index, interval] : exchange_.TakeFull()) {
      EXPECT_EQ(interval->number, ++number);
      EXPECT_TRUE(interval->measure.CheckBalance().ok()) << interval->measure.CheckBalance();
      EXPECT_TRUE(whole.Append(interval->measure).ok());
      connects_ += interval->connects;
      EXPECT_TRUE(hiccups_.Merge(interval->hiccups));
      end_ns_ = interval->end_ns;
    }
    EXPECT_TRUE(whole.ledger().CheckClosed().ok()) << whole.ledger().CheckClosed();
    return whole;
  }
  uint64_t connects() const { return connects_; }
  const Histogram& hiccups() const { return hiccups_; }
  int64_t end_ns() const { return end_ns_; }

 private:
  static Worker::Terms OfVariant(Worker::Terms terms) {
    terms.pacing = std::get<1>(WorkerTest::GetParam());
    return terms;
  }

  std::promise<absl::Status> ready_;
  std::promise<int64_t> finished_;
  std::once_flag one_is_full_;
  std::promise<void> full_;
  IntervalExchange exchange_;
  uint64_t connects_ = 0;
  Histogram hiccups_;
  int64_t end_ns_ = 0;
  Worker worker_;
};

Book Play(const Worker::Terms& terms) {
  WorkerRun run(terms);
  EXPECT_TRUE(run.Ready().ok());
  run.Begin();
  return run.Finish();
}

TEST_P(WorkerTest, KeepsItsConnectionsAlive) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  WorkerRun run(CountedLoop(server, 4, 1'000));
  ASSERT_TRUE(run.Ready().ok());
  run.Begin();
  const Book book = run.Finish();
  server.Stop();
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), 1'000u);
  EXPECT_EQ(server.served(), 1'000u);
  EXPECT_EQ(run.connects(), 0u) << "opened before the start, and never again";
  EXPECT_EQ(book.bytes_received(), 5'000u);
}

TEST_P(WorkerTest, CountsEachOutcomeAsItWasInflicted) {
  const std::vector<Act> acts = {
      Act::kAnswer,    Act::kAnswerAndClose, Act::kCloseDelimited, Act::kCloseDelimitedReset,
      Act::kBadStatus, Act::kBadBody,        Act::kSlow,           Act::kInPieces,
      Act::kReset,     Act::kCutOff,         Act::kSilentClose,    Act::kGarbage};
  ScriptedServer server([&acts](uint64_t request) { return acts[request % acts.size()]; });
  const Book book = Play(CountedLoop(server, 5, 360));
  server.Stop();
  const Ledger& ledger = book.ledger();
  EXPECT_EQ(server.served(), 360u);
  EXPECT_EQ(ledger.sent(), 360u);
  EXPECT_EQ(ledger.Count(Outcome::kOk),
            server.count(Act::kAnswer) + server.count(Act::kAnswerAndClose) +
                server.count(Act::kCloseDelimited) + server.count(Act::kSlow) +
                server.count(Act::kInPieces));
  EXPECT_EQ(ledger.Count(Outcome::kBadStatus), server.count(Act::kBadStatus));
  EXPECT_EQ(ledger.Count(Outcome::kBadBody), server.count(Act::kBadBody));
  EXPECT_EQ(ledger.Count(Outcome::kReset), server.count(Act::kReset) + server.count(Act::kCutOff) +
                                               server.count(Act::kSilentClose) +
                                               server.count(Act::kCloseDelimitedReset));
  EXPECT_EQ(ledger.Count(Outcome::kProtocolError), server.count(Act::kGarbage));
  EXPECT_EQ(ledger.Count(Outcome::kTimeout), 0u);
}

TEST_P(WorkerTest, ATargetThatNeverAnswersIsATimeout) {
  ScriptedServer server(
      [](uint64_t request) { return request % 10 == 3 ? Act::kNever : Act::kAnswer; });
  Worker::Terms terms = CountedLoop(server, 3, 50);
  terms.dispatch.timeout_ns = 300 * kMs;
  const Book book = Play(terms);
  server.Stop();
  EXPECT_EQ(book.ledger().Count(Outcome::kTimeout), server.count(Act::kNever));
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), server.count(Act::kAnswer));
  EXPECT_GE(book.lower_bound_min_ns(), 300 * kMs);
  EXPECT_GE(book.response_time().max_ns(), 300 * kMs);
}

TEST_P(WorkerTest, AnOpenLoopRefusesWhatATargetThatHasGoneCannotTake) {
  ScriptedServer server([](uint64_t request) {
    return request < 20 ? Act::kAnswer : request == 20 ? Act::kCloseListener : Act::kReset;
  });
  const LoadProfile profile = EvenProfile(1'000, kSecond / 2);
  const Worker::Terms terms = OpenLoop(server, 2, profile);
  const Book book = Play(terms);
  server.Stop();
  const Ledger& ledger = book.ledger();
  EXPECT_EQ(ledger.scheduled(), 500u);
  EXPECT_EQ(ledger.Count(Outcome::kOk), 21u);
  EXPECT_EQ(ledger.Count(Outcome::kReset), 2u) << "one for each connection";
  EXPECT_EQ(ledger.Count(Outcome::kOk) + ledger.Count(Outcome::kReset), server.served());
  // The rest found no connection, and waited for one or were refused.
  EXPECT_GT(ledger.Count(Outcome::kRefused), 0u);
  EXPECT_EQ(ledger.Count(Outcome::kRefused) + ledger.Count(Outcome::kUnsent), 477u);
}

TEST_P(WorkerTest, SaysWhyItIsNotReady) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  Worker::Terms terms = CountedLoop(server, 2, 10);
  server.Stop();
  WorkerRun run(terms);
  const absl::Status status = run.Ready();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(status.message()).find("refused"), std::string::npos) << status;
}

TEST_P(WorkerTest, StopsWhenItIsTold) {
  std::promise<void> hundred;
  ScriptedServer server([&hundred](uint64_t request) {
    if (request == 100) hundred.set_value();
    return Act::kAnswer;
  });
  WorkerRun run(CountedLoop(server, 2, 1'000'000'000));
  ASSERT_TRUE(run.Ready().ok());
  run.Begin();
  hundred.get_future().wait();
  run.worker().Stop(0);
  const Book book = run.Finish();
  server.Stop();
  // Request 100 had been read, and all before it but those in flight on the two connections
  // answered.
  EXPECT_GE(book.ledger().sent(), 101u);
  EXPECT_GE(book.ledger().Count(Outcome::kOk), 99u);
  EXPECT_LE(book.ledger().Count(Outcome::kCensored), 2u);
  EXPECT_LE(server.served(), book.ledger().sent());
}

// As after a long stop of its process: what is overdue by then is others' to send.
TEST_P(WorkerTest, WithoutALeaseItMakesUpForNothing) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  const LoadProfile profile = EvenProfile(1'000, 3'600 * kSecond);
  WorkerRun run(OpenLoop(server, 4, profile));
  ASSERT_TRUE(run.Ready().ok());
  run.worker().HoldLease(MonotonicNowNs());
  run.worker().Begin(MonotonicNowNs() - kSecond / 2);
  run.AwaitInterval();
  run.worker().Stop(5 * kSecond);
  const Book book = run.Finish();
  server.Stop();
  EXPECT_GE(book.ledger().scheduled(), 1'000u);
  EXPECT_EQ(book.ledger().Count(Outcome::kUnsent), book.ledger().scheduled());
  EXPECT_EQ(server.served(), 0u);
}

TEST_P(WorkerTest, ALeaseThatIsRenewedLateLetsItMakeUpForAll) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  const LoadProfile profile = EvenProfile(1'000, 1'200 * kMs);
  WorkerRun run(OpenLoop(server, 4, profile));
  ASSERT_TRUE(run.Ready().ok());
  const int64_t start_ns = MonotonicNowNs();
  run.worker().HoldLease(start_ns);
  run.worker().Begin(start_ns);
  run.AwaitInterval();
  EXPECT_LE(server.served(), 1u) << "the beat at the start";
  run.worker().HoldLease(MonotonicNowNs() + 3'600 * kSecond);
  const Book book = run.Finish();
  server.Stop();
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), 1'200u);
}

TEST_P(WorkerTest, WithoutALeaseAClosedLoopSendsNothing) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  WorkerRun run(CountedLoop(server, 2, 100));
  ASSERT_TRUE(run.Ready().ok());
  run.worker().HoldLease(MonotonicNowNs());
  run.worker().Begin(MonotonicNowNs() - kSecond / 2);
  run.AwaitInterval();
  EXPECT_EQ(server.served(), 0u);
  run.worker().HoldLease(MonotonicNowNs() + 3'600 * kSecond);
  const Book book = run.Finish();
  server.Stop();
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), 100u);
}

TEST_P(WorkerTest, AClosedLoopEndsWithItsLease) {
  std::atomic<int64_t> last_ns = 0;
  ScriptedServer server([&last_ns](uint64_t) {
    last_ns = MonotonicNowNs();
    return Act::kAnswer;
  });
  WorkerRun run(CountedLoop(server, 2, 1'000'000'000));
  ASSERT_TRUE(run.Ready().ok());
  const int64_t start_ns = MonotonicNowNs();
  run.worker().HoldLease(start_ns + kSecond / 5);
  run.worker().Begin(start_ns);
  run.AwaitInterval();
  run.worker().Stop(kSecond);
  const Book book = run.Finish();
  server.Stop();
  EXPECT_GT(book.ledger().sent(), 0u);
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), book.ledger().sent());
  EXPECT_LT(last_ns, start_ns + kSecond * 7 / 10) << "half a second for a slow machine";
}

TEST_P(WorkerTest, WithoutALeaseWhatWaitsIsNotSent) {
  // The first request is answered when the lease is over; the others wait for its connection.
  std::promise<void> over;
  ScriptedServer server([&over](uint64_t request) {
    if (request == 0) over.get_future().wait();
    return Act::kAnswer;
  });
  const LoadProfile profile = EvenProfile(100, 3'600 * kSecond);
  WorkerRun run(OpenLoop(server, 1, profile));
  ASSERT_TRUE(run.Ready().ok());
  const int64_t start_ns = MonotonicNowNs();
  run.worker().HoldLease(start_ns + kSecond / 2);
  run.worker().Begin(start_ns);
  run.AwaitInterval();
  over.set_value();
  SleepUntil(MonotonicNowNs() + kSecond / 5);
  run.worker().Stop(5 * kSecond);
  const Book book = run.Finish();
  server.Stop();
  EXPECT_EQ(book.ledger().sent(), 1u);
  EXPECT_EQ(server.served(), 1u);
  EXPECT_EQ(book.ledger().Count(Outcome::kUnsent), book.ledger().scheduled() - 1);
}

TEST_P(WorkerTest, ItsHiccupMeterBeatsAllAlong) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  const LoadProfile profile = EvenProfile(2'000, kSecond / 2);
  const Worker::Terms terms = OpenLoop(server, 8, profile);
  WorkerRun run(terms);
  ASSERT_TRUE(run.Ready().ok());
  run.Begin();
  const Book book = run.Finish();
  server.Stop();
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), 1'000u);
  // The last beats may come after the last look.
  EXPECT_LE(run.hiccups().count(), static_cast<uint64_t>(run.end_ns() / HiccupMeter::kBeatNs));
  EXPECT_GE(run.hiccups().count(), 5'100u);
  EXPECT_EQ(run.hiccups().out_of_range(), 0u);
}

std::string NameOf(const testing::TestParamInfo<Variant>& variant) {
  const std::string engine =
      std::get<0>(variant.param) == proto::ENGINE_CHOICE_EPOLL ? "Epoll" : "IoUring";
  switch (std::get<1>(variant.param)) {
    case Worker::Pacing::kPrecise:
      return engine + "Precise";
    case Worker::Pacing::kCoalesced:
      return engine + "Coalesced";
    case Worker::Pacing::kSpin:
      return engine + "Spin";
  }
  return engine;
}

INSTANTIATE_TEST_SUITE_P(
    Engines, WorkerTest,
    testing::Combine(testing::Values(proto::ENGINE_CHOICE_EPOLL, proto::ENGINE_CHOICE_IO_URING),
                     testing::Values(Worker::Pacing::kPrecise, Worker::Pacing::kCoalesced,
                                     Worker::Pacing::kSpin)),
    NameOf);

}  // namespace
}  // namespace drumline
