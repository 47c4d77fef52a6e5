#include "controller/run/run_machine.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "core/plan.h"

namespace drumline {
namespace {

std::string Seconds(int64_t ns) {
  return absl::StrFormat("%.3g s", static_cast<double>(ns) * 1e-9);
}

}  // namespace

RunMachine::RunMachine(const proto::RunPlan& plan,
                       const std::map<std::string, proto::Slice>& slices, const Limits& limits)
    : plan_(plan),
      limits_(limits),
      totals_(plan.run_id(), RequestsOf(plan).size()),
      live_(slices.size()) {
  for (const auto& [agent_id, slice] : slices) seats_[agent_id].slice = slice;
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
  if (seat == nullptr || state_ != State::kSyncing) return commands;
  const auto sent = seat->pings_sent_ns.find(pong.sequence());
  if (sent == seat->pings_sent_ns.end()) return commands;  // answered before
  seat->clock.Add({sent->second, pong.agent_now_ns(), now_ns});
  seat->pings_sent_ns.erase(sent);
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
  if (std::all_of(seats_.begin(), seats_.end(), [](const auto& s) { return s.second.armed; })) {
    EnterRunning(now_ns, &commands);
  }
  return commands;
}

Commands RunMachine::OnRefused(const std::string& agent_id, const std::string& reason,
                               int64_t now_ns) {
  Commands commands;
  if (Find(agent_id) == nullptr || done()) return commands;
  const std::string text = absl::StrCat("agent ", agent_id, " cannot take part: ", reason);
  if (state_ == State::kRunning || state_ == State::kStopping) {
    Lose(agent_id, text, now_ns, &commands);
  } else {
    Fail(absl::UnavailableError(text), &commands);
  }
  return commands;
}

// ---- running ----

void RunMachine::EnterRunning(int64_t now_ns, Commands* commands) {
  state_ = State::kRunning;
  latest_ns_ = now_ns;
  start_ns_ = now_ns + limits_.lead_ns;
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

proto::ToAgent RunMachine::LeaseMessage() const {
  proto::ToAgent message;
  message.mutable_lease()->set_run_id(plan_.run_id());
  message.mutable_lease()->set_valid_ns(limits_.lease_ns);
  return message;
}

void RunMachine::RenewLeases(int64_t now_ns, Commands* commands) {
  next_lease_ns_ = now_ns + limits_.lease_every_ns;
  SendToAll(LeaseMessage(), commands);
}

Commands RunMachine::OnInterval(const proto::Interval& interval, int64_t now_ns) {
  Commands commands;
  Seat* seat = Find(interval.agent_id());
  // What comes before the start is left over from a run of an earlier campaign, whatever its id.
  if (seat == nullptr || done() || !started() || seat->lost_at_ns) return commands;
  seat->heard_ns = now_ns;
  absl::StatusOr<RunTotals::Receipt> receipt = totals_.Add(interval);
  if (!receipt.ok()) {
    Lose(interval.agent_id(), std::string(receipt.status().message()), now_ns, &commands);
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
  FinishIfComplete(&commands);
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
  FinishIfComplete(&commands);
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
  if (done() || state_ == State::kStopping) return commands;
  outcome_.record.set_interrupted(reason);
  if (state_ == State::kRunning) {
    StopLoad(&commands);
  } else {
    Finish(&commands);
  }
  return commands;
}

// ---- faults ----

Commands RunMachine::OnDisconnected(const std::string& agent_id, int64_t now_ns) {
  Seat* seat = Find(agent_id);
  if (seat != nullptr && seat->connected) {
    seat->connected = false;
    seat->disconnected_ns = now_ns;
  }
  return {};
}

Commands RunMachine::OnRejoined(const std::string& agent_id, int64_t now_ns) {
  Commands commands;
  Seat* seat = Find(agent_id);
  if (seat == nullptr || done() || seat->lost_at_ns) return commands;
  seat->connected = true;
  seat->heard_ns = std::max(seat->heard_ns, now_ns);
  Remind(agent_id, seat, now_ns, &commands);
  return commands;
}

// What was said into the stream that broke may not have arrived. Agents take each of these twice
// without harm.
void RunMachine::Remind(const std::string& agent_id, Seat* seat, int64_t now_ns,
                        Commands* commands) {
  switch (state_) {
    case State::kSyncing:
      if (!seat->synced) Ping(agent_id, seat, now_ns, commands);
      return;
    case State::kArming:
      if (!seat->armed) SendArm(agent_id, *seat, commands);
      return;
    case State::kRunning:
      Send(agent_id, LeaseMessage(), commands);
      SendStart(agent_id, *seat, commands);
      return;
    case State::kStopping:
      Send(agent_id, StopMessage(), commands);
      return;
    case State::kDone:
      return;
  }
}

Commands RunMachine::OnDied(const std::string& agent_id, const std::string& how, int64_t now_ns) {
  Commands commands;
  if (Find(agent_id) != nullptr) Lose(agent_id, how, now_ns, &commands);
  return commands;
}

Commands RunMachine::OnTargetDied(const std::string& how) {
  Commands commands;
  if (done()) return commands;
  const std::string fault = absl::StrCat("the target ", plan_.target(), " ", how);
  if (state_ == State::kRunning) {
    AddFault(fault);
    StopLoad(&commands);
  } else if (state_ != State::kStopping) {
    Fail(absl::UnavailableError(fault), &commands);
  }
  return commands;
}

Commands RunMachine::OnStorageFailed(const absl::Status& status) {
  Commands commands;
  if (std::exchange(storage_failed_, true)) return commands;
  const std::string fault =
      absl::StrCat("the bundle could not be written: ", std::string(status.message()));
  // Even if the run has just ended: its last interval may be what was not written.
  AddFault(fault);
  if (state_ == State::kRunning) {
    StopLoad(&commands);
  } else if (!started() && !done()) {
    Fail(absl::UnavailableError(fault), &commands);
  }
  return commands;
}

void RunMachine::Lose(const std::string& agent_id, const std::string& how, int64_t now_ns,
                      Commands* commands) {
  Seat* seat = Find(agent_id);
  if (done() || seat->lost_at_ns || HasDelivered(agent_id, *seat)) return;
  if (!started()) {
    Fail(absl::UnavailableError(
             absl::StrCat("agent ", agent_id, " was lost before the start: ", how)),
         commands);
    return;
  }
  seat->lost_at_ns = now_ns - start_ns_;
  AddFault(
      absl::StrCat("agent ", agent_id, " was lost at ", Seconds(*seat->lost_at_ns), ": ", how));
  if (state_ == State::kRunning) StopLoad(commands);
  FinishIfComplete(commands);
}

void RunMachine::Fail(const absl::Status& status, Commands* commands) {
  outcome_.usable = status;
  Finish(commands);
}

std::string RunMachine::NamesOf(bool Seat::*reached) const {
  std::vector<std::string> names;
  for (const auto& [agent_id, seat] : seats_) {
    if (!(seat.*reached)) names.push_back(agent_id);
  }
  return absl::StrJoin(names, ", ");
}

// ---- time ----

Commands RunMachine::OnTick(int64_t now_ns) {
  Commands commands;
  if (done()) return commands;
  if (state_ == State::kSyncing && now_ns >= deadline_ns_) {
    Fail(absl::UnavailableError(absl::StrCat("no answer to pings within ",
                                             Seconds(limits_.sync_deadline_ns), " from ",
                                             NamesOf(&Seat::synced))),
         &commands);
  } else if (state_ == State::kArming && now_ns >= deadline_ns_) {
    Fail(absl::UnavailableError(absl::StrCat("not ready within ", Seconds(limits_.arm_deadline_ns),
                                             ": ", NamesOf(&Seat::armed))),
         &commands);
  }
  if (done()) return commands;
  latest_ns_ = now_ns;
  if (state_ == State::kRunning && now_ns >= deadline_ns_) {
    AddFault(absl::StrCat("the run did not end within ", Seconds(limits_.overrun_ns),
                          " of its plan's end; still at it: ", NamesOf(&Seat::finished)));
    StopLoad(&commands);
  }
  if (state_ == State::kRunning && now_ns >= next_lease_ns_) RenewLeases(now_ns, &commands);
  CheckAgents(now_ns, &commands);
  return commands;
}

void RunMachine::CheckAgents(int64_t now_ns, Commands* commands) {
  for (auto& [agent_id, seat] : seats_) {
    if (done()) return;
    if (seat.lost_at_ns || HasDelivered(agent_id, seat)) continue;
    if (!seat.connected && now_ns >= seat.disconnected_ns + limits_.rejoin_ns) {
      Lose(agent_id,
           absl::StrCat("its stream ended and it did not come back within ",
                        Seconds(limits_.rejoin_ns)),
           now_ns, commands);
    } else if (started() && now_ns >= seat.heard_ns + limits_.silence_ns) {
      Lose(agent_id, absl::StrCat("it has not reported for ", Seconds(limits_.silence_ns)), now_ns,
           commands);
    } else if (state_ == State::kStopping && now_ns >= deadline_ns_) {
      Lose(agent_id, "it was told to stop and did not end its part", now_ns, commands);
    }
  }
}

int64_t RunMachine::wake_at_ns() const {
  int64_t wake_ns = std::min(deadline_ns_, state_ == State::kRunning ? next_lease_ns_ : kNever);
  for (const auto& [agent_id, seat] : seats_) {
    if (seat.lost_at_ns || HasDelivered(agent_id, seat)) continue;
    if (!seat.connected) wake_ns = std::min(wake_ns, seat.disconnected_ns + limits_.rejoin_ns);
    if (started()) wake_ns = std::min(wake_ns, seat.heard_ns + limits_.silence_ns);
  }
  return wake_ns;
}

// ---- the end ----

void RunMachine::FinishIfComplete(Commands* commands) {
  if (done() || !started()) return;
  for (const auto& [agent_id, seat] : seats_) {
    if (!seat.lost_at_ns && !HasDelivered(agent_id, seat)) return;
  }
  Finish(commands);
}

// The agent has ended its part, and all its intervals are in.
bool RunMachine::HasDelivered(const std::string& agent_id, const Seat& seat) const {
  const auto totals = totals_.agents().find(agent_id);
  const uint64_t received = totals == totals_.agents().end() ? 0 : totals->second.intervals;
  return seat.finished && received >= seat.expected_intervals;
}

void RunMachine::CheckStart(const std::string& agent_id, const Seat& seat) {
  if (seat.started_agent_ns == 0) return;
  const int64_t skew_ns = seat.started_agent_ns - seat.clock.offset_ns() - start_ns_;
  if (std::abs(skew_ns) <= limits_.start_skew_ns) return;
  AddFault(absl::StrCat("agent ", agent_id, " started ", Seconds(skew_ns),
                        " off the common start; the bound is ", Seconds(limits_.start_skew_ns)));
}

proto::RunRecord RunMachine::record() const {
  if (done()) return outcome_.record;
  proto::RunRecord record = outcome_.record;
  for (const auto& [agent_id, seat] : seats_) {
    proto::AgentRecord& agent = *record.add_agents();
    agent.set_id(agent_id);
    agent.set_clock_uncertainty_ns(seat.clock.samples() > 0 ? seat.clock.uncertainty_ns() : 0);
    if (seat.started_agent_ns != 0) {
      agent.set_start_skew_ns(seat.started_agent_ns - seat.clock.offset_ns() - start_ns_);
    }
    agent.set_engine(seat.engine);
    if (seat.lost_at_ns) agent.set_lost_at_ns(*seat.lost_at_ns);
  }
  return record;
}

void RunMachine::Finish(Commands* commands) {
  for (const auto& [agent_id, seat] : seats_) CheckStart(agent_id, seat);
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
