#include "tests/simulation/run_machine/simulated_run.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drumline {
namespace {

constexpr int64_t kPatienceNs = 300 * kSecond;
constexpr int64_t kAfterwardsNs = 10 * kSecond;

}  // namespace

SimulatedRun::SimulatedRun(uint64_t seed)
    : seed_(seed), dice_(seed), gentle_(seed % 3 == 0), begun_at_ns_(timeline_.now_ns()) {
  plan_.set_run_id("001-echo-r1");
  plan_.set_target("echo");
  plan_.mutable_load()->set_warmup_ns(dice_.Between(0, 1) * kSecond);
  plan_.mutable_load()->set_measure_ns(dice_.Between(1, 3) * kSecond);
  plan_.mutable_load()->set_drain_ns(200 * kMs);
  const int agents = static_cast<int>(dice_.Between(1, 3));
  std::map<std::string, proto::Slice> slices;
  for (int i = 1; i <= agents; ++i) {
    AddAgent(i);
    proto::Slice& slice = slices[absl::StrCat("agent-", i)];
    slice.set_run_id(plan_.run_id());
    *slice.mutable_load() = plan_.load();
  }
  machine_ = std::make_unique<RunMachine>(plan_, slices, limits_);
  for (const auto& [id, line] : lines_) PlanBreaks(id);
  if (!gentle_) PlanTrouble();
}

void SimulatedRun::AddAgent(int index) {
  SimulatedAgent::Nature nature;
  nature.id = absl::StrCat("agent-", index);
  nature.repeats = dice_.Chance(0.5);
  nature.clock_offset_ns = dice_.Between(-1'000'000, 1'000'000) * kMs;
  nature.trouble_at_ns = begun_at_ns_ + dice_.Between(0, 6000) * kMs;
  if (!gentle_ && dice_.Chance(0.4)) {
    nature.character =
        static_cast<Character>(dice_.Between(1, static_cast<int64_t>(Character::kEndsEarly)));
  }
  Tell(absl::StrCat(nature.id, " has character ", static_cast<int>(nature.character),
                    ", in trouble at ", (nature.trouble_at_ns - begun_at_ns_) / kMs, " ms"));
  const std::string id = nature.id;
  lines_[id].agent = std::make_unique<SimulatedAgent>(
      nature, seed_ * 31 + static_cast<uint64_t>(index), &timeline_,
      [this, id](const proto::FromAgent& message) { SayUp(id, message); });
}

// A short break is one that a run must survive unharmed, wherever it falls.
void SimulatedRun::PlanBreaks(const std::string& id) {
  // The first one often falls into the run's beginnings.
  int64_t at_ns = timeline_.now_ns() + dice_.Between(-1200, 500) * kMs;
  for (int64_t breaks = dice_.Between(0, 3); breaks > 0; --breaks) {
    at_ns += dice_.Between(1200, 2500) * kMs;
    const int64_t length_ns = dice_.Between(1, gentle_ || dice_.Chance(0.7) ? 250 : 6000) * kMs;
    timeline_.At(at_ns, [this, id, length_ns] { Break(id, length_ns); });
  }
}

void SimulatedRun::PlanTrouble() {
  const auto instant = [this] { return begun_at_ns_ + dice_.Between(0, 7000) * kMs; };
  for (const auto& [name, line] : lines_) {
    if (!dice_.Chance(0.15)) continue;
    timeline_.At(instant(), [this, id = name, noticed = dice_.Chance(0.5)] { Kill(id, noticed); });
  }
  if (dice_.Chance(0.15)) {
    timeline_.At(instant(), [this] { Do(machine_->Stop("stopped by the user"), "Stop"); });
  }
  if (dice_.Chance(0.15)) {
    timeline_.At(instant(), [this] { Do(machine_->OnTargetDied("died"), "the target died"); });
  }
  if (dice_.Chance(0.2)) storage_holds_ = dice_.Between(0, 12);
}

// ---- the network ----

int64_t SimulatedRun::Delay() { return dice_.Between(50'000, dice_.Chance(0.9) ? kMs : 40 * kMs); }

void SimulatedRun::SayUp(const std::string& id, const proto::FromAgent& message) {
  Line& line = lines_[id];
  if (!line.up) return;
  line.last_up_ns = std::max(line.last_up_ns, timeline_.now_ns() + Delay());
  const int64_t said_ns = timeline_.now_ns();
  timeline_.At(line.last_up_ns, [this, id, message, said_ns, stream = line.number] {
    const Line& now = lines_[id];
    const auto lost = now.lost_from_ns.find(stream);
    if (lost == now.lost_from_ns.end() || said_ns < lost->second) Hear(id, message);
  });
}

void SimulatedRun::SayDown(const std::string& id, const proto::ToAgent& message) {
  Line& line = lines_[id];
  if (!line.believed) return;
  line.last_down_ns = std::max(line.last_down_ns, timeline_.now_ns() + Delay());
  timeline_.At(line.last_down_ns, [this, id, message, stream = line.known] {
    const Line& now = lines_[id];
    if (now.up && now.number == stream) now.agent->OnMessage(message);
  });
}

// Part of what is under way is lost; the rest arrives late, beside what the next stream brings.
void SimulatedRun::Break(const std::string& id, int64_t length_ns) {
  Line& line = lines_[id];
  if (!line.up || line.gone) return;
  Tell(absl::StrCat(id, ": the stream breaks for ", length_ns / kMs, " ms"));
  line.up = false;
  line.lost_from_ns[line.number] = timeline_.now_ns() - dice_.Between(0, 20) * kMs;
  timeline_.After(dice_.Between(1, 300) * kMs, [this, id, stream = line.number] {
    Line& now = lines_[id];
    if (now.known != stream) return;  // it is back already
    now.believed = false;
    Do(machine_->OnDisconnected(id, timeline_.now_ns()), id + " disconnected");
  });
  timeline_.After(length_ns, [this, id] { Redial(id); });
}

void SimulatedRun::Redial(const std::string& id) {
  Line& line = lines_[id];
  if (line.gone) return;
  line.up = true;
  ++line.number;
  line.last_up_ns = timeline_.now_ns() + Delay();
  line.last_down_ns = 0;
  // The Join; what OnUp says arrives behind it.
  timeline_.At(line.last_up_ns, [this, id, stream = line.number] {
    Line& now = lines_[id];
    now.known = stream;
    now.believed = true;
    Do(machine_->OnRejoined(id, timeline_.now_ns()), id + " rejoined");
  });
  line.agent->OnUp();
}

void SimulatedRun::Kill(const std::string& id, bool noticed) {
  Tell(absl::StrCat(id, " dies, ", noticed ? "noticed" : "unnoticed"));
  Break(id, kPatienceNs);
  lines_[id].gone = true;
  lines_[id].up = false;
  lines_[id].agent->Die();
  if (!noticed) return;
  timeline_.After(dice_.Between(1, 50) * kMs, [this, id] {
    Do(machine_->OnDied(id, "was killed", timeline_.now_ns()), id + " died");
  });
}

// ---- the controller ----

void SimulatedRun::Hear(const std::string& id, const proto::FromAgent& message) {
  const int64_t now_ns = timeline_.now_ns();
  if (message.has_pong()) {
    Do(machine_->OnPong(id, message.pong(), now_ns), "Pong of " + id);
  } else if (message.has_armed()) {
    Do(machine_->OnArmed(id, message.armed(), now_ns), "Armed of " + id);
  } else if (message.has_interval()) {
    Do(machine_->OnInterval(message.interval(), now_ns),
       absl::StrCat("Interval ", message.interval().number(), " of ", id));
  } else if (message.has_finished()) {
    Do(machine_->OnFinished(id, message.finished(), now_ns), "Finished of " + id);
  } else if (message.has_refused()) {
    Do(machine_->OnRefused(id, message.refused().reason(), now_ns), "Refused of " + id);
  }
}

// As the real driver does it.
void SimulatedRun::Do(const Commands& commands, const std::string& because) {
  if (was_done_ && !commands.empty()) Violate("commands after the end: " + because);
  Tell(absl::StrCat(because, " → ", commands.size(), " commands; ", machine_->state_name()));
  absl::Status kept;
  for (const Command& command : commands) {
    if (const auto* send = std::get_if<SendCommand>(&command)) {
      if (send->message.has_ack() && !kept.ok()) continue;
      CheckSend(send->agent_id, send->message);
      SayDown(send->agent_id, send->message);
    } else {
      Persist(std::get<PersistCommand>(command).interval, &kept);
    }
  }
  was_done_ = machine_->done();
  if (!kept.ok()) {
    storage_failed_ = true;
    Do(machine_->OnStorageFailed(kept), "the disk is full");
  }
  CheckLeases();
  SetTimer();
}

void SimulatedRun::Persist(const proto::Interval& interval, absl::Status* kept) {
  if (storage_holds_-- <= 0) {
    *kept = absl::ResourceExhaustedError("no space left");
    return;
  }
  std::set<uint64_t>& persisted = lines_[interval.agent_id()].persisted;
  if (!persisted.insert(interval.number()).second) Violate("an interval is persisted twice");
}

void SimulatedRun::CheckSend(const std::string& id, const proto::ToAgent& message) {
  Line& line = lines_[id];
  if (message.has_lease()) line.lease_at_ns = timeline_.now_ns();
  if (message.has_start()) line.start_agent_ns = message.start().start_agent_ns();
  if (!message.has_ack()) return;
  for (uint64_t number = 1; number <= message.ack().number(); ++number) {
    if (!line.persisted.contains(number)) {
      Violate(absl::StrCat("interval ", number, " of ", id, " is acknowledged but not persisted"));
    }
  }
}

void SimulatedRun::CheckLeases() {
  if (machine_->state_name() != std::string("running")) return;
  for (const auto& [id, line] : lines_) {
    if (timeline_.now_ns() - line.lease_at_ns > limits_.lease_ns / 2) {
      Violate("the lease of " + id + " is renewed too late");
    }
  }
}

void SimulatedRun::SetTimer() {
  if (machine_->done() || machine_->wake_at_ns() == RunMachine::kNever) return;
  // A loop that has other things to do comes late.
  const int64_t late_ns = dice_.Chance(0.1) ? dice_.Between(0, 200) * kMs : 0;
  timeline_.At(machine_->wake_at_ns() + late_ns,
               [this, generation = ++timer_] { OnTimer(generation); });
}

void SimulatedRun::OnTimer(int64_t generation) {
  if (generation != timer_ || machine_->done()) return;
  Do(machine_->OnTick(timeline_.now_ns()), "a tick");
  if (!machine_->done() && machine_->wake_at_ns() <= timeline_.now_ns()) {
    Violate("after a tick the machine wants to be woken in the past");
  }
}

void SimulatedRun::CarryOut() {
  Do(machine_->Begin(timeline_.now_ns()), "Begin");
  int64_t until_ns = begun_at_ns_ + kPatienceNs;
  while (timeline_.now_ns() < until_ns && violations_.empty()) {
    const bool was_done = machine_->done();
    if (!timeline_.Step()) break;
    if (!was_done && machine_->done()) until_ns = timeline_.now_ns() + kAfterwardsNs;
  }
  CheckEnd();
}

// ---- the rules ----

void SimulatedRun::CheckEnd() {
  if (!machine_->done()) {
    Violate(absl::StrCat("still ", machine_->state_name(), " after five minutes"));
    return;
  }
  const RunMachine::Outcome& outcome = machine_->outcome();
  for (const std::string& fault : outcome.record.faults()) Tell("fault: " + fault);
  Tell(absl::StrCat("usable: ", std::string(outcome.usable.message())));
  if (outcome.usable.ok() && !machine_->started() && outcome.record.interrupted().empty()) {
    Violate("no start, and no reason for it");
  }
  if (storage_failed_ && !HasFault("the bundle could not be written: no space left")) {
    Violate("the bundle lacks an interval, and nobody says so");
  }
  const std::set<std::string> faults(outcome.record.faults().begin(),
                                     outcome.record.faults().end());
  if (static_cast<int>(faults.size()) != outcome.record.faults_size()) {
    Violate("a fault is named twice");
  }
  for (const proto::AgentRecord& record : outcome.record.agents()) {
    CheckAgent(record.id(), lines_.at(record.id()), record);
  }
  if (outcome.record.agents_size() != static_cast<int>(lines_.size()))
    Violate("an agent is missing");
  if (gentle_) CheckGentleEnd();
}

void SimulatedRun::CheckAgent(const std::string& id, const Line& line,
                              const proto::AgentRecord& record) {
  const SimulatedAgent& agent = *line.agent;
  if (!machine_->started()) {
    if (line.start_agent_ns != 0) Violate("an unusable run was started by " + id);
    return;
  }
  const auto found = machine_->totals().agents().find(id);
  const uint64_t counted = found == machine_->totals().agents().end() ? 0 : found->second.intervals;
  if (counted < agent.acknowledged()) Violate(id + ": acknowledged, but not counted");
  if (counted > agent.sums().size()) {
    Violate(id + ": more is counted than was produced");
  } else if (counted > 0) {
    const auto& [warmup, measure] = agent.sums()[counted - 1];
    if (!(found->second.warmup.ledger() == warmup) ||
        !(found->second.measure.ledger() == measure)) {
      Violate(id + ": the sums are not those of its intervals");
    }
  }
  if (record.has_lost_at_ns()) {
    if (!HasFault("agent " + id + " was lost at ")) Violate(id + " is lost, but no fault says so");
  } else if (!agent.finished() || counted != agent.sums().size()) {
    Violate(absl::StrCat(id, ": ", agent.sums().size(), " intervals produced, ", counted,
                         " counted, and it is not lost"));
  }
  const int64_t off_ns =
      line.start_agent_ns - agent.nature().clock_offset_ns - machine_->start_ns();
  if (std::abs(off_ns) > record.clock_uncertainty_ns()) {
    Violate(id + ": its start is further off than its clock's uncertainty");
  }
}

void SimulatedRun::CheckGentleEnd() {
  const RunMachine::Outcome& outcome = machine_->outcome();
  if (!outcome.usable.ok() || outcome.record.faults_size() > 0) {
    Violate("nothing grave happened, and yet there are faults");
  }
  const int64_t seconds = (plan_.load().warmup_ns() + plan_.load().measure_ns()) / kSecond;
  for (const auto& [id, totals] : machine_->totals().agents()) {
    if (totals.intervals != static_cast<uint64_t>(seconds) + 1) Violate(id + " was cut short");
    if (!totals.warmup.ledger().CheckClosed().ok() || !totals.measure.ledger().CheckClosed().ok()) {
      Violate(id + ": the books are not closed");
    }
  }
}

bool SimulatedRun::HasFault(const std::string& part) const {
  const auto& faults = machine_->outcome().record.faults();
  return std::any_of(faults.begin(), faults.end(), [&part](const std::string& fault) {
    return fault.find(part) != std::string::npos;
  });
}

void SimulatedRun::Violate(const std::string& what) {
  Tell("VIOLATION: " + what);
  violations_.push_back(what);
}

void SimulatedRun::Tell(const std::string& what) {
  story_.push_back(absl::StrCat((timeline_.now_ns() - begun_at_ns_) / 1000, " us: ", what));
}

std::string SimulatedRun::story() const {
  return absl::StrCat("seed ", seed_, gentle_ ? " (gentle)" : "", "\n",
                      absl::StrJoin(story_, "\n"));
}

}  // namespace drumline
