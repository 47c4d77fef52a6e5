#include "controller/run/run_machine.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/run/seconds_text.h"
#include "core/plan.h"

namespace drumline {

RunMachine::RunMachine(const proto::RunPlan& plan,
                       const std::map<std::string, proto::Slice>& slices, const Limits& limits)
    : plan_(plan),
      limits_(limits),
      totals_(plan.run_id(), RequestsOf(plan).size()),
      live_(slices.size()) {
  for (const auto& [agent_id, slice] : slices) {
    Seat& seat = seats_[agent_id];
    seat.slice = slice;
    Holding& own = seat.holdings.emplace_back();
    for (const proto::WorkerSlice& worker : slice.workers()) own.lanes.push_back(worker.lane());
  }
  outcome_.record.set_run_id(plan.run_id());
}

const char* RunMachine::state_name() const {
  switch (state_) {
    case State::kSyncing:
      return "syncing clocks";
    case State::kArming:
      return "opening connections";
    case State::kRunning:
      return "running";
    case State::kStopping:
      return "stopping";
    case State::kResyncing:
      return "comparing clocks";
    case State::kDone:
      return "done";
  }
  return "";
}

RunMachine::Seat* RunMachine::Find(const std::string& agent_id) {
  const auto found = seats_.find(agent_id);
  return found == seats_.end() ? nullptr : &found->second;
}

void RunMachine::Send(const std::string& agent_id, proto::ToAgent message, Commands* commands) {
  commands->push_back(SendCommand{agent_id, std::move(message)});
}

void RunMachine::SendToAll(const proto::ToAgent& message, Commands* commands) {
  for (const auto& [agent_id, seat] : seats_) {
    if (!seat.lost_at_ns) Send(agent_id, message, commands);
  }
}

void RunMachine::AddFault(const std::string& fault) { outcome_.record.add_faults(fault); }

// ---- syncing ----

Commands RunMachine::Begin(int64_t now_ns) {
  Commands commands;
  deadline_ns_ = now_ns + limits_.sync_deadline_ns;
  for (auto& [agent_id, seat] : seats_) Ping(agent_id, &seat, now_ns, &commands);
  return commands;
}

void RunMachine::Ping(const std::string& agent_id, Seat* seat, int64_t now_ns, Commands* commands) {
  // A number is never used twice: the answer to a ping that was thought lost must not be timed from
  // the one that replaced it.
  const uint64_t sequence = ++seat->last_ping;
  seat->pings_sent_ns[sequence] = now_ns;
  proto::ToAgent message;
  message.mutable_ping()->set_sequence(sequence);
  Send(agent_id, std::move(message), commands);
}

Commands RunMachine::OnPong(const std::string& agent_id, const proto::Pong& pong, int64_t now_ns) {
  Commands commands;
  Seat* seat = Find(agent_id);
  if (seat == nullptr || (state_ != State::kSyncing && state_ != State::kResyncing)) {
    return commands;
  }
  const auto sent = seat->pings_sent_ns.find(pong.sequence());
  if (sent == seat->pings_sent_ns.end()) return commands;  // answered before
  const ClockSync::Sample sample{sent->second, pong.agent_now_ns(), now_ns};
  seat->pings_sent_ns.erase(sent);
  if (state_ == State::kResyncing) {
    seat->clock_after.Add(sample);
    if (seat->clock_after.samples() < limits_.resync_pings) Ping(agent_id, seat, now_ns, &commands);
    if (Resynced()) Finish(&commands);
    return commands;
  }
  seat->clock.Add(sample);
  seat->synced = seat->clock.samples() >= limits_.pings;
  if (!seat->synced) Ping(agent_id, seat, now_ns, &commands);
  if (std::all_of(seats_.begin(), seats_.end(), [](const auto& s) { return s.second.synced; })) {
    EnterArming(now_ns, &commands);
  }
  return commands;
}

// ---- arming ----

void RunMachine::EnterArming(int64_t now_ns, Commands* commands) {
  state_ = State::kArming;
  deadline_ns_ = now_ns + limits_.arm_deadline_ns;
  for (const auto& [agent_id, seat] : seats_) SendArm(agent_id, seat, commands);
}

void RunMachine::SendArm(const std::string& agent_id, const Seat& seat, Commands* commands) {
  proto::ToAgent message;
  *message.mutable_arm()->mutable_slice() = seat.slice;
  Send(agent_id, std::move(message), commands);
}

Commands RunMachine::OnArmed(const std::string& agent_id, const proto::Armed& armed,
                             int64_t now_ns) {
  Commands commands;
  Seat* seat = Find(agent_id);
  if (seat == nullptr || state_ != State::kArming || armed.run_id() != plan_.run_id()) {
    return commands;
  }
  seat->armed = true;
  seat->engine = armed.engine();
  if (ready_ ||
      !std::all_of(seats_.begin(), seats_.end(), [](const auto& s) { return s.second.armed; })) {
    return commands;
  }
  if (!limits_.starts_on_call) {
    EnterRunning(now_ns + limits_.lead_ns, now_ns, &commands);
    return commands;
  }
  ready_ = true;
  // Whoever calls waits for others that had as long for their clocks and their connections.
  deadline_ns_ = now_ns + limits_.sync_deadline_ns + limits_.arm_deadline_ns;
  return commands;
}

Commands RunMachine::StartAt(int64_t start_ns, int64_t now_ns) {
  Commands commands;
  if (ready()) EnterRunning(start_ns, now_ns, &commands);
  return commands;
}

Commands RunMachine::OnRefused(const std::string& agent_id, const std::string& reason,
                               int64_t now_ns) {
  Commands commands;
  const Seat* seat = Find(agent_id);
  if (seat == nullptr || done()) return commands;
  const std::string text = absl::StrCat("agent ", agent_id, " cannot take part: ", reason);
  if (started() && seat->holdings.size() > 1 && !seat->lost_at_ns) {
    // It sends its own beats as before, but those that it was given are nobody's. Of several
    // adoptions the first one that it refuses has ended the load.
    if (state_ != State::kRunning) return commands;
    AddFault(absl::StrCat("agent ", agent_id, " could not be given a lost one's beats: ", reason));
    StopLoad(&commands);
  } else if (state_ == State::kRunning || state_ == State::kStopping) {
    Lose(agent_id, text, Loss::kSilent, now_ns, &commands);
  } else if (state_ != State::kResyncing) {
    Fail(absl::UnavailableError(text), &commands);
  }
  return commands;
}

// ---- running ----

void RunMachine::EnterRunning(int64_t start_ns, int64_t now_ns, Commands* commands) {
  state_ = State::kRunning;
  latest_ns_ = now_ns;
  start_ns_ = start_ns;
  const proto::LoadPlan& load = plan_.load();
  // A window that ends with a count of answers has no length that could be overrun.
  deadline_ns_ = load.measure_ns() == 0 ? kNever
                                        : start_ns_ + load.warmup_ns() + load.measure_ns() +
                                              load.drain_ns() + limits_.overrun_ns;
  RenewLeases(now_ns, commands);
  for (auto& [agent_id, seat] : seats_) {
    seat.heard_ns = start_ns_;
    SendStart(agent_id, seat, commands);
  }
}

void RunMachine::SendStart(const std::string& agent_id, const Seat& seat, Commands* commands) {
  proto::ToAgent message;
  message.mutable_start()->set_run_id(plan_.run_id());
  message.mutable_start()->set_start_agent_ns(start_ns_ + seat.clock.offset_ns());
  Send(agent_id, std::move(message), commands);
}

void RunMachine::SendLease(const std::string& agent_id, int64_t now_ns, Seat* seat,
                           Commands* commands) {
  seat->lease_until_ns = now_ns + limits_.lease_ns;
  proto::ToAgent message;
  message.mutable_lease()->set_run_id(plan_.run_id());
  message.mutable_lease()->set_valid_ns(limits_.lease_ns);
  message.mutable_lease()->set_until_agent_ns(seat->lease_until_ns + seat->clock.offset_ns());
  Send(agent_id, std::move(message), commands);
}

void RunMachine::RenewLeases(int64_t now_ns, Commands* commands) {
  next_lease_ns_ = now_ns + limits_.lease_every_ns;
  for (auto& [agent_id, seat] : seats_) {
    // Whoever cannot hear it must not be thought to have it.
    if (!seat.lost_at_ns && seat.connected) SendLease(agent_id, now_ns, &seat, commands);
  }
}

Commands RunMachine::OnInterval(const proto::Interval& interval, int64_t now_ns) {
  Commands commands;
  Seat* seat = Find(interval.agent_id());
  // What comes before the start is left over from a run of an earlier campaign, whatever its id.
  if (seat == nullptr || done() || !started()) return commands;
  if (seat->lost_at_ns) {
    CheckLate(interval, seat, &commands);
    return commands;
  }
  seat->heard_ns = now_ns;
  absl::StatusOr<RunTotals::Receipt> receipt = totals_.Add(interval);
  if (!receipt.ok()) {
    Lose(interval.agent_id(), std::string(receipt.status().message()), Loss::kLying, now_ns,
         &commands);
    return commands;
  }
  if (receipt->news) {
    live_.Add(interval, *receipt);
    commands.push_back(PersistCommand{interval});
  }
  // A duplicate may be one that the bundle could not take.
  if (!storage_failed_) {
    proto::ToAgent message;
    message.mutable_ack()->set_run_id(plan_.run_id());
    message.mutable_ack()->set_number(interval.number());
    Send(interval.agent_id(), std::move(message), &commands);
  }
  FinishIfComplete(now_ns, &commands);
  return commands;
}

Commands RunMachine::OnFinished(const std::string& agent_id, const proto::Finished& finished,
                                int64_t now_ns) {
  Commands commands;
  Seat* seat = Find(agent_id);
  if (seat == nullptr || done() || seat->lost_at_ns || finished.run_id() != plan_.run_id()) {
    return commands;
  }
  if (!started()) {
    // Unless it is armed, the agent speaks of a run of an earlier campaign.
    if (seat->armed) {
      Fail(absl::UnavailableError(absl::StrCat("agent ", agent_id, " ended its part before the ",
                                               "start: ", finished.cut_short())),
           &commands);
    }
    return commands;
  }
  seat->heard_ns = now_ns;
  seat->finished = true;
  seat->expected_intervals = finished.intervals();
  seat->started_agent_ns = finished.started_agent_ns();
  seat->cut_short = finished.cut_short();
  // An agent that ended by itself before its time ends the run for all.
  if (state_ == State::kRunning && !seat->cut_short.empty()) {
    AddFault(absl::StrCat("agent ", agent_id, " ended its part early: ", seat->cut_short));
    StopLoad(&commands);
  }
  FinishIfComplete(now_ns, &commands);
  return commands;
}

void RunMachine::StopLoad(Commands* commands) {
  state_ = State::kStopping;
  deadline_ns_ = latest_ns_ + limits_.stop_drain_ns + limits_.overrun_ns;
  SendToAll(StopMessage(), commands);
}

proto::ToAgent RunMachine::StopMessage() const {
  proto::ToAgent message;
  message.mutable_stop()->set_run_id(plan_.run_id());
  message.mutable_stop()->set_drain_ns(limits_.stop_drain_ns);
  return message;
}

Commands RunMachine::Stop(const std::string& reason) {
  Commands commands;
  if (done() || state_ == State::kStopping || state_ == State::kResyncing) return commands;
  outcome_.record.set_interrupted(reason);
  if (state_ == State::kRunning) {
    StopLoad(&commands);
  } else {
    Finish(&commands);
  }
  return commands;
}

void RunMachine::Fail(const absl::Status& status, Commands* commands) {
  outcome_.usable = status;
  Finish(commands);
}

// ---- the end ----

void RunMachine::FinishIfComplete(int64_t now_ns, Commands* commands) {
  if (done() || !started() || state_ == State::kResyncing) return;
  for (const auto& [agent_id, seat] : seats_) {
    if (!seat.lost_at_ns && !HasDelivered(agent_id, seat)) return;
  }
  Resync(now_ns, commands);
}

// Nothing depends on the answers: who does not give them in time has no drift in the report.
void RunMachine::Resync(int64_t now_ns, Commands* commands) {
  state_ = State::kResyncing;
  deadline_ns_ = now_ns + limits_.resync_ns;
  if (Resynced()) {
    Finish(commands);
    return;
  }
  for (auto& [agent_id, seat] : seats_) {
    if (!seat.lost_at_ns && seat.connected) Ping(agent_id, &seat, now_ns, commands);
  }
}

bool RunMachine::Resynced() const {
  return std::all_of(seats_.begin(), seats_.end(), [this](const auto& named) {
    const Seat& seat = named.second;
    return seat.lost_at_ns || !seat.connected || seat.clock_after.samples() >= limits_.resync_pings;
  });
}

// The agent has ended its part, and all its intervals are in.
bool RunMachine::HasDelivered(const std::string& agent_id, const Seat& seat) const {
  // Asked of every agent at every event: nothing is looked up of those that are at work.
  if (!seat.finished) return false;
  const auto totals = totals_.agents().find(agent_id);
  const uint64_t received = totals == totals_.agents().end() ? 0 : totals->second.intervals;
  return received >= seat.expected_intervals;
}

void RunMachine::CheckStart(const std::string& agent_id, const Seat& seat) {
  if (seat.started_agent_ns == 0) return;
  const int64_t skew_ns = seat.started_agent_ns - seat.clock.offset_ns() - start_ns_;
  if (std::abs(skew_ns) <= limits_.start_skew_ns) return;
  AddFault(absl::StrCat("agent ", agent_id, " started ", SecondsText(skew_ns),
                        " off the common start; the bound is ",
                        SecondsText(limits_.start_skew_ns)));
}

void RunMachine::Describe(const std::string& agent_id, const Seat& seat,
                          proto::AgentRecord* agent) const {
  agent->set_id(agent_id);
  agent->set_clock_uncertainty_ns(seat.clock.samples() > 0 ? seat.clock.uncertainty_ns() : 0);
  if (seat.started_agent_ns != 0) {
    agent->set_start_skew_ns(seat.started_agent_ns - seat.clock.offset_ns() - start_ns_);
  }
  agent->set_engine(seat.engine);
  if (seat.lost_at_ns) agent->set_lost_at_ns(*seat.lost_at_ns);
  if (seat.clock_after.samples() > 0) {
    agent->set_clock_drift_ns(seat.clock_after.offset_ns() - seat.clock.offset_ns());
    agent->set_clock_drift_uncertainty_ns(seat.clock_after.uncertainty_ns() +
                                          seat.clock.uncertainty_ns());
  }
}

proto::RunRecord RunMachine::record() const {
  if (done()) return outcome_.record;
  proto::RunRecord record = outcome_.record;
  for (const auto& [agent_id, seat] : seats_) Describe(agent_id, seat, record.add_agents());
  const bool divided = limits_.on_loss != proto::ON_LOSS_INVALIDATE &&
                       std::any_of(seats_.begin(), seats_.end(), [](const auto& named) {
                         return named.second.lost_at_ns.has_value();
                       });
  if (!divided) return record;
  for (proto::AgentRecord& agent : *record.mutable_agents()) {
    for (const Holding& holding : seats_.at(agent.id()).holdings) {
      for (const proto::Lane& lane : holding.lanes) {
        proto::LaneSpan& span = *agent.add_lanes();
        span.set_first(lane.first());
        span.set_stride(lane.stride());
        span.set_from_ns(holding.from_ns);
        if (holding.until_ns != kNever || holding.nobodys) span.set_until_ns(holding.until_ns);
      }
    }
  }
  return record;
}

void RunMachine::Finish(Commands* commands) {
  for (const auto& [agent_id, seat] : seats_) CheckStart(agent_id, seat);
  CutTheWindow();
  outcome_.record = record();
  outcome_.record.set_ended(true);
  proto::ToAgent message;
  if (started()) {
    message.mutable_release()->set_run_id(plan_.run_id());
  } else {
    message.mutable_stop()->set_run_id(plan_.run_id());
  }
  SendToAll(message, commands);
  state_ = State::kDone;
}

}  // namespace drumline
