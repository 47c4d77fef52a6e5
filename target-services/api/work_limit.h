// How many requests may be in work at once, and which of those that wait gets the next slot.
//
//   WorkLimit limit(config);
//   if (!limit.Enter()) {
//     DeferredAnswer answer = writer.Defer();
//     switch (limit.EnterOrWait(now, answer)) ...   // kWaiting: call Expire in config.max_wait.
//   }
//   ... work ...
//   if (std::optional<DeferredAnswer> next = limit.Leave()) ... its work begins ...
//   for (DeferredAnswer& late : limit.Expire(now)) late.RespondError(503, "Server overloaded");
//
// A slot goes to whoever has waited longest, and nobody overtakes those who wait. All may wait
// equally long, so that the first in line is also the first to give up.
//
// Time is passed in. Threads: any; the lock is held for a few moves. Memory: max_waiting entries.
#ifndef TARGET_SERVICES_API_WORK_LIMIT_H_
#define TARGET_SERVICES_API_WORK_LIMIT_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "target-services/http_server/deferred_answer.h"

namespace drumline::target {

struct WorkConfig {
  // Requests in work at once.
  size_t max_in_work = 10'000;
  // How long a request waits for a slot before it is refused.
  std::chrono::nanoseconds max_wait = std::chrono::milliseconds(100);
  // Requests that wait at once; one more is refused without waiting.
  size_t max_waiting = 65'536;
};

class WorkLimit {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Entry { kInWork, kWaiting, kRefused };

  explicit WorkLimit(const WorkConfig& config) : config_(config) {}

  // Takes a slot, if one is free and nobody waits.
  bool Enter();
  // Takes a slot (one may have become free since Enter) or, if none is free, waits for one: only
  // then is `answer` taken.
  Entry EnterOrWait(TimePoint now, DeferredAnswer& answer);
  // Gives the slot up. What is returned has it now.
  std::optional<DeferredAnswer> Leave();
  // Those that have waited for max_wait; they wait no more.
  std::vector<DeferredAnswer> Expire(TimePoint now);

  // When the first in line gives up; none if nobody waits.
  std::optional<TimePoint> next_deadline() const;
  // Slots taken.
  size_t in_work() const;

 private:
  struct Waiting {
    TimePoint deadline;
    DeferredAnswer answer;
  };

  const WorkConfig config_;
  mutable std::mutex mutex_;
  size_t in_work_ = 0;
  std::deque<Waiting> waiting_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_API_WORK_LIMIT_H_
