// Sends so many requests through a worker whose kernel is a CannedEngine, for counting what they
// cost:
//
//     valgrind --tool=callgrind --callgrind-out-file=out bazel-bin/tests/hot_path/hot_path 100000
//
// Usage: hot_path REQUESTS [CONNECTIONS]. Prints how many were answered.
#include <cstdint>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <string>

#include "agent/clock.h"
#include "agent/interval_exchange.h"
#include "agent/worker.h"
#include "tests/hot_path/canned_engine.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kBodyBytes = 2048;

std::string Response() {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(kBodyBytes) + "\r\nConnection: keep-alive\r\n\r\n" +
         std::string(kBodyBytes, 'x');
}

uint64_t Run(uint64_t requests, size_t connections) {
  Worker::Terms terms;
  terms.dispatch = {.closed_loop = true,
                    .timeout_ns = 60 * kSecond,
                    .drain_ns = kSecond,
                    .warmup_ns = 0,
                    .by_count = true,
                    .requests = requests};
  terms.window = {0, Recorder::kUnbounded};
  terms.connections = connections;
  terms.requests = {
      {"POST / HTTP/1.1\r\nHost: target\r\nContent-Length: 0\r\n\r\n", false, "", {}}};
  std::promise<void> ready;
  std::promise<void> finished;
  IntervalExchange exchange([] {});
  Worker worker(terms, std::make_unique<CannedEngine>(Response()), &exchange,
                {.ready = [&](size_t, const absl::Status&) { ready.set_value(); },
                 .finished = [&](size_t, int64_t) { finished.set_value(); }});
  worker.Launch();
  ready.get_future().wait();
  worker.Begin(MonotonicNowNs());
  finished.get_future().wait();
  worker.Join();
  uint64_t answered = 0;
  for (auto& [index, interval] : exchange.TakeFull()) {
    answered += interval->measure.ledger().Count(Outcome::kOk);
  }
  return answered;
}

}  // namespace
}  // namespace drumline

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: hot_path REQUESTS [CONNECTIONS]\n";
    return 2;
  }
  const uint64_t requests = std::strtoull(argv[1], nullptr, 10);
  const size_t connections = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 64;
  const uint64_t answered = drumline::Run(requests, connections);
  std::cout << answered << " answered\n";
  return answered == requests ? 0 : 1;
}
