#include "tests/simulation/run_machine/simulated_agent.h"

#include <algorithm>

#include "core/book_codec.h"
#include "core/plan.h"

namespace drumline {
namespace {

constexpr int64_t kLeaseCheckNs = 250 * kMs;
constexpr int64_t kDrainedNs = 100 * kMs;

}  // namespace

SimulatedAgent::SimulatedAgent(Nature nature, uint64_t seed, Timeline* timeline,
                               std::function<void(const proto::FromAgent&)> say)
    : nature_(std::move(nature)), dice_(seed), timeline_(timeline), say_(std::move(say)) {}

bool SimulatedAgent::Silent() const {
  return dead_ || (nature_.character == Character::kFallsSilent &&
                   timeline_->now_ns() >= nature_.trouble_at_ns);
}

int64_t SimulatedAgent::awake_ns() const {
  const int64_t now_ns = timeline_->now_ns();
  const bool frozen = nature_.character == Character::kFreezes && now_ns >= nature_.trouble_at_ns;
  return frozen ? std::max(now_ns, nature_.trouble_at_ns + nature_.frozen_ns) : now_ns;
}

// What comes due while it stands still happens when it goes on, in the same order.
void SimulatedAgent::Later(int64_t at_ns, std::function<void()> event) {
  timeline_->At(at_ns, [this, event = std::move(event)] {
    if (awake_ns() > timeline_->now_ns()) {
      timeline_->At(awake_ns(), event);
    } else {
      event();
    }
  });
}

void SimulatedAgent::Say(const proto::FromAgent& message) {
  if (!Silent()) say_(message);
}

void SimulatedAgent::SayInterval(const proto::Interval& interval) {
  proto::FromAgent message;
  *message.mutable_interval() = interval;
  Say(message);
  if (nature_.repeats && dice_.Chance(0.3)) Say(message);
}

void SimulatedAgent::OnUp() {
  for (const proto::Interval& interval : kept_) SayInterval(interval);
  if (finished_) SayFinished();
}

void SimulatedAgent::OnMessage(const proto::ToAgent& message) {
  if (dead_) return;
  if (awake_ns() > timeline_->now_ns()) {
    timeline_->At(awake_ns(), [this, message] { OnMessage(message); });
    return;
  }
  if (message.has_ping()) {
    proto::FromAgent answer;
    answer.mutable_pong()->set_sequence(message.ping().sequence());
    answer.mutable_pong()->set_agent_now_ns(timeline_->now_ns() + nature_.clock_offset_ns);
    Say(answer);
  } else if (message.has_arm()) {
    Arm(message.arm().slice());
  } else if (message.has_start() && !began_) {
    Begin(message.start().start_agent_ns());
  } else if (message.has_lease()) {
    lease_until_ns_ = std::min(timeline_->now_ns() + message.lease().valid_ns(),
                               message.lease().until_agent_ns() - nature_.clock_offset_ns);
  } else if (message.has_adopt()) {
    Adopt(message.adopt());
  } else if (message.has_stop()) {
    Cut(message.stop().drain_ns(), "stopped by the controller");
  } else if (message.has_ack()) {
    acknowledged_ = std::max(acknowledged_, message.ack().number());
    while (!kept_.empty() && kept_.front().number() <= acknowledged_) kept_.pop_front();
  }
}

void SimulatedAgent::Arm(const proto::Slice& slice) {
  proto::FromAgent message;
  if (nature_.character == Character::kRefuses || (began_ && !finished_)) {
    message.mutable_refused()->set_run_id(slice.run_id());
    message.mutable_refused()->set_reason(began_ ? "busy" : "not on the allow-list");
    Say(message);
    return;
  }
  slice_ = slice;
  profile_ = *ProfileOf(slice.load());
  schedules_.clear();
  upcoming_.clear();
  share_ = 0;
  for (const proto::WorkerSlice& worker : slice.workers()) {
    share_ += 1 / static_cast<double>(worker.lane().stride());
    Schedule& schedule = schedules_.emplace_back(
        profile_, ArrivalsOf(slice.load()), slice.load().seed(), slice.load().beats(),
        Lane{worker.lane().first(), worker.lane().stride()});
    upcoming_.push_back(schedule.Next());
  }
  Later(timeline_->now_ns() + dice_.Between(1, 300) * kMs, [this, arm = ++arms_] {
    if (arm != arms_) return;
    proto::FromAgent armed;
    armed.mutable_armed()->set_run_id(slice_.run_id());
    Say(armed);
    if (nature_.character == Character::kEndsBeforeStart) {
      cut_short_ = "told to stop";
      finished_ = true;
      SayFinished();
    }
  });
}

void SimulatedAgent::Adopt(const proto::Adopt& adopt) {
  if (adopt.number() <= adoptions_ || finished_ || !cut_short_.empty()) return;
  for (const proto::Lane& lane : adopt.lanes()) share_ += 1 / static_cast<double>(lane.stride());
  const double rate = share_ * static_cast<double>(profile_.beats()) /
                      (static_cast<double>(profile_.length_ns()) / kSecond);
  overloaded_ = overloaded_ || (nature_.max_rate > 0 && rate > nature_.max_rate * (1 + 1e-9));
  if (nature_.character == Character::kRefusesMore || overloaded_) {
    proto::FromAgent message;
    message.mutable_refused()->set_run_id(slice_.run_id());
    message.mutable_refused()->set_reason("above its ceiling");
    Say(message);
    return;
  }
  adoptions_ = adopt.number();
  for (size_t i = 0; i < schedules_.size(); ++i) {
    const proto::Lane& lane = adopt.lanes(static_cast<int>(i));
    schedules_[i].Adopt({lane.first(), lane.stride()}, adopt.from_ns(), upcoming_[i]);
    upcoming_[i] = schedules_[i].Next();
  }
}

// A worker looks at its lease itself: it turns to the beat when it is due, or when it goes on after
// having stood still, if it has a lease by then. A rogue does not ask.
bool SimulatedAgent::MayTurnTo(int64_t beat_ns) const {
  if (rogue()) return true;
  int64_t turn_ns = start_at_ns_ + beat_ns;
  const int64_t thaw_ns = nature_.trouble_at_ns + nature_.frozen_ns;
  if (nature_.character == Character::kFreezes && turn_ns >= nature_.trouble_at_ns) {
    turn_ns = std::max(turn_ns, thaw_ns);
  }
  return std::max(turn_ns, began_at_ns_) <= lease_until_ns_;
}

// All that is due before [until_ns], from its start on. What it may not send is left, or, when it
// stops, named.
void SimulatedAgent::TurnToBeats(int64_t until_ns, bool stopping) {
  for (size_t i = 0; i < schedules_.size(); ++i) {
    for (; upcoming_[i].has_value() && *upcoming_[i] < until_ns;
         upcoming_[i] = schedules_[i].Next()) {
      Due& due = *upcoming_[i] < slice_.load().warmup_ns() ? warmup_due_ : measure_due_;
      if (MayTurnTo(*upcoming_[i])) {
        due_.push_back(*upcoming_[i]);
        ++due.in_time;
      } else if (stopping) {
        ++due.too_late;
      } else {
        break;
      }
    }
  }
}

void SimulatedAgent::Begin(int64_t start_agent_ns) {
  began_ = true;
  start_at_ns_ = start_agent_ns - nature_.clock_offset_ns;
  lease_until_ns_ = std::max(lease_until_ns_, start_at_ns_ + kLeaseCheckNs);
  Later(start_at_ns_, [this] {
    if (dead_ || finished_) return;
    began_at_ns_ = timeline_->now_ns();
    WatchLease();
    if (nature_.character == Character::kEndsEarly) {
      Later(nature_.trouble_at_ns, [this] { Cut(0, "told to stop"); });
    }
    Later(start_at_ns_ + kSecond, [this] { Tick(1); });
  });
}

// Whole seconds only: the phases of a simulated run are multiples of one.
void SimulatedAgent::Tick(int64_t second) {
  if (dead_ || finished_ || !cut_short_.empty()) return;
  const int64_t at_ns = second * kSecond;
  const proto::LoadPlan& load = slice_.load();
  const bool warm = at_ns <= load.warmup_ns();
  TurnToBeats(at_ns, false);
  Produce(warm ? proto::PHASE_WARMUP : proto::PHASE_MEASURE, at_ns - kSecond, at_ns, false);
  const bool over = at_ns >= load.warmup_ns() + load.measure_ns();
  if (over && !rogue()) {
    Later(timeline_->now_ns() + std::min(load.drain_ns(), kDrainedNs), [this] { Finish(); });
  } else {
    Later(start_at_ns_ + at_ns + kSecond, [this, second] { Tick(second + 1); });
  }
}

void SimulatedAgent::WatchLease() {
  if (dead_ || finished_) return;
  if (timeline_->now_ns() > lease_until_ns_) Cut(0, "the lease ran out");
  Later(timeline_->now_ns() + kLeaseCheckNs, [this] { WatchLease(); });
}

void SimulatedAgent::Cut(int64_t drain_ns, const std::string& why) {
  if (dead_ || finished_ || !cut_short_.empty() || rogue()) return;
  cut_short_ = why;
  if (began_at_ns_ != 0) TurnToBeats(SinceStart(), true);
  Later(timeline_->now_ns() + std::min(drain_ns, kDrainedNs), [this] { Finish(); });
}

void SimulatedAgent::Finish() {
  if (dead_ || finished_) return;
  if (began_at_ns_ != 0) {
    // Beats of the window that it had no lease for are overdue, and stay so.
    TurnToBeats(SinceStart(), true);
    Produce(proto::PHASE_DRAIN, reported_ns_, std::max(reported_ns_, SinceStart()), true);
  }
  finished_ = true;
  SayFinished();
}

void SimulatedAgent::SayFinished() {
  proto::FromAgent message;
  proto::Finished& finished = *message.mutable_finished();
  finished.set_run_id(slice_.run_id());
  finished.set_intervals(sums_.size() + (nature_.character == Character::kPromisesMore ? 1 : 0));
  if (began_at_ns_ != 0) finished.set_started_agent_ns(began_at_ns_ + nature_.clock_offset_ns);
  finished.set_cut_short(cut_short_);
  Say(message);
}

void SimulatedAgent::Produce(proto::Phase phase, int64_t begin_ns, int64_t end_ns, bool last) {
  const Book warmup = MakeBook(std::exchange(warmup_due_, {}), last, &warmup_open_);
  const Book measure = MakeBook(std::exchange(measure_due_, {}), last, &measure_open_);
  std::pair<Ledger, Ledger> sum = sums_.empty() ? std::pair<Ledger, Ledger>() : sums_.back();
  sum.first += warmup.ledger();
  sum.second += measure.ledger();
  sums_.push_back(sum);

  proto::Interval interval;
  interval.set_run_id(slice_.run_id());
  interval.set_agent_id(nature_.id);
  interval.set_number(sums_.size());
  interval.set_begin_ns(begin_ns);
  interval.set_end_ns(end_ns);
  reported_ns_ = end_ns;
  interval.set_phase(phase);
  interval.set_last(last);
  BookCodec::Encode(warmup, interval.mutable_warmup());
  BookCodec::Encode(measure, interval.mutable_measure());
  if (nature_.character == Character::kFalsifies && sums_.size() == 2) {
    interval.mutable_measure()->set_ok(interval.measure().ok() + 1);
  }
  if (nature_.character == Character::kSkipsOne && sums_.size() == 1) return;
  kept_.push_back(interval);
  SayInterval(interval);
}

Book SimulatedAgent::MakeBook(Due due, bool close, Carry* open) {
  Book book;
  book.set_before(*open);
  for (uint64_t i = 0; i < due.too_late; ++i) {
    book.Due();
    book.Unsent(9 * kMs);
  }
  for (uint64_t i = 0; i < due.in_time; ++i) book.Due();
  open->waiting += due.in_time;
  while (open->waiting > 0 && (close || dice_.Chance(0.8))) {
    --open->waiting;
    if (close && dice_.Chance(0.5)) {
      book.Unsent(5 * kMs);
    } else {
      book.Sent(1'000, 2'000);
      ++open->in_flight;
    }
  }
  while (open->in_flight > 0 && (close || dice_.Chance(0.8))) {
    --open->in_flight;
    if (close && dice_.Chance(0.5)) {
      book.Unanswered(Outcome::kCensored, 7 * kMs, 6 * kMs);
    } else {
      book.Answered(dice_.Chance(0.9) ? Outcome::kOk : Outcome::kBadStatus, 3 * kMs, 2 * kMs);
    }
  }
  book.set_after(*open);
  return book;
}

}  // namespace drumline
