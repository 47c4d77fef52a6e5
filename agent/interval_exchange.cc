#include "agent/interval_exchange.h"

namespace drumline {

std::unique_ptr<WorkerInterval> IntervalExchange::Swap(size_t worker,
                                                       std::unique_ptr<WorkerInterval> full) {
  std::unique_ptr<WorkerInterval> empty;
  {
    const std::lock_guard lock(mutex_);
    full_.emplace_back(worker, std::move(full));
    if (!empty_.empty()) {
      empty = std::move(empty_.back());
      empty_.pop_back();
    }
  }
  wake_();
  // Only until as many are in circulation as are ever needed at once.
  return empty != nullptr ? std::move(empty) : std::make_unique<WorkerInterval>();
}

std::vector<IntervalExchange::Full> IntervalExchange::TakeFull() {
  const std::lock_guard lock(mutex_);
  return std::exchange(full_, {});
}

void IntervalExchange::Return(std::unique_ptr<WorkerInterval> used) {
  used->Clear();
  const std::lock_guard lock(mutex_);
  empty_.push_back(std::move(used));
}

}  // namespace drumline
