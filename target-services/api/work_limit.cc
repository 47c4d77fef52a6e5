#include "target-services/api/work_limit.h"

#include <utility>

namespace drumline::target {

// While anybody waits all slots are taken, for Leave hands a slot on without freeing it.
bool WorkLimit::Enter() {
  const std::lock_guard lock(mutex_);
  if (in_work_ >= config_.max_in_work) return false;
  ++in_work_;
  return true;
}

WorkLimit::Entry WorkLimit::EnterOrWait(TimePoint now, DeferredAnswer& answer) {
  const std::lock_guard lock(mutex_);
  if (in_work_ < config_.max_in_work) {
    ++in_work_;
    return Entry::kInWork;
  }
  if (waiting_.size() >= config_.max_waiting) return Entry::kRefused;
  waiting_.push_back({now + config_.max_wait, std::move(answer)});
  return Entry::kWaiting;
}

std::optional<DeferredAnswer> WorkLimit::Leave() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    --in_work_;
    return std::nullopt;
  }
  DeferredAnswer next = std::move(waiting_.front().answer);
  waiting_.pop_front();
  return next;
}

std::vector<DeferredAnswer> WorkLimit::Expire(TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::vector<DeferredAnswer> expired;
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    expired.push_back(std::move(waiting_.front().answer));
    waiting_.pop_front();
  }
  return expired;
}

std::optional<WorkLimit::TimePoint> WorkLimit::next_deadline() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return waiting_.front().deadline;
}

size_t WorkLimit::in_work() const {
  const std::lock_guard lock(mutex_);
  return in_work_;
}

}  // namespace drumline::target
