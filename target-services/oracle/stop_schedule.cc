#include "target-services/oracle/stop_schedule.h"

#include <algorithm>

namespace drumline::target {

int64_t StopSchedule::AfterPause(int64_t since_ns) const {
  if (terms_.pause_ns == 0 || since_ns < terms_.every_ns) return since_ns;
  const int64_t begin_ns = since_ns / terms_.every_ns * terms_.every_ns;
  return std::max(since_ns, begin_ns + terms_.pause_ns);
}

int64_t StopSchedule::AfterSingle(int64_t since_ns) const {
  const int64_t end_ns = terms_.stop_at_ns + terms_.stop_for_ns;
  return since_ns >= terms_.stop_at_ns && since_ns < end_ns ? end_ns : since_ns;
}

int64_t StopSchedule::ClearFrom(int64_t at_ns) const {
  if (!origin_ns_.has_value()) return at_ns;
  int64_t since_ns = at_ns - *origin_ns_;
  // The single stop can end in a pause, and a pause in the single stop, each once.
  for (int64_t before_ns = since_ns - 1; before_ns != since_ns;) {
    before_ns = since_ns;
    since_ns = AfterSingle(AfterPause(since_ns));
  }
  return *origin_ns_ + since_ns;
}

StopSchedule::Stop StopSchedule::NextStop(int64_t at_ns) const {
  if (!origin_ns_.has_value()) return {};
  const int64_t since_ns = at_ns - *origin_ns_;
  int64_t begin_ns = kNever;
  if (terms_.pause_ns > 0) {
    const int64_t number = std::max<int64_t>(1, since_ns / terms_.every_ns);
    const int64_t pause_ns = number * terms_.every_ns;
    begin_ns = since_ns < pause_ns + terms_.pause_ns ? pause_ns : pause_ns + terms_.every_ns;
  }
  if (terms_.stop_for_ns > 0 && since_ns < terms_.stop_at_ns + terms_.stop_for_ns) {
    begin_ns = std::min(begin_ns, terms_.stop_at_ns);
  }
  if (begin_ns == kNever) return {};
  begin_ns += *origin_ns_;
  return {begin_ns, ClearFrom(begin_ns)};
}

}  // namespace drumline::target
