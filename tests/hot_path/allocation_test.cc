// A worker allocates nothing for a request: ten times the requests cost it no more allocations, but
// for those of the interval that closes each second. A binary of its own, because it replaces
// operator new.
#include <cstdint>
#include <cstdlib>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "agent/clock.h"
#include "agent/engine/make_engine.h"
#include "agent/interval_exchange.h"
#include "agent/worker.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "gtest/gtest.h"
#include "proto/plan.pb.h"
#include "tests/hot_path/canned_engine.h"
#include "tests/integration/agent/scripted_server.h"

namespace {

// Of the calling thread.
thread_local int64_t allocations = 0;

}  // namespace

// Not inlined: GCC would see malloc's memory meet delete, or new's meet free, and warn.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// An interval's hand-over: the exchange's list of what is full, and an interval that is new.
constexpr int64_t kAllocationsPerInterval = 64;

struct Cost {
  int64_t allocations = 0;
  uint64_t answered = 0;
  int64_t intervals = 0;
};

// What the worker's thread allocates in a whole run, from its launch on.
Cost PlayRun(const Worker::Terms& terms, std::unique_ptr<Engine> engine) {
  std::promise<absl::Status> ready;
  std::promise<int64_t> finished;
  IntervalExchange exchange([] {});
  // Both are called on the worker's thread.
  Worker worker(terms, std::move(engine), &exchange,
                {.ready = [&](size_t, const absl::Status& status) { ready.set_value(status); },
                 .finished = [&](size_t, int64_t) { finished.set_value(allocations); }});
  worker.Launch();
  EXPECT_TRUE(ready.get_future().get().ok());
  worker.Begin(MonotonicNowNs());
  Cost cost;
  cost.allocations = finished.get_future().get();
  worker.Join();
  for (auto& [index, interval] : exchange.TakeFull()) {
    ++cost.intervals;
    cost.answered += interval->measure.ledger().Count(Outcome::kOk);
  }
  return cost;
}

Worker::Terms ClosedLoop(uint64_t requests) {
  Worker::Terms terms;
  terms.dispatch = {.closed_loop = true,
                    .timeout_ns = 30 * kSecond,
                    .drain_ns = kSecond,
                    .warmup_ns = 0,
                    .by_count = true,
                    .requests = requests};
  terms.window = {0, Recorder::kUnbounded};
  terms.connections = 16;
  terms.requests = {{"GET / HTTP/1.1\r\nHost: target\r\n\r\n", false, "", {}}};
  return terms;
}

// For half a second. On one connection that a rate of thousands must share, so that many wait.
Worker::Terms OpenLoop(const LoadProfile& profile) {
  Worker::Terms terms = ClosedLoop(0);
  terms.dispatch.closed_loop = terms.dispatch.by_count = false;
  terms.window = {0, kSecond / 2};
  terms.profile = &profile;
  terms.beats = profile.beats();
  terms.connections = 1;
  return terms;
}

void ExpectNoneForARequest(const Cost& few, const Cost& many) {
  EXPECT_GE(many.answered, 9 * few.answered);
  EXPECT_GT(few.allocations, 0) << "nothing is counted";
  EXPECT_LE(many.allocations,
            few.allocations + (many.intervals - few.intervals + 1) * kAllocationsPerInterval);
}

constexpr char kResponse[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(HotPathAllocation, NoneForARequestOfAClosedLoop) {
  const Cost few = PlayRun(ClosedLoop(10'000), std::make_unique<CannedEngine>(kResponse));
  const Cost many = PlayRun(ClosedLoop(200'000), std::make_unique<CannedEngine>(kResponse));
  ExpectNoneForARequest(few, many);
}

TEST(HotPathAllocation, NoneForARequestThatWaits) {
  const auto profile_of = [](int64_t per_second) {
    const Rate rate = Rate::PerSecond(per_second);
    return *LoadProfile::Create({{rate, rate, kSecond / 2}});
  };
  const LoadProfile slow = profile_of(2'000);
  const LoadProfile fast = profile_of(40'000);
  const Cost few = PlayRun(OpenLoop(slow), std::make_unique<CannedEngine>(kResponse));
  const Cost many = PlayRun(OpenLoop(fast), std::make_unique<CannedEngine>(kResponse));
  ExpectNoneForARequest(few, many);
}

// A mix whose requests are rendered for each beat and whose answers are looked into.
TEST(HotPathAllocation, NoneForARequestOfAMixWithTemplates) {
  proto::RequestPlan plan;
  plan.set_name("create");
  plan.set_method("POST");
  plan.set_path("/users/{{seq}}/{{random 1 100}}");
  plan.set_templated_head(true);
  plan.set_body("{\"id\":\"{{uuid}}\",\"email\":\"{{users.email}}\"}");
  plan.set_templated_body(true);
  plan.set_expect_status(200);
  plan.set_expect_body_contains("hello");
  proto::Header& header = *plan.add_expect_headers();
  header.set_name("content-length");
  header.set_value("5");
  proto::FeedRows rows;
  rows.set_name("users");
  rows.add_columns("email");
  rows.set_total_rows(2);
  rows.add_values("ann@example.com");
  rows.add_values("bob.with.a.longer.name@example.com");
  const std::vector<FeedTable> feeds = {FeedTable(rows, 1)};
  const Mix mix({3, 1}, 1);
  const auto made =
      http::RequestTemplate::Create(plan, "target", {{{"users", {"email"}}}, {}}, {&rows}, 1);
  ASSERT_TRUE(made.ok()) << made.status();
  const auto run = [&](uint64_t requests) {
    Worker::Terms terms = ClosedLoop(requests);
    terms.dispatch.mix = &mix;
    terms.feeds = &feeds;
    terms.requests.push_back({"", false, "", AnswerCheck(plan, true),
                              std::make_shared<const http::RequestTemplate>(*made)});
    return PlayRun(terms, std::make_unique<CannedEngine>(kResponse));
  };
  ExpectNoneForARequest(run(10'000), run(200'000));
}

class HotPathAllocationTest : public testing::TestWithParam<proto::EngineChoice> {};

TEST_P(HotPathAllocationTest, NoneForARequestOverSockets) {
  if (!MakeEngine(GetParam()).ok()) GTEST_SKIP() << MakeEngine(GetParam()).status();
  ScriptedServer server([](uint64_t) { return ScriptedServer::Act::kAnswer; });
  const auto run = [&server](uint64_t requests) {
    Worker::Terms terms = ClosedLoop(requests);
    terms.target = server.endpoint();
    return PlayRun(terms, *MakeEngine(GetParam()));
  };
  const Cost few = run(1'000);
  const Cost many = run(20'000);
  server.Stop();
  ExpectNoneForARequest(few, many);
}

INSTANTIATE_TEST_SUITE_P(Engines, HotPathAllocationTest,
                         testing::Values(proto::ENGINE_CHOICE_EPOLL, proto::ENGINE_CHOICE_IO_URING),
                         [](const auto& choice) {
                           return choice.param == proto::ENGINE_CHOICE_EPOLL ? "Epoll" : "IoUring";
                         });

}  // namespace
}  // namespace drumline
