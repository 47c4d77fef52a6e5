// How long to wait before the next attempt: doubled each time, up to a limit.
//
//   Backoff backoff(first, last);
//   timer.expires_after(backoff.Next());    // first, 2 first, 4 first, … last, last
//   backoff.Reset();                        // After a success.
#ifndef TARGET_SERVICES_USERS_BACKOFF_H_
#define TARGET_SERVICES_USERS_BACKOFF_H_

#include <algorithm>
#include <chrono>

namespace drumline::target {

class Backoff {
 public:
  using Duration = std::chrono::nanoseconds;

  // 0 < first ≤ last.
  Backoff(Duration first, Duration last) : first_(first), last_(last), next_(first) {}

  Duration Next() {
    const Duration wait = next_;
    next_ = next_ > last_ / 2 ? last_ : next_ * 2;
    return wait;
  }
  void Reset() { next_ = first_; }

 private:
  const Duration first_;
  const Duration last_;
  Duration next_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_USERS_BACKOFF_H_
