// When the oracle stands still: at known instants after its first request.
//
//   StopSchedule stops({.pause_ns = 200'000'000, .every_ns = 2'000'000'000});
//   stops.Begin(first_request_ns);
//   stops.ClearFrom(due_ns);       // the first instant from due_ns on that lies in no stop
//   stops.NextStop(now_ns);        // the one that is, or the next one
//
// The k-th periodic stop is [k every, k every + pause), k = 1, 2, …; one more may be asked for. An
// end belongs to no stop. Instants are of one clock, whichever; before Begin there are no stops.
//
// Nothing is read or answered in a stop, so an answer that is due in one is given at its end: a
// request of instant t with the delay D has the response time ClearFrom(t + D) − t. Pure.
#ifndef TARGET_SERVICES_ORACLE_STOP_SCHEDULE_H_
#define TARGET_SERVICES_ORACLE_STOP_SCHEDULE_H_

#include <cstdint>
#include <limits>
#include <optional>

namespace drumline::target {

class StopSchedule {
 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  struct Terms {
    // 0: no periodic stops. Shorter than every_ns.
    int64_t pause_ns = 0;
    int64_t every_ns = 0;
    // A single stop; none if stop_for_ns is 0.
    int64_t stop_at_ns = 0;
    int64_t stop_for_ns = 0;
  };

  struct Stop {
    int64_t begin_ns = kNever;
    // Where the oracle goes on: overlapping stops are one.
    int64_t end_ns = kNever;
  };

  explicit StopSchedule(const Terms& terms) : terms_(terms) {}

  // The first request came.
  void Begin(int64_t origin_ns) { origin_ns_ = origin_ns; }
  bool begun() const { return origin_ns_.has_value(); }
  // No stops from now on.
  void Cancel() { terms_ = {}; }

  int64_t ClearFrom(int64_t at_ns) const;
  // The stop that at_ns lies in, from its beginning, or the next one; begin_ns is kNever if there
  // is none any more.
  Stop NextStop(int64_t at_ns) const;

 private:
  // The end of the stop of one kind that covers the instant (from the origin); the instant itself
  // if none does.
  int64_t AfterPause(int64_t since_ns) const;
  int64_t AfterSingle(int64_t since_ns) const;

  Terms terms_;
  std::optional<int64_t> origin_ns_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_ORACLE_STOP_SCHEDULE_H_
