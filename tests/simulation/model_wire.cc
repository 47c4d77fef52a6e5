#include "tests/simulation/model_wire.h"

#include <algorithm>
#include <utility>

namespace drumline {

ModelWire::ModelWire(size_t connections, size_t open, int64_t timeout_ns, Target target)
    : timeout_ns_(timeout_ns), target_(std::move(target)), connections_(connections) {
  for (size_t i = 0; i < connections; ++i) {
    if (i < open) {
      idle_.push_back(i);
    } else {
      Open(i, 0);
    }
  }
}

void ModelWire::Open(size_t connection, int64_t now_ns) {
  const Opening opening = target_.opening(now_ns);
  events_.push({now_ns + std::max<int64_t>(opening.after_ns, 1), order_++, connection,
                ++connections_[connection].life,
                opening.opens ? Event::Kind::kOpened : Event::Kind::kOpenFailed, Outcome::kOk,
                true});
}

int64_t ModelWire::NextEventNs() {
  // Events of a connection's earlier life never come to pass.
  while (!events_.empty() && events_.top().life != connections_[events_.top().connection].life) {
    events_.pop();
  }
  return events_.empty() ? kNever : events_.top().at_ns;
}

ModelWire::Event ModelWire::TakeEvent() {
  const Due due = events_.top();
  events_.pop();
  const Flight flight = connections_[due.connection].flight;
  const Event event{due.kind, due.outcome, flight, due.at_ns};
  switch (due.kind) {
    case Event::Kind::kOpened:
      idle_.push_back(due.connection);
      break;
    case Event::Kind::kOpenFailed:
      Open(due.connection, now_ns_);
      break;
    case Event::Kind::kAnswered:
    case Event::Kind::kBroken:
      busy_.remove(due.connection);
      if (OutcomeOf(due, flight) != Outcome::kTimeout) truth_.ends.push_back(now_ns_);
      NoteEnd(flight, OutcomeOf(due, flight), due.at_ns);
      if (due.reusable) {
        idle_.push_back(due.connection);
      } else {
        Open(due.connection, now_ns_);
      }
      break;
  }
  return event;
}

uint64_t ModelWire::Send(const Flight& flight) {
  const size_t connection = idle_.front();
  idle_.pop_front();
  busy_.push_back(connection);
  connections_[connection].flight = flight;
  truth_.sends.push_back(now_ns_);
  truth_.send_lag.Record(now_ns_ - flight.intended_ns);
  if (now_ns_ >= flight.intended_ns + timeout_ns_) ++truth_.sent_too_late;
  const Reply reply = target_.reply(now_ns_);
  if (reply.outcome.has_value()) {
    const bool answered = IsAnswered(*reply.outcome);
    events_.push({now_ns_ + std::max<int64_t>(reply.after_ns, 1), order_++, connection,
                  ++connections_[connection].life,
                  answered ? Event::Kind::kAnswered : Event::Kind::kBroken, *reply.outcome,
                  answered && reply.reusable});
  }
  return 100;
}

const Flight* ModelWire::Oldest() const {
  return busy_.empty() ? nullptr : &connections_[busy_.front()].flight;
}

void ModelWire::AbandonOldest() {
  const size_t connection = busy_.front();
  busy_.pop_front();
  const Flight& flight = connections_[connection].flight;
  NoteEnd(flight,
          now_ns_ >= flight.intended_ns + timeout_ns_ ? Outcome::kTimeout : Outcome::kCensored,
          now_ns_);
  Open(connection, now_ns_);
}

// An answer that came after its deadline is a timeout, although nobody had looked yet.
Outcome ModelWire::OutcomeOf(const Due& due, const Flight& flight) const {
  const bool late = due.at_ns >= flight.intended_ns + timeout_ns_;
  return due.kind == Event::Kind::kAnswered && late ? Outcome::kTimeout : due.outcome;
}

void ModelWire::NoteEnd(const Flight& flight, Outcome outcome, int64_t ended_ns) {
  ++truth_.outcomes[static_cast<size_t>(outcome)];
  if (!IsAnswered(outcome) && !IsLowerBound(outcome)) return;
  truth_.response_time.Record(ended_ns - flight.intended_ns);
  truth_.service_time.Record(ended_ns - flight.sent_ns);
}

}  // namespace drumline
