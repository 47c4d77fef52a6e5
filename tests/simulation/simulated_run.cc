#include "tests/simulation/simulated_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

absl::Status Wrong(const std::string& what) { return absl::InternalError(what); }

uint64_t BeatsOf(const SimulatedRun::Terms& terms) {
  return Schedule::CountBeats(*terms.profile, terms.arrivals, terms.seed);
}

// Events are recorded in the order in which they happen: the first [count] of them belong to the
// first interval, and so on.
absl::Status CheckPlace(const std::string& what, const std::vector<int64_t>& instants,
                        size_t* position, uint64_t count, int64_t begin_ns, int64_t end_ns) {
  for (const size_t end = *position + count; *position < end; ++*position) {
    if (*position >= instants.size()) return Wrong("more " + what + " recorded than there were");
    const int64_t at_ns = instants[*position];
    if (at_ns < begin_ns || at_ns > end_ns) {
      return Wrong(absl::StrCat(what, " of ", at_ns, " ns recorded in the interval from ", begin_ns,
                                " to ", end_ns));
    }
  }
  return absl::OkStatus();
}

}  // namespace

SimulatedRun::SimulatedRun(const Terms& terms)
    : terms_(terms),
      wire_(terms.connections, terms.open_at_start, terms.dispatch.timeout_ns, terms.target),
      recorder_(
          terms.window,
          [this] {
            return Recorder::Gauges{now_ns_, 0, 0};
          },
          [this](std::unique_ptr<WorkerInterval> full) { return Exchange(std::move(full)); }),
      dispatcher_(terms.dispatch,
                  terms.profile == nullptr
                      ? nullptr
                      : &schedule_.emplace(*terms.profile, terms.arrivals, terms.seed,
                                           BeatsOf(terms), terms.lane),
                  &recorder_, &wire_) {}

void SimulatedRun::Pass(int64_t ns) {
  now_ns_ += ns;
  wire_.set_now(now_ns_);
}

absl::Status SimulatedRun::Play() {
  Pass(terms_.begin_late_ns);
  latest_ns_ = terms_.begin_late_ns;
  dispatcher_.Begin(now_ns_);
  for (uint64_t turns = 0; !dispatcher_.finished(); ++turns) {
    if (turns == kMostTurns) return Wrong("the run does not end");
    Turn();
    if (!status_.ok()) return status_;
  }
  status_.Update(CheckEnd());
  status_.Update(CheckOutcomes());
  status_.Update(CheckPlaces());
  status_.Update(CheckPhases());
  return status_;
}

bool SimulatedRun::StopIsDue() const {
  return terms_.stop.has_value() && !stopped_ns_.has_value() && now_ns_ >= terms_.stop->at_ns;
}

// Sleeps until something is due, and deals with it as Worker does: what came from the network
// first (after a blind sleep the beats that are due), each with the instant at which it is really
// dealt with, then what time brings about.
void SimulatedRun::Turn() {
  const int64_t wake_ns = dispatcher_.WakeAt(now_ns_);
  const bool blind = terms_.blind && !terms_.dispatch.closed_loop && wire_.HasIdle();
  int64_t until_ns = blind ? wake_ns : std::min(wake_ns, wire_.NextEventNs());
  if (terms_.stop.has_value() && !stopped_ns_.has_value()) {
    until_ns = std::min(until_ns, terms_.stop->at_ns);
  }
  const int64_t planned_ns = std::max(now_ns_, until_ns);
  Pass(planned_ns - now_ns_ + terms_.hiccup());
  if (StopIsDue()) {
    stopped_ns_ = now_ns_;
    dispatcher_.Stop(now_ns_, terms_.stop->drain_ns);
    Pass(terms_.call_ns);
  }
  if (blind && !dispatcher_.finished()) TurnToBeats();
  const int64_t delivered_ns = now_ns_;
  while (!dispatcher_.finished() && wire_.NextEventNs() <= now_ns_) {
    DealWith(wire_.TakeEvent());
    Pass(terms_.call_ns);
  }
  if (!dispatcher_.finished() && now_ns_ >= wake_ns) {
    dispatcher_.AdvanceTo(now_ns_, delivered_ns);
    Pass(terms_.call_ns);
    TurnToBeats();
  }
  if (terms_.dispatch.closed_loop && !terms_.dispatch.by_count && !stopped_ns_.has_value() &&
      now_ns_ < recorder_.window_end_ns() && wire_.HasIdle()) {
    idle_in_closed_loop_ = true;
  }
  latest_ns_ = std::max(latest_ns_, now_ns_ - planned_ns);
}

void SimulatedRun::TurnToBeats() {
  while (dispatcher_.next_start_ns() <= now_ns_) {
    beats_.push_back(now_ns_);
    dispatcher_.Beat(now_ns_);
    Pass(terms_.call_ns);
  }
}

void SimulatedRun::DealWith(const ModelWire::Event& event) {
  switch (event.kind) {
    case ModelWire::Event::Kind::kAnswered:
      dispatcher_.Answered(event.flight, event.outcome, event.at_ns, now_ns_, 200);
      Pass(terms_.call_ns);
      TurnToBeats();
      return;
    case ModelWire::Event::Kind::kBroken:
      dispatcher_.Broken(event.flight, event.outcome, now_ns_);
      return;
    case ModelWire::Event::Kind::kOpened:
      dispatcher_.Opened(now_ns_);
      return;
    case ModelWire::Event::Kind::kOpenFailed:
      if (wire_.open() == 0) dispatcher_.Refused(now_ns_);
      return;
  }
}

std::unique_ptr<WorkerInterval> SimulatedRun::Exchange(std::unique_ptr<WorkerInterval> full) {
  status_.Update(CheckInterval(*full));
  status_.Update(full->warmup.CheckBalance());
  status_.Update(full->measure.CheckBalance());
  status_.Update(warmup_.Append(full->warmup));
  status_.Update(measure_.Append(full->measure));
  Closed closed{full->begin_ns, full->end_ns, full->phase, full->last, 0, 0, 0};
  for (const Book* book : {&full->warmup, &full->measure}) {
    const Ledger& ledger = book->ledger();
    closed.scheduled += ledger.scheduled();
    closed.sent += ledger.sent() - ledger.Count(Outcome::kRefused);
    closed.ended +=
        ledger.Answered() + ledger.Count(Outcome::kReset) + ledger.Count(Outcome::kProtocolError);
  }
  closed_.push_back(closed);
  full->Clear();
  return full;
}

absl::Status SimulatedRun::CheckInterval(const WorkerInterval& interval) const {
  if (interval.number != closed_.size() + 1) {
    return Wrong(absl::StrCat("interval ", interval.number, " after ", closed_.size()));
  }
  const int64_t expected_ns = closed_.empty() ? 0 : closed_.back().end_ns;
  if (interval.begin_ns != expected_ns || interval.end_ns < interval.begin_ns) {
    return Wrong(absl::StrCat("interval ", interval.number, " is from ", interval.begin_ns, " to ",
                              interval.end_ns, "; the one before ends at ", expected_ns));
  }
  const int64_t next_second =
      (interval.begin_ns / Recorder::kIntervalNs + 1) * Recorder::kIntervalNs;
  if (interval.end_ns > next_second) {
    return Wrong(absl::StrCat("interval ", interval.number, " goes on beyond a whole second, to ",
                              interval.end_ns));
  }
  if (!closed_.empty() && closed_.back().last) return Wrong("an interval after the last one");
  return absl::OkStatus();
}

absl::Status SimulatedRun::CheckEnd() const {
  absl::Status status = warmup_.CheckBalance();
  status.Update(measure_.CheckBalance());
  status.Update(warmup_.ledger().CheckClosed());
  status.Update(measure_.ledger().CheckClosed());
  if (closed_.empty() || !closed_.back().last) status.Update(Wrong("there is no last interval"));
  if (wire_.Oldest() != nullptr) status.Update(Wrong("a request was left in flight"));
  if (idle_in_closed_loop_) status.Update(Wrong("a connection of a closed loop was idle"));
  const uint64_t scheduled = warmup_.ledger().scheduled() + measure_.ledger().scheduled();
  if (schedule_.has_value()) {
    Schedule again(*terms_.profile, terms_.arrivals, terms_.seed, BeatsOf(terms_), terms_.lane);
    uint64_t expected = 0;
    while (const std::optional<int64_t> start_ns = again.Next()) {
      if (!stopped_ns_.has_value() || *start_ns <= *stopped_ns_) ++expected;
    }
    if (scheduled != expected) {
      status.Update(Wrong(absl::StrCat(scheduled, " scheduled; the schedule has ", expected)));
    }
  } else if (terms_.dispatch.by_count && !stopped_ns_.has_value() &&
             measure_.ledger().scheduled() != terms_.dispatch.requests) {
    status.Update(Wrong(absl::StrCat(measure_.ledger().scheduled(), " requests instead of ",
                                     terms_.dispatch.requests)));
  }
  // The run ends with the drain, or as soon afterwards as the loop looked.
  const int64_t window_end_ns = recorder_.window_end_ns();
  const int64_t drain_ns = stopped_ns_.has_value()
                               ? std::max(terms_.stop->drain_ns, terms_.dispatch.drain_ns)
                               : terms_.dispatch.drain_ns;
  if (now_ns_ > window_end_ns + drain_ns + 2 * latest_ns_ && !terms_.dispatch.by_count) {
    status.Update(
        Wrong(absl::StrCat("the run ended at ", now_ns_, "; the window at ", window_end_ns,
                           ", the drain is ", drain_ns, ", the loop was late by ", latest_ns_)));
  }
  return status;
}

uint64_t SimulatedRun::Total(Outcome outcome) const {
  return warmup_.ledger().Count(outcome) + measure_.ledger().Count(outcome);
}

// The books against what the wire saw.
absl::Status SimulatedRun::CheckOutcomes() const {
  const ModelWire::Truth& truth = wire_.truth();
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    if (outcome == Outcome::kUnsent || outcome == Outcome::kRefused) continue;  // never got there
    if (Total(outcome) != truth.outcomes[i]) {
      return Wrong(absl::StrCat(Total(outcome), " ", std::string(OutcomeName(outcome)), " for ",
                                truth.outcomes[i]));
    }
  }
  if (truth.sent_too_late > 0) {
    return Wrong(absl::StrCat(truth.sent_too_late, " requests were sent after their deadline"));
  }
  Histogram service = warmup_.service_time();
  service.Merge(measure_.service_time());
  if (!(service == truth.service_time)) return Wrong("service times differ from the wire's");
  Histogram lag = warmup_.send_lag();
  lag.Merge(measure_.send_lag());
  if (!(lag == truth.send_lag)) return Wrong("send lags differ from the wire's");
  Histogram response = warmup_.response_time();
  response.Merge(measure_.response_time());
  if (Total(Outcome::kUnsent) == 0 && !(response == truth.response_time)) {
    return Wrong("response times differ from the wire's");
  }
  return absl::OkStatus();
}

absl::Status SimulatedRun::CheckPlaces() const {
  const ModelWire::Truth& truth = wire_.truth();
  absl::Status status;
  size_t sends = 0;
  size_t ends = 0;
  size_t beats = 0;
  for (const Closed& interval : closed_) {
    status.Update(CheckPlace("a send", truth.sends, &sends, interval.sent, interval.begin_ns,
                             interval.end_ns));
    status.Update(CheckPlace("an end", truth.ends, &ends, interval.ended, interval.begin_ns,
                             interval.end_ns));
    if (terms_.dispatch.closed_loop || stopped_ns_.has_value()) continue;
    status.Update(CheckPlace("a beat", beats_, &beats, interval.scheduled, interval.begin_ns,
                             interval.end_ns));
  }
  return status;
}

absl::Status SimulatedRun::CheckPhases() const {
  const int64_t window_end_ns = recorder_.window_end_ns();
  for (const Closed& interval : closed_) {
    const proto::Phase expected = interval.begin_ns >= window_end_ns ? proto::PHASE_DRAIN
                                  : interval.begin_ns < terms_.window.warmup_ns
                                      ? proto::PHASE_WARMUP
                                      : proto::PHASE_MEASURE;
    if (interval.phase != expected) {
      return Wrong(absl::StrCat("the interval from ", interval.begin_ns, " is of phase ",
                                interval.phase, "; the window ends at ", window_end_ns));
    }
    for (int64_t edge_ns : {terms_.window.warmup_ns, window_end_ns}) {
      const bool is_edge = edge_ns == window_end_ns || edge_ns < window_end_ns;
      if (is_edge && interval.begin_ns < edge_ns && edge_ns < interval.end_ns) {
        return Wrong(absl::StrCat("a phase ends at ", edge_ns, " in the middle of an interval"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace drumline
