#include "tests/simulation/run_machine/simulated_agent.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

#include "absl/strings/str_cat.h"
#include "core/plan.h"

namespace drumline {
namespace {

// How long after its lease an agent may be at work: what docs/reliability.md promises.
constexpr int64_t kStopsWithinNs = kSecond;
// How long one that is shut down may take beyond that.
constexpr int64_t kLeavesWithinNs = 2 * kSecond;

}  // namespace

SimulatedAgent::SimulatedAgent(Nature nature, uint64_t seed, Timeline* timeline, Network network)
    : nature_(std::move(nature)), dice_(seed), timeline_(timeline), network_(std::move(network)) {
  Restart();
}

void SimulatedAgent::Restart() {
  ++incarnation_;
  dead_ = began_ = stopped_ = false;
  start_ns_ = 0;
  proto::Join self;
  self.set_agent_id(nature_.id);
  self.set_incarnation(static_cast<uint64_t>(incarnation_));
  SessionMachine::Surroundings* const surroundings = this;
  machine_ = std::make_unique<SessionMachine>(
      SessionMachine::Options{.controller = "simulated", .welcome_within_ns = kSecond}, self,
      surroundings);
}

void SimulatedAgent::Die() {
  dead_ = true;
  ++incarnation_;
}

void SimulatedAgent::Leave() {
  Die();
  network_.leave();
}

int64_t SimulatedAgent::awake_ns() const {
  const int64_t now_ns = timeline_->now_ns();
  const bool frozen = nature_.character == Character::kFreezes && now_ns >= nature_.trouble_at_ns;
  return frozen ? std::max(now_ns, nature_.trouble_at_ns + nature_.frozen_ns) : now_ns;
}

// What comes due while it stands still happens when it goes on, in the same order.
void SimulatedAgent::At(int64_t at_ns, std::function<void()> event) {
  timeline_->At(at_ns, [this, incarnation = incarnation_, event = std::move(event)] {
    if (incarnation != incarnation_) return;
    if (awake_ns() > timeline_->now_ns()) {
      At(awake_ns(), event);
    } else {
      event();
    }
  });
}

void SimulatedAgent::Tell(const std::function<void()>& event) {
  if (dead_) return;
  if (awake_ns() > timeline_->now_ns()) {
    At(awake_ns(), event);
  } else {
    event();
  }
}

void SimulatedAgent::OnUp() {
  Tell([this] {
    machine_->OnUp(now_ns());
    SetTimer();
  });
}

void SimulatedAgent::OnDown() {
  Tell([this] {
    machine_->OnDown("it broke");
    SetTimer();
  });
}

void SimulatedAgent::OnMessage(const proto::ToAgent& message, bool is_own) {
  Tell([this, message, is_own] {
    if (message.has_ping()) {  // as the link does
      proto::FromAgent answer;
      answer.mutable_pong()->set_sequence(message.ping().sequence());
      answer.mutable_pong()->set_agent_now_ns(now_ns());
      Say(answer);
      return;
    }
    if (is_own) Note(message);
    machine_->OnMessage(message, now_ns());
    SetTimer();
  });
}

void SimulatedAgent::SetTimer() {
  if (dead_ || machine_->wake_at_ns() == SessionMachine::kNever) return;
  At(machine_->wake_at_ns() - nature_.clock_offset_ns, [this, timer = ++timer_] {
    if (timer != timer_) return;
    machine_->OnTick(now_ns());
    SetTimer();
  });
}

// ---- what it says ----

void SimulatedAgent::Say(const proto::FromAgent& message) {
  const bool silent =
      nature_.character == Character::kFallsSilent && timeline_->now_ns() >= nature_.trouble_at_ns;
  if (!silent) network_.say(message);
}

void SimulatedAgent::Send(proto::FromAgent message) {
  const proto::FromAgent said = message;
  if (message.has_interval()) {
    const uint64_t number = message.interval().number();
    if (nature_.character == Character::kSkipsOne && number == 1) return;
    if (nature_.character == Character::kFalsifies && number == 2) {
      proto::Book& book = *message.mutable_interval()->mutable_measure();
      book.set_ok(book.ok() + 1);
    }
    if (nature_.repeats && dice_.Chance(0.3)) Say(message);
  } else if (message.has_refused()) {
    overloaded_ = overloaded_ || (began_ && !message.refused().run_id().empty() &&
                                  nature_.character != Character::kRefusesMore);
  } else if (message.has_finished()) {
    finished_ = true;
    if (nature_.character == Character::kPromisesMore) {
      message.mutable_finished()->set_intervals(message.finished().intervals() + 1);
    }
  }
  Say(message);
  TakeTrouble(said);
}

// Not at once: the machine is speaking.
void SimulatedAgent::TakeTrouble(const proto::FromAgent& said) {
  if (nature_.character != Character::kEndsBeforeStart || !said.has_armed()) return;
  At(timeline_->now_ns(), [this] { Shutdown(); });
}

void SimulatedAgent::Shutdown() {
  stopped_ = true;
  At(timeline_->now_ns() + kLeavesWithinNs,
     [this] { network_.violate(nature_.id + " was told to end and does not"); });
  machine_->Shutdown();
}

// ---- what it may and what it measures ----

OwnLimits SimulatedAgent::LimitsFor(const proto::Slice& slice) const {
  OwnLimits limits;
  if (nature_.character == Character::kRefuses) {
    limits.allow_list = *AllowList::Parse({"192.0.2.1"});
  }
  limits.max_rate = nature_.character == Character::kRefusesMore
                        ? PlannedPeak(slice, ShareOfBeats(slice))
                        : nature_.max_rate;
  return limits;
}

absl::StatusOr<std::shared_ptr<AgentRun>> SimulatedAgent::MakeRun(const proto::Slice& slice,
                                                                  AgentRun::Events events) {
  if (absl::Status status = CheckSlice(slice); !status.ok()) return status;
  const OwnLimits limits = LimitsFor(slice);
  const boost::asio::ip::tcp::endpoint target(boost::asio::ip::address_v4::loopback(), 80);
  if (absl::Status status = CheckLimits(limits, slice, target); !status.ok()) return status;
  workers_ = static_cast<uint64_t>(slice.workers_size());
  window_ns_ = slice.load().warmup_ns() + slice.load().measure_ns();
  return std::make_shared<SimulatedLoad>(slice, nature_.id, limits,
                                         static_cast<uint64_t>(dice_.Between(1, 1 << 30)),
                                         SurroundingsOfLoad(), std::move(events));
}

SimulatedLoad::Surroundings SimulatedAgent::SurroundingsOfLoad() {
  return {
      .now_ns = [this] { return now_ns(); },
      .at =
          [this](int64_t at_ns, std::function<void()> event) {
            At(at_ns - nature_.clock_offset_ns, [this, event = std::move(event)] {
              event();
              SetTimer();
            });
          },
      .began =
          [this](int64_t) {
            if (std::exchange(began_, true) || nature_.character != Character::kEndsEarly) return;
            At(nature_.trouble_at_ns, [this] { Shutdown(); });
          },
      .turned_to = [this](int64_t intended_ns) { TurnTo(intended_ns); },
      .measured = [this](const WorkerInterval& interval) { Measure(interval); },
      .rogue = rogue(),
  };
}

void SimulatedAgent::TurnTo(int64_t intended_ns) {
  due_.push_back(intended_ns);
  if (!rogue() && now_ns() > lease_until_ns_) {
    network_.violate(nature_.id + " sends without a lease");
  }
}

void SimulatedAgent::Measure(const WorkerInterval& interval) {
  if (measured_.size() < interval.number) measured_.resize(interval.number);
  auto& [warmup, measure] = measured_[interval.number - 1];
  warmup += interval.warmup.ledger();
  measure += interval.measure.ledger();
  // Whoever never began has no last one, but says that it has finished.
  if (interval.last && ++workers_finished_ == workers_) finished_ = true;
}

std::vector<std::pair<Ledger, Ledger>> SimulatedAgent::sums() const {
  std::vector<std::pair<Ledger, Ledger>> sums = measured_;
  for (size_t i = 1; i < sums.size(); ++i) {
    sums[i].first += sums[i - 1].first;
    sums[i].second += sums[i - 1].second;
  }
  return sums;
}

// ---- what it was told ----

void SimulatedAgent::Note(const proto::ToAgent& message) {
  if (message.has_ack()) {
    acknowledged_ = std::max(acknowledged_, message.ack().number());
  } else if (message.has_stop()) {
    stopped_ = true;
  } else if (message.has_adopt() && TakesMore()) {
    adoptions_ = std::max<uint64_t>(adoptions_, message.adopt().number());
  } else if (message.has_lease()) {
    NoteLease(std::min(now_ns() + message.lease().valid_ns(), message.lease().until_agent_ns()));
  } else if (message.has_start() && start_ns_ == 0) {
    start_ns_ = message.start().start_agent_ns();
    NoteLease(std::max(lease_until_ns_, start_ns_ + SessionMachine::kFirstLeaseNs));
  }
}

// Whoever is in the drain has no window left to send them in: they are missed.
bool SimulatedAgent::TakesMore() const {
  return nature_.character != Character::kRefusesMore && !stopped_ && !finished_ &&
         now_ns() <= lease_until_ns_ && now_ns() < start_ns_ + window_ns_;
}

void SimulatedAgent::NoteLease(int64_t until_ns) {
  lease_until_ns_ = until_ns;
  At(until_ns + kStopsWithinNs - nature_.clock_offset_ns,
     [this, until_ns] { CheckLoadHasStopped(until_ns); });
}

// One that has just gone on after having stood still gets its second, too.
void SimulatedAgent::CheckLoadHasStopped(int64_t lease_until_ns) {
  if (!began_ || finished_ || rogue() || lease_until_ns != lease_until_ns_) return;
  const int64_t thaw_ns =
      nature_.character == Character::kFreezes ? nature_.trouble_at_ns + nature_.frozen_ns : 0;
  const int64_t now_ns = timeline_->now_ns();
  if (now_ns >= nature_.trouble_at_ns && now_ns < thaw_ns + kStopsWithinNs) {
    At(thaw_ns + kStopsWithinNs, [this, lease_until_ns] { CheckLoadHasStopped(lease_until_ns); });
    return;
  }
  network_.violate(nature_.id + " is at work long after its lease");
}

}  // namespace drumline
