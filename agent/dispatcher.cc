#include "agent/dispatcher.h"

#include <algorithm>

namespace drumline {

Dispatcher::Dispatcher(const Terms& terms, Schedule* schedule, Recorder* recorder, Wire* wire)
    : terms_(terms),
      one_request_(terms.mix == nullptr && terms.flows.empty()),
      schedule_(schedule),
      recorder_(recorder),
      wire_(wire),
      next_position_(terms.lane.first),
      flows_(terms.flows),
      requests_left_(terms.requests) {
  FetchBeat();
}

void Dispatcher::FetchBeat() {
  const std::optional<int64_t> next = schedule_ != nullptr ? schedule_->Next() : std::nullopt;
  if (next.has_value()) next_position_ = schedule_->number();
  next_beat_ns_ = next.value_or(kNever);
  NoteNextStart();
}

void Dispatcher::NoteNextStart() { next_start_ns_ = std::min(next_beat_ns_, flows_.next_ns()); }

inline Dispatcher::Waiting Dispatcher::MakeWaiting(int64_t intended_ns, int64_t generator_lag_ns,
                                                   uint32_t request, uint64_t position,
                                                   uint32_t flow) const {
  const int64_t timeout_ns =
      terms_.timeouts_ns.empty() ? terms_.timeout_ns : terms_.timeouts_ns[request];
  return {.flight = {.intended_ns = intended_ns,
                     .kind = recorder_->KindOf(intended_ns),
                     .request = request,
                     .position = position,
                     .deadline_ns = intended_ns + timeout_ns,
                     .flow = flow},
          .generator_lag_ns = generator_lag_ns};
}

inline Dispatcher::Waiting Dispatcher::Take(int64_t intended_ns, int64_t generator_lag_ns) {
  const uint64_t position = next_position_;
  if (schedule_ == nullptr) next_position_ += terms_.lane.stride;
  uint32_t request = 0;
  uint32_t flow = FlowSteps::kNone;
  if (!one_request_) {
    const uint32_t choice = terms_.mix == nullptr ? 0 : terms_.mix->At(position);
    request = terms_.first.empty() ? choice : terms_.first[choice];
    if (flows_.any()) flow = flows_.Begin(position);
  }
  return MakeWaiting(intended_ns, generator_lag_ns, request, position, flow);
}

Dispatcher::Waiting Dispatcher::TakeDue(int64_t now_ns) {
  if (flows_.next_ns() < next_beat_ns_) {
    const FlowSteps::Step step = flows_.Take();
    NoteNextStart();
    return MakeWaiting(step.due_ns, now_ns - step.due_ns, step.request,
                       flows_.PositionOf(step.flow), step.flow);
  }
  const Waiting beat = Take(next_beat_ns_, now_ns - next_beat_ns_);
  FetchBeat();
  return beat;
}

void Dispatcher::SkipAfter(Recorder::Entry entry) {
  for (uint32_t left = flows_.StepsLeft(entry.request); left > 0; --left) {
    ++entry.request;
    recorder_->Skipped(entry);
  }
}

void Dispatcher::AdvanceFlow(Recorder::Entry entry, uint32_t flow, bool ok, int64_t ended_ns) {
  if (flow == FlowSteps::kNone) {
    SkipAfter(entry);
    return;
  }
  if (flows_.StepsLeft(entry.request) > 0) {
    const int64_t due_ns = ended_ns + flows_.ThinkAfter(entry.request);
    if (ok && drain_end_ns_ == kNever && due_ns < recorder_->window_end_ns()) {
      flows_.Continue(flow, entry.request + 1, due_ns);
      NoteNextStart();
      return;
    }
    SkipAfter(entry);
    // A user who would still be thinking when the window ends keeps the place: nobody begins anew
    // in it, or the window's end would see first steps alone.
    if (ok && drain_end_ns_ == kNever && terms_.closed_loop) return;
  }
  flows_.End(flow);
}

void Dispatcher::Adopt(Lane lane, int64_t from_ns) {
  if (finished_ || schedule_ == nullptr || drain_end_ns_ != kNever) return;
  schedule_->Adopt(lane, from_ns,
                   next_beat_ns_ == kNever ? std::nullopt : std::optional(next_beat_ns_));
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
  Waiting request = TakeDue(now_ns);
  recorder_->Due(request.flight.entry());
  // Those who wait already come first.
  if (waiting_.empty() && wire_->HasIdle() && now_ns < request.flight.deadline_ns &&
      HasLease(now_ns)) {
    Send(request, now_ns);
  } else {
    waiting_.push_back(request);
    UseIdle(now_ns);
  }
}

void Dispatcher::Send(Waiting& request, int64_t now_ns) {
  Flight& flight = request.flight;
  flight.sent_ns = now_ns;
  if (flight.flow != FlowSteps::kNone) flight.taken = flows_.TakenOf(flight.flow);
  const uint64_t bytes = wire_->Send(flight);
  recorder_->Sent(flight.entry(), request.generator_lag_ns, now_ns - flight.intended_ns, bytes);
}

void Dispatcher::SendClosedLoop(int64_t now_ns) {
  while (wire_->HasIdle() && WindowOpen(now_ns) &&
         (!flows_.any() || flows_.under_way() < terms_.users)) {
    Waiting request = Take(now_ns, 0);
    if (terms_.by_count && request.flight.kind == Recorder::Kind::kMeasured) --requests_left_;
    recorder_->Due(request.flight.entry());
    Send(request, now_ns);
  }
}

void Dispatcher::SendWaiting(int64_t now_ns) {
  // A loop that comes late may find the connection and the deadline at the same turn: a request
  // whose deadline has passed is not sent any more.
  ExpireWaiting(now_ns);
  while (!waiting_.empty() && wire_->HasIdle()) {
    Waiting request = waiting_.front();
    waiting_.pop_front();
    Send(request, now_ns);
    // Behind it may wait one with a shorter timeout.
    ExpireWaiting(now_ns);
  }
}

void Dispatcher::Answered(const Flight& flight, Outcome outcome, int64_t received_ns,
                          int64_t now_ns, uint64_t bytes) {
  recorder_->AdvanceTo(now_ns);
  // The two clocks behind the instants agree to some hundred nanoseconds.
  const int64_t ended_ns = std::max(flight.sent_ns, std::min(received_ns, now_ns));
  const int64_t response_time_ns = ended_ns - flight.intended_ns;
  const int64_t service_time_ns = ended_ns - flight.sent_ns;
  const bool in_time = ended_ns < flight.deadline_ns;
  if (in_time) {
    recorder_->Answered(flight.entry(), outcome, response_time_ns, service_time_ns, bytes);
  } else {
    recorder_->Unanswered(flight.entry(), Outcome::kTimeout, response_time_ns, service_time_ns);
  }
  Advance(flight, in_time && outcome == Outcome::kOk, ended_ns);
  UseIdle(now_ns);
  FinishIfDone(now_ns);
}

void Dispatcher::Broken(const Flight& flight, Outcome outcome, int64_t now_ns) {
  recorder_->AdvanceTo(now_ns);
  recorder_->Broken(flight.entry(), outcome);
  Advance(flight, false, now_ns);
  UseIdle(now_ns);
  FinishIfDone(now_ns);
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
    const Flight flight = Take(now_ns, 0).flight;
    if (terms_.by_count && flight.kind == Recorder::Kind::kMeasured) --requests_left_;
    recorder_->Due(flight.entry());
    recorder_->Refused(flight.entry());
    Advance(flight, false, now_ns);
  }
  ExpireWaiting(now_ns);
  for (; !waiting_.empty(); waiting_.pop_front()) {
    recorder_->Refused(waiting_.front().flight.entry());
    Advance(waiting_.front().flight, false, now_ns);
  }
  FinishIfDone(now_ns);
}

// Who has waited the longest is not sent any more.
void Dispatcher::GiveUpWaiting(int64_t now_ns) {
  const Flight given_up = waiting_.front().flight;
  waiting_.pop_front();
  recorder_->Unsent(given_up.entry(), now_ns - given_up.intended_ns);
  Advance(given_up, false, now_ns);
}

// The oldest in flight, which has no answer.
void Dispatcher::GiveUp(const Flight& oldest, Outcome outcome, int64_t now_ns) {
  recorder_->Unanswered(oldest.entry(), outcome, now_ns - oldest.intended_ns,
                        now_ns - oldest.sent_ns);
  Advance(oldest, false, now_ns);
  wire_->AbandonOldest();
}

void Dispatcher::ExpireWaiting(int64_t now_ns) {
  while (!waiting_.empty() && waiting_.front().flight.deadline_ns <= now_ns) {
    GiveUpWaiting(now_ns);
  }
}

void Dispatcher::ExpireInFlight(int64_t now_ns, int64_t delivered_ns) {
  for (const Flight* oldest = wire_->Oldest();
       oldest != nullptr && oldest->deadline_ns <= delivered_ns; oldest = wire_->Oldest()) {
    GiveUp(*oldest, Outcome::kTimeout, now_ns);
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
  if (held_back_) UseIdle(now_ns);
  if (drain_end_ns_ == kNever && now_ns >= window_end_ns && next_start_ns_ == kNever) {
    drain_end_ns_ = std::max(window_end_ns + terms_.drain_ns, now_ns);
  }
  FinishIfDone(now_ns);
  if (!finished_ && delivered_ns >= drain_end_ns_) Cut(now_ns);
}

void Dispatcher::CloseWindow(int64_t now_ns, int64_t drain_ns) {
  recorder_->EndWindow(now_ns);
  while (flows_.next_ns() != kNever) {
    const FlowSteps::Step step = flows_.Take();
    const Recorder::Entry entry{recorder_->KindOf(std::min(step.due_ns, now_ns)), step.request};
    recorder_->Skipped(entry);
    SkipAfter(entry);
    flows_.End(step.flow);
  }
  next_beat_ns_ = next_start_ns_ = kNever;
  drain_end_ns_ = now_ns + drain_ns;
}

void Dispatcher::Stop(int64_t now_ns, int64_t drain_ns) {
  if (finished_) return;
  recorder_->AdvanceTo(now_ns);
  if (drain_end_ns_ == kNever) {
    // Beats that came due before the stop count, even if nobody has turned to them yet; whether
    // they are still sent is the drain's affair.
    while (next_start_ns_ <= now_ns) {
      const Waiting request = TakeDue(now_ns);
      recorder_->Due(request.flight.entry());
      waiting_.push_back(request);
    }
    CloseWindow(now_ns, drain_ns);
    if (drain_ns > 0) UseIdle(now_ns);
  } else {
    drain_end_ns_ = std::min(drain_end_ns_, now_ns + drain_ns);
  }
  FinishIfDone(now_ns);
}

void Dispatcher::FinishIfNothingIsOpen(int64_t now_ns) {
  if (finished_ || !waiting_.empty() || wire_->Oldest() != nullptr) return;
  if (drain_end_ns_ == kNever) {
    if (flows_.under_way() > 0) return;
    CloseWindow(now_ns, 0);
  }
  recorder_->Finish(now_ns);
  finished_ = true;
}

// The drain is over: what is still open ends here.
void Dispatcher::Cut(int64_t now_ns) {
  ExpireWaiting(now_ns);
  while (!waiting_.empty()) GiveUpWaiting(now_ns);
  // A late loop may find the drain over and a deadline passed at the same turn.
  ExpireInFlight(now_ns, now_ns);
  while (const Flight* oldest = wire_->Oldest()) {
    GiveUp(*oldest, Outcome::kCensored, now_ns);
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
    wake_ns = std::min(wake_ns, waiting_.front().flight.deadline_ns);
  }
  if (const Flight* oldest = wire_->Oldest()) {
    wake_ns = std::min(wake_ns, oldest->deadline_ns);
  }
  return wake_ns;
}

}  // namespace drumline
