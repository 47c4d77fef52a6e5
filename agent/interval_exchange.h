// IntervalExchange: where workers leave full intervals and find empty ones.
//
//     IntervalExchange exchange(/*wake=*/[&] { … });
//     std::unique_ptr<WorkerInterval> empty = exchange.Swap(worker, std::move(full));   // worker
//     for (auto& [worker, interval] : exchange.TakeFull()) { … exchange.Return(…); }    //
//     collector
//
// A worker comes here once a second and holds the lock for the length of two pointer moves. Safe
// from any thread.
#ifndef AGENT_INTERVAL_EXCHANGE_H_
#define AGENT_INTERVAL_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "agent/recorder.h"

namespace drumline {

class IntervalExchange {
 public:
  using Full = std::pair<size_t, std::unique_ptr<WorkerInterval>>;

  // [wake] is called, on the worker's thread, each time something was left; it must not block.
  explicit IntervalExchange(std::function<void()> wake) : wake_(std::move(wake)) {}

  std::unique_ptr<WorkerInterval> Swap(size_t worker, std::unique_ptr<WorkerInterval> full);
  // All that was left, in the order in which it was.
  std::vector<Full> TakeFull();
  // Gives an interval back for use; it is cleared here, not on a worker's thread.
  void Return(std::unique_ptr<WorkerInterval> used);

 private:
  const std::function<void()> wake_;
  // Guards what follows. The standard one, which thread sanitizer understands; the distribution's
  // absl::Mutex is not instrumented.
  std::mutex mutex_;
  std::vector<Full> full_;
  std::vector<std::unique_ptr<WorkerInterval>> empty_;
};

}  // namespace drumline

#endif  // AGENT_INTERVAL_EXCHANGE_H_
