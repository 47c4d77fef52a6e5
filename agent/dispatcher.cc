#include "agent/dispatcher.h"

#include <algorithm>

namespace drumline {

Dispatcher::Dispatcher(const Terms& terms, Schedule* schedule, Recorder* recorder, Wire* wire)
    : terms_(terms),
      schedule_(schedule),
      recorder_(recorder),
      wire_(wire),
      requests_left_(terms.requests) {
  FetchBeat();
}

void Dispatcher::FetchBeat() {
  const std::optional<int64_t> next = schedule_ != nullptr ? schedule_->Next() : std::nullopt;
  next_start_ns_ = next.value_or(kNever);
}

void Dispatcher::Adopt(Lane lane, int64_t from_ns) {
  if (finished_ || schedule_ == nullptr || drain_end_ns_ != kNever) return;
  schedule_->Adopt(lane, from_ns,
                   next_start_ns_ == kNever ? std::nullopt : std::optional(next_start_ns_));
  FetchBeat();
}

void Dispatcher::Begin(int64_t now_ns) {
  recorder_->Begin();
  AdvanceTo(now_ns, now_ns);
  UseIdle(now_ns);
}

void Dispatcher::Beat(int64_t now_ns) {
  // A turn with many beats may take longer than what is left of the second.
  recorder_->AdvanceTo(now_ns);
  const Waiting request{next_start_ns_, now_ns - next_start_ns_, recorder_->KindOf(next_start_ns_)};
  FetchBeat();
  recorder_->Due(request.kind);
  // Those who wait already come first.
  if (waiting_.empty() && wire_->HasIdle() && now_ns < request.intended_ns + terms_.timeout_ns) {
    Send(request, now_ns);
  } else {
    waiting_.push_back(request);
    UseIdle(now_ns);
  }
}

void Dispatcher::Send(const Waiting& request, int64_t now_ns) {
  const uint64_t bytes = wire_->Send({request.intended_ns, now_ns, request.kind});
  recorder_->Sent(request.kind, request.generator_lag_ns, now_ns - request.intended_ns, bytes);
}

bool Dispatcher::WindowOpen(int64_t now_ns) const {
  if (drain_end_ns_ != kNever || now_ns >= recorder_->window_end_ns()) return false;
  return !terms_.by_count || now_ns < terms_.warmup_ns || requests_left_ > 0;
}

void Dispatcher::SendClosedLoop(int64_t now_ns) {
  while (WindowOpen(now_ns) && wire_->HasIdle()) {
    const Waiting request{now_ns, 0, recorder_->KindOf(now_ns)};
    if (terms_.by_count && request.kind == Recorder::Kind::kMeasured) --requests_left_;
    recorder_->Due(request.kind);
    Send(request, now_ns);
  }
}

// A connection is idle: whoever has waited the longest gets it.
void Dispatcher::UseIdle(int64_t now_ns) {
  if (terms_.closed_loop) {
    SendClosedLoop(now_ns);
    return;
  }
  // A loop that comes late may find the connection and the deadline at the same turn: a request
  // whose deadline has passed is not sent any more.
  ExpireWaiting(now_ns);
  while (!waiting_.empty() && wire_->HasIdle()) {
    const Waiting request = waiting_.front();
    waiting_.pop_front();
    Send(request, now_ns);
  }
}

void Dispatcher::Answered(const Flight& flight, Outcome outcome, int64_t received_ns,
                          int64_t now_ns, uint64_t bytes) {
  recorder_->AdvanceTo(now_ns);
  // The two clocks behind the instants agree to some hundred nanoseconds.
  const int64_t ended_ns =
      std::clamp(received_ns, flight.sent_ns, std::max(now_ns, flight.sent_ns));
  const int64_t response_time_ns = ended_ns - flight.intended_ns;
  const int64_t service_time_ns = ended_ns - flight.sent_ns;
  if (response_time_ns < terms_.timeout_ns) {
    recorder_->Answered(flight.kind, outcome, response_time_ns, service_time_ns, bytes);
  } else {
    recorder_->Unanswered(flight.kind, Outcome::kTimeout, response_time_ns, service_time_ns);
  }
  UseIdle(now_ns);
  FinishIfNothingIsOpen(now_ns);
}

void Dispatcher::Broken(const Flight& flight, Outcome outcome, int64_t now_ns) {
  recorder_->AdvanceTo(now_ns);
  recorder_->Broken(flight.kind, outcome);
  UseIdle(now_ns);
  FinishIfNothingIsOpen(now_ns);
}

void Dispatcher::Opened(int64_t now_ns) {
  if (finished_) return;
  recorder_->AdvanceTo(now_ns);
  UseIdle(now_ns);
}

void Dispatcher::Refused(int64_t now_ns) {
  if (finished_) return;
  recorder_->AdvanceTo(now_ns);
  if (terms_.closed_loop && WindowOpen(now_ns)) {
    // What would have been sent now; one at a time, as fast as connections are tried.
    const Recorder::Kind kind = recorder_->KindOf(now_ns);
    if (terms_.by_count && kind == Recorder::Kind::kMeasured) --requests_left_;
    recorder_->Due(kind);
    recorder_->Refused(kind);
  }
  ExpireWaiting(now_ns);
  for (; !waiting_.empty(); waiting_.pop_front()) recorder_->Refused(waiting_.front().kind);
  FinishIfNothingIsOpen(now_ns);
}

void Dispatcher::ExpireWaiting(int64_t now_ns) {
  while (!waiting_.empty() && waiting_.front().intended_ns + terms_.timeout_ns <= now_ns) {
    recorder_->Unsent(waiting_.front().kind, now_ns - waiting_.front().intended_ns);
    waiting_.pop_front();
  }
}

// Requests are sent in the order of their intended starts, so that the oldest has the first
// deadline.
void Dispatcher::ExpireInFlight(int64_t now_ns, int64_t delivered_ns) {
  for (const Flight* oldest = wire_->Oldest();
       oldest != nullptr && oldest->intended_ns + terms_.timeout_ns <= delivered_ns;
       oldest = wire_->Oldest()) {
    recorder_->Unanswered(oldest->kind, Outcome::kTimeout, now_ns - oldest->intended_ns,
                          now_ns - oldest->sent_ns);
    wire_->AbandonOldest();
  }
}

void Dispatcher::AdvanceTo(int64_t now_ns, int64_t delivered_ns) {
  if (finished_) return;
  // Beats of the window that nobody has turned to yet are still to come, late as they are: the
  // window closes only after them.
  const int64_t window_end_ns = recorder_->window_end_ns();
  recorder_->AdvanceTo(now_ns);
  ExpireWaiting(now_ns);
  ExpireInFlight(now_ns, delivered_ns);
  if (drain_end_ns_ == kNever && now_ns >= window_end_ns && next_start_ns_ == kNever) {
    drain_end_ns_ = std::max(window_end_ns + terms_.drain_ns, now_ns);
  }
  FinishIfNothingIsOpen(now_ns);
  if (!finished_ && delivered_ns >= drain_end_ns_) Cut(now_ns);
}

void Dispatcher::CloseWindow(int64_t now_ns, int64_t drain_ns) {
  recorder_->EndWindow(now_ns);
  next_start_ns_ = kNever;
  drain_end_ns_ = now_ns + drain_ns;
}

void Dispatcher::Stop(int64_t now_ns, int64_t drain_ns) {
  if (finished_) return;
  recorder_->AdvanceTo(now_ns);
  if (drain_end_ns_ == kNever) {
    // Beats that came due before the stop count, even if nobody has turned to them yet; whether
    // they are still sent is the drain's affair.
    for (; next_start_ns_ <= now_ns; FetchBeat()) {
      const Waiting request{next_start_ns_, now_ns - next_start_ns_,
                            recorder_->KindOf(next_start_ns_)};
      recorder_->Due(request.kind);
      waiting_.push_back(request);
    }
    CloseWindow(now_ns, drain_ns);
    if (drain_ns > 0) UseIdle(now_ns);
  } else {
    drain_end_ns_ = std::min(drain_end_ns_, now_ns + drain_ns);
  }
  FinishIfNothingIsOpen(now_ns);
}

void Dispatcher::FinishIfNothingIsOpen(int64_t now_ns) {
  if (finished_ || !waiting_.empty() || wire_->Oldest() != nullptr) return;
  if (terms_.by_count && drain_end_ns_ == kNever && !WindowOpen(now_ns)) CloseWindow(now_ns, 0);
  if (drain_end_ns_ == kNever) return;
  recorder_->Finish(now_ns);
  finished_ = true;
}

// The drain is over: what is still open ends here.
void Dispatcher::Cut(int64_t now_ns) {
  ExpireWaiting(now_ns);
  for (; !waiting_.empty(); waiting_.pop_front()) {
    recorder_->Unsent(waiting_.front().kind, now_ns - waiting_.front().intended_ns);
  }
  // A late loop may find the drain over and a deadline passed at the same turn.
  ExpireInFlight(now_ns, now_ns);
  while (const Flight* oldest = wire_->Oldest()) {
    recorder_->Unanswered(oldest->kind, Outcome::kCensored, now_ns - oldest->intended_ns,
                          now_ns - oldest->sent_ns);
    wire_->AbandonOldest();
  }
  recorder_->Finish(now_ns);
  finished_ = true;
}

int64_t Dispatcher::WakeAt(int64_t now_ns) const {
  int64_t wake_ns =
      std::min({now_ns + kMaxSleepNs, next_start_ns_, recorder_->boundary_ns(), drain_end_ns_});
  // After the last beat, should it have come later than the window's end.
  if (next_start_ns_ == kNever && drain_end_ns_ == kNever) {
    wake_ns = std::min(wake_ns, recorder_->window_end_ns());
  }
  if (!waiting_.empty()) {
    wake_ns = std::min(wake_ns, waiting_.front().intended_ns + terms_.timeout_ns);
  }
  if (const Flight* oldest = wire_->Oldest()) {
    wake_ns = std::min(wake_ns, oldest->intended_ns + terms_.timeout_ns);
  }
  return wake_ns;
}

}  // namespace drumline
