#include "tests/simulation/run_machine/simulated_run.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/plan.h"
#include "core/rate.h"

namespace drumline {
namespace {

constexpr int64_t kPatienceNs = 300 * kSecond;
constexpr int64_t kAfterwardsNs = 10 * kSecond;
constexpr char kController[] = "here:one";
constexpr char kStranger[] = "there:two";

}  // namespace

SimulatedRun::SimulatedRun(uint64_t seed)
    : seed_(seed), dice_(seed), gentle_(seed % 3 == 0), begun_at_ns_(timeline_.now_ns()) {
  plan_.set_run_id("001-echo-r1");
  plan_.set_target("echo");
  plan_.mutable_request()->set_method("GET");
  plan_.mutable_request()->set_expect_status(200);
  plan_.mutable_request()->set_timeout_ns(2 * kSecond);
  limits_.on_loss = static_cast<proto::OnLoss>(dice_.Between(1, 3));
  PlanLoad();
  const auto agents = static_cast<uint32_t>(dice_.Between(1, 4));
  const auto workers = static_cast<uint32_t>(dice_.Between(1, 2));
  std::map<std::string, proto::Slice> slices;
  for (uint32_t i = 0; i < agents; ++i) {
    AddAgent(static_cast<int>(i) + 1, agents);
    slices[absl::StrCat("agent-", i + 1)] = SliceOf(plan_, {i, agents, workers});
  }
  for (auto& [id, slice] : slices) slice.set_host("127.0.0.1");
  for (auto& [id, slice] : slices) slice.set_port(80);
  for (const auto& [id, line] : lines_) Welcome(id);
  machine_ = std::make_unique<RunMachine>(plan_, slices, limits_);
  for (const auto& [id, line] : lines_) PlanBreaks(id);
  if (!gentle_) PlanTrouble();
}

// Beats for all to have some, and time enough for an heir to have some, too.
void SimulatedRun::PlanLoad() {
  proto::LoadPlan& load = *plan_.mutable_load();
  load.set_warmup_ns(dice_.Between(0, 1) * kSecond);
  const bool long_one = limits_.on_loss == proto::ON_LOSS_REDISTRIBUTE && !gentle_;
  load.set_measure_ns(dice_.Between(1, long_one ? 10 : 3) * kSecond);
  load.set_drain_ns(200 * kMs);
  load.set_connections(8);
  load.set_seed(seed_);
  load.set_arrivals(dice_.Chance(0.5) ? proto::ARRIVALS_CONSTANT : proto::ARRIVALS_POISSON);
  proto::RateSegment& segment = *load.add_segments();
  segment.set_length_ns(load.warmup_ns() + load.measure_ns());
  const int64_t rate = dice_.Between(1, 12) * 3'600 * 1'000'000;
  segment.mutable_from()->set_micro_per_hour(rate);
  segment.mutable_to()->set_micro_per_hour(rate);
  load.set_beats(Schedule::CountBeats(*ProfileOf(load), ArrivalsOf(load), load.seed()));
}

// Half of the agents have a ceiling, from their own share up to more than twice that.
void SimulatedRun::AddAgent(int index, uint32_t agents) {
  SimulatedAgent::Nature nature;
  nature.id = absl::StrCat("agent-", index);
  nature.repeats = dice_.Chance(0.5);
  nature.clock_offset_ns = dice_.Between(-1'000'000, 1'000'000) * kMs;
  nature.trouble_at_ns = begun_at_ns_ + dice_.Between(0, 6000) * kMs;
  nature.frozen_ns = dice_.Between(100, 9000) * kMs;
  if (dice_.Chance(0.5)) {
    const proto::Rate& rate = plan_.load().segments(0).from();
    nature.max_rate = Rate::MicroPerHour(rate.micro_per_hour()).per_second() / agents *
                      static_cast<double>(dice_.Between(100, 250)) / 100;
    limits_.max_rates[nature.id] = nature.max_rate;
  }
  if (!gentle_ && dice_.Chance(0.4)) {
    nature.character =
        static_cast<Character>(dice_.Between(1, static_cast<int64_t>(Character::kFreezes)));
    ++faults_;
  }
  Tell(absl::StrCat(nature.id, " has character ", static_cast<int>(nature.character),
                    ", in trouble at ", (nature.trouble_at_ns - begun_at_ns_) / kMs, " ms"));
  const std::string id = nature.id;
  lines_[id].agent = std::make_unique<SimulatedAgent>(
      nature, seed_ * 31 + static_cast<uint64_t>(index), &timeline_,
      SimulatedAgent::Network{
          .say = [this, id](const proto::FromAgent& message) { SayUp(id, message); },
          .hang_up = [this, id] { HangUp(id); },
          .leave = [this, id] { Leave(id); },
          .violate = [this](const std::string& what) { Violate(what); }});
}

// A short break is one that a run must survive unharmed, wherever it falls.
void SimulatedRun::PlanBreaks(const std::string& id) {
  // The first one often falls into the run's beginnings.
  int64_t at_ns = timeline_.now_ns() + dice_.Between(-1200, 500) * kMs;
  for (int64_t breaks = dice_.Between(0, 3); breaks > 0; --breaks) {
    at_ns += dice_.Between(1200, 2500) * kMs;
    const int64_t length_ns = dice_.Between(1, gentle_ || dice_.Chance(0.7) ? 250 : 6000) * kMs;
    const FarEnd next = dice_.Chance(0.2)               ? FarEnd::kStranger
                        : !gentle_ && dice_.Chance(0.1) ? FarEnd::kMute
                                                        : FarEnd::kController;
    timeline_.At(at_ns, [this, id, length_ns, next] { Break(id, length_ns, next); });
  }
}

void SimulatedRun::PlanTrouble() {
  const auto instant = [this] { return begun_at_ns_ + dice_.Between(0, 7000) * kMs; };
  for (const auto& [name, line] : lines_) {
    if (!dice_.Chance(0.15)) continue;
    timeline_.At(instant(), [this, id = name, noticed = dice_.Chance(0.5)] { Kill(id, noticed); });
  }
  if (dice_.Chance(0.15)) {
    ++faults_;
    timeline_.At(instant(), [this] { Do(machine_->Stop("stopped by the user"), "Stop"); });
  }
  if (dice_.Chance(0.15)) {
    ++faults_;
    timeline_.At(instant(), [this] { Do(machine_->OnTargetDied("died"), "the target died"); });
  }
  if (dice_.Chance(0.2)) storage_holds_ = dice_.Between(0, 12);
}

// ---- the network ----

int64_t SimulatedRun::Delay() { return dice_.Between(50'000, dice_.Chance(0.9) ? kMs : 40 * kMs); }

void SimulatedRun::SayUp(const std::string& id, const proto::FromAgent& message) {
  Line& line = lines_[id];
  if (!line.up) return;
  CheckFirstWord(id, message);
  if (line.far_end != FarEnd::kController) {
    CheckStranger(id, message);
    return;
  }
  CheckOrder(id, message);
  line.last_up_ns = std::max(line.last_up_ns, timeline_.now_ns() + Delay());
  const int64_t said_ns = timeline_.now_ns();
  timeline_.At(line.last_up_ns, [this, id, message, said_ns, stream = line.number] {
    Line& now = lines_[id];
    const auto lost = now.lost_from_ns.find(stream);
    if (lost != now.lost_from_ns.end() && said_ns >= lost->second) return;
    if (message.has_join()) {
      now.known = stream;
      now.believed = true;
    }
    Hear(id, message);
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
void SimulatedRun::Break(const std::string& id, int64_t length_ns, FarEnd next) {
  Line& line = lines_[id];
  if (!line.up || line.gone) return;
  Tell(absl::StrCat(id, ": the stream breaks for ", length_ns / kMs, " ms"));
  ++faults_;
  line.lost_from_ns[line.number] = timeline_.now_ns() - dice_.Between(0, 20) * kMs;
  line.far_end = next;
  EndStream(id, length_ns);
}

// Both ends learn of it in their own time.
void SimulatedRun::EndStream(const std::string& id, int64_t redial_after_ns) {
  Line& line = lines_[id];
  line.up = false;
  timeline_.After(dice_.Between(1, 300) * kMs, [this, id, stream = line.number] {
    Line& now = lines_[id];
    if (now.known != stream) return;  // it is back already, or was never here
    now.believed = false;
    Do(machine_->OnDisconnected(id, timeline_.now_ns()), id + " disconnected");
  });
  timeline_.After(dice_.Between(0, redial_after_ns), [this, id, stream = line.number] {
    const Line& now = lines_[id];
    if (now.number == stream) now.agent->OnDown();
  });
  timeline_.After(redial_after_ns, [this, id, stream = line.number] {
    if (lines_[id].number == stream) Redial(id);
  });
}

void SimulatedRun::Redial(const std::string& id) {
  Line& line = lines_[id];
  if (line.gone) return;
  // A process that stands still does not dial.
  if (const int64_t awake_ns = line.agent->awake_ns(); awake_ns > timeline_.now_ns()) {
    timeline_.At(awake_ns, [this, id] { Redial(id); });
    return;
  }
  line.up = true;
  ++line.number;
  line.spoken = false;
  line.offered = 0;
  line.last_up_ns = timeline_.now_ns();
  line.last_down_ns = 0;
  line.agent->OnUp();
  timeline_.After(Delay(), [this, id, stream = line.number] {
    if (const Line& now = lines_[id]; now.up && now.number == stream) Welcome(id);
  });
}

void SimulatedRun::Welcome(const std::string& id) {
  Line& line = lines_[id];
  if (line.far_end == FarEnd::kMute) return;
  proto::ToAgent message;
  const bool own = line.far_end == FarEnd::kController;
  message.mutable_welcome()->set_controller_id(own ? kController : kStranger);
  line.agent->OnMessage(message, own);
  if (!own) MeetStranger(id);
}

// Another controller knows nothing of this run; what it says of one of the same name is of another.
void SimulatedRun::MeetStranger(const std::string& id) {
  Line& line = lines_[id];
  proto::ToAgent ack;
  ack.mutable_ack()->set_run_id(plan_.run_id());
  ack.mutable_ack()->set_number(1000);
  proto::ToAgent stop;
  stop.mutable_stop()->set_run_id(plan_.run_id());
  proto::ToAgent release;
  release.mutable_release()->set_run_id(plan_.run_id());
  for (const proto::ToAgent& message : {ack, stop, release}) {
    line.agent->OnMessage(message, /*is_own=*/false);
  }
  timeline_.After(dice_.Between(1, 100) * kMs, [this, id, stream = line.number] {
    if (const Line& now = lines_[id]; now.up && now.number == stream) HangUp(id);
  });
}

void SimulatedRun::HangUp(const std::string& id) {
  Line& line = lines_[id];
  if (!line.up || line.gone) return;
  Tell(absl::StrCat(id, ": the stream is ended"));
  line.far_end = FarEnd::kController;
  EndStream(id, dice_.Between(50, 100) * kMs);
}

void SimulatedRun::Leave(const std::string& id) {
  Tell(id + " leaves");
  lines_[id].gone = true;
  if (lines_[id].up) EndStream(id, kPatienceNs);
}

void SimulatedRun::Kill(const std::string& id, bool noticed) {
  Line& line = lines_[id];
  if (line.gone) return;
  Tell(absl::StrCat(id, " dies, ", noticed ? "noticed" : "unnoticed"));
  Break(id, kPatienceNs);
  line.gone = true;
  line.up = false;
  line.agent->Die();
  if (noticed) {
    timeline_.After(dice_.Between(1, 50) * kMs, [this, id] {
      Do(machine_->OnDied(id, "was killed", timeline_.now_ns()), id + " died");
    });
  } else if (dice_.Chance(0.3)) {
    timeline_.After(dice_.Between(50, 3000) * kMs, [this, id] { Restart(id); });
  }
}

// A supervisor starts it again.
void SimulatedRun::Restart(const std::string& id) {
  Tell(id + " is started again");
  Line& line = lines_[id];
  line.gone = false;
  line.far_end = FarEnd::kController;
  line.agent->Restart();
  Redial(id);
}

// ---- the controller ----

// As the fleet does it.
void SimulatedRun::HearJoin(const std::string& id, const proto::Join& join) {
  Line& line = lines_[id];
  const int64_t now_ns = timeline_.now_ns();
  if (std::exchange(line.incarnation, join.incarnation()) != join.incarnation()) {
    // The former stream is over; that this one is believed in comes next.
    line.believed = false;
    Do(machine_->OnLost(id, "it was restarted", now_ns), id + " was restarted");
    line.believed = true;
  }
  if (line.known > 1) Do(machine_->OnRejoined(id, now_ns), id + " rejoined");
}

void SimulatedRun::Hear(const std::string& id, const proto::FromAgent& message) {
  const int64_t now_ns = timeline_.now_ns();
  // Those of the beginning were there before the run.
  if (message.has_join()) {
    HearJoin(id, message.join());
  } else if (message.has_pong()) {
    Do(machine_->OnPong(id, message.pong(), now_ns), "Pong of " + id);
  } else if (message.has_armed()) {
    Do(machine_->OnArmed(id, message.armed(), now_ns), "Armed of " + id);
  } else if (message.has_interval()) {
    const bool overrun = TellsOfAnOverrun(message.interval());
    Do(machine_->OnInterval(message.interval(), now_ns),
       absl::StrCat("Interval ", message.interval().number(), " of ", id));
    if (overrun && !HasFault(id + ", which was lost, has sent beats")) {
      Violate(id + " says that it sent what others were given, and nobody minds");
    }
  } else if (message.has_finished()) {
    Do(machine_->OnFinished(id, message.finished(), now_ns), "Finished of " + id);
  } else if (message.has_refused() && message.refused().run_id() == plan_.run_id()) {
    Do(machine_->OnRefused(id, message.refused().reason(), now_ns), "Refused of " + id);
  }
}

// A lost agent sent in a second in which all that it ever held was others', and had less waiting.
bool SimulatedRun::TellsOfAnOverrun(const proto::Interval& interval) const {
  if (machine_->done() || !lines_.at(interval.agent_id()).agent->rogue()) return false;
  const proto::RunRecord record = machine_->record();
  for (const proto::AgentRecord& agent : record.agents()) {
    if (agent.id() != interval.agent_id()) continue;
    const bool given_away =
        agent.lanes_size() > 0 &&
        std::all_of(agent.lanes().begin(), agent.lanes().end(), [&interval](const auto& lane) {
          return lane.has_until_ns() && lane.until_ns() <= interval.begin_ns();
        });
    return agent.has_lost_at_ns() && given_away &&
           (interval.measure().sent() > interval.measure().waiting_before() ||
            interval.warmup().sent() > interval.warmup().waiting_before());
  }
  return false;
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
    ++faults_;
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
  bundle_.push_back(interval);
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
    if (!line.believed || timeline_.now_ns() - line.lease_at_ns <= limits_.lease_ns / 2) continue;
    const proto::RunRecord record = machine_->record();
    const bool lost = std::any_of(
        record.agents().begin(), record.agents().end(),
        [&id = id](const auto& agent) { return agent.id() == id && agent.has_lost_at_ns(); });
    if (!lost) Violate("the lease of " + id + " is renewed too late");
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

bool SimulatedRun::HasFault(const std::string& part) const {
  const auto& faults = machine_->outcome().record.faults();
  return std::any_of(faults.begin(), faults.end(), [&part](const std::string& fault) {
    return fault.find(part) != std::string::npos;
  });
}

bool SimulatedRun::SaysSo(const std::string& part) const {
  const auto& notes = machine_->outcome().record.notes();
  return HasFault(part) ||
         std::any_of(notes.begin(), notes.end(), [&part](const std::string& note) {
           return note.find(part) != std::string::npos;
         });
}

void SimulatedRun::Violate(const std::string& what) {
  Tell("VIOLATION: " + what);
  violations_.push_back(what);
}

void SimulatedRun::Tell(const std::string& what) {
  story_.push_back(absl::StrCat((timeline_.now_ns() - begun_at_ns_) / 1000, " us: ", what));
}

uint64_t SimulatedRun::produced() const {
  uint64_t sum = 0;
  for (const auto& [id, line] : lines_) sum += line.agent->intervals();
  return sum;
}

uint64_t SimulatedRun::acknowledged() const {
  uint64_t sum = 0;
  for (const auto& [id, line] : lines_) sum += line.agent->acknowledged();
  return sum;
}

std::string SimulatedRun::story() const {
  return absl::StrCat("seed ", seed_, gentle_ ? " (gentle)" : "", "\n",
                      absl::StrJoin(story_, "\n"));
}

}  // namespace drumline
