// RunMachine: what becomes of a run when something is lost, and with time alone.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/run/run_machine.h"
#include "controller/run/seconds_text.h"
#include "core/rate.h"
#include "core/schedule.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// So that an exact share is not refused for an error of rounding; an agent allows for more of it.
constexpr double kRounding = 5e-10;

// "a, c"; "a (25 %), c (75 %)" where they are not equal; and who is nobody.
std::string HeirsText(const std::vector<std::string>& rest, const BeatDivision& division) {
  std::set<double> shares;
  for (const std::vector<LanePart>& heir : division.heirs) shares.insert(ShareOfAll(heir));
  shares.erase(0);
  const bool equal = division.nobodys.empty() && shares.size() == 1;
  std::vector<std::string> words;
  for (size_t i = 0; i < rest.size(); ++i) {
    const double share = ShareOfAll(division.heirs[i]);
    if (share == 0) continue;
    words.push_back(equal ? rest[i] : absl::StrFormat("%s (%.3g %%)", rest[i], share * 100));
  }
  if (const double share = ShareOfAll(division.nobodys); share > 0) {
    words.push_back(absl::StrFormat(
        "nobody (%.3g %%: the rest have no room for them below their --max-rate)", share * 100));
  }
  return absl::StrJoin(words, ", ");
}

}  // namespace

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
  if (seat == nullptr || done()) return commands;
  if (seat->lost_at_ns) {
    // Others have its beats, or the load has ended.
    Send(agent_id, StopMessage(), &commands);
    return commands;
  }
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
      SendLease(agent_id, now_ns, seat, commands);
      SendStart(agent_id, *seat, commands);
      for (size_t i = 1; i < seat->holdings.size(); ++i) {
        SendAdoption(agent_id, *seat, i, commands);
      }
      return;
    case State::kStopping:
      Send(agent_id, StopMessage(), commands);
      return;
    case State::kResyncing:
    case State::kDone:
      return;
  }
}

Commands RunMachine::OnLost(const std::string& agent_id, const std::string& how, int64_t now_ns) {
  Commands commands;
  if (Find(agent_id) != nullptr) Lose(agent_id, how, Loss::kSilent, now_ns, &commands);
  return commands;
}

Commands RunMachine::OnDied(const std::string& agent_id, const std::string& how, int64_t now_ns) {
  Commands commands;
  if (Find(agent_id) != nullptr) Lose(agent_id, how, Loss::kDead, now_ns, &commands);
  return commands;
}

Commands RunMachine::OnTargetDied(const std::string& how) {
  Commands commands;
  if (done()) return commands;
  const std::string fault = absl::StrCat("the target ", plan_.target(), " ", how);
  if (state_ == State::kRunning) {
    AddFault(fault);
    StopLoad(&commands);
  } else if (!started()) {
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

// ---- the loss of an agent ----

void RunMachine::Lose(const std::string& agent_id, const std::string& how, Loss loss,
                      int64_t now_ns, Commands* commands) {
  Seat* seat = Find(agent_id);
  if (done() || seat->lost_at_ns || HasDelivered(agent_id, *seat)) return;
  if (!started()) {
    Fail(absl::UnavailableError(
             absl::StrCat("agent ", agent_id, " was lost before the start: ", how)),
         commands);
    return;
  }
  seat->lost_at_ns = now_ns - start_ns_;
  const std::string words =
      absl::StrCat("agent ", agent_id, " was lost at ", SecondsText(*seat->lost_at_ns), ": ", how);
  if (!GoesOnWithout(agent_id, loss)) {
    AddFault(words);
    if (state_ == State::kRunning) StopLoad(commands);
  } else if (limits_.on_loss == proto::ON_LOSS_TRUNCATE) {
    outcome_.record.add_notes(words);
    if (state_ == State::kRunning) StopLoad(commands);
  } else {
    outcome_.record.add_notes(words);
    // It may be there and not know that it is lost.
    if (loss != Loss::kDead && seat->connected) Send(agent_id, StopMessage(), commands);
    if (state_ == State::kRunning) TakeOver(loss, now_ns, seat, commands);
  }
  FinishIfComplete(now_ns, commands);
}

// What a lost agent says counts for nothing; but it may say that it sent what others have sent,
// too. Who was without a lease may still send what waited already, and no beat besides.
void RunMachine::CheckLate(const proto::Interval& interval, Seat* seat, Commands* commands) {
  if (seat->overran || interval.run_id() != plan_.run_id()) return;
  for (const Holding& holding : seat->holdings) {
    if (holding.nobodys) continue;
    if (holding.until_ns == kNever || interval.begin_ns() < holding.until_ns) return;
  }
  if (interval.warmup().sent() <= interval.warmup().waiting_before() &&
      interval.measure().sent() <= interval.measure().waiting_before()) {
    return;
  }
  seat->overran = true;
  AddFault(absl::StrCat("agent ", interval.agent_id(),
                        ", which was lost, has sent beats that others were given: it does not keep "
                        "to its lease"));
  if (state_ == State::kRunning) StopLoad(commands);
}

// Whether what is left makes a measurement. Counts that were made up do not, nor does nobody.
bool RunMachine::GoesOnWithout(const std::string& agent_id, Loss loss) const {
  if (limits_.on_loss == proto::ON_LOSS_INVALIDATE || loss == Loss::kLying) return false;
  if (limits_.on_loss == proto::ON_LOSS_TRUNCATE) return true;
  return !plan_.load().closed_loop() && (!Rest().empty() || ReportedNs(agent_id) >= WindowEndNs());
}

int64_t RunMachine::ReportedNs(const std::string& agent_id) const {
  const auto totals = totals_.agents().find(agent_id);
  return totals == totals_.agents().end() ? 0 : totals->second.end_ns;
}

int64_t RunMachine::WindowEndNs() const {
  return plan_.load().warmup_ns() + plan_.load().measure_ns();
}

std::vector<std::string> RunMachine::Rest() const {
  std::vector<std::string> rest;
  for (const auto& [agent_id, seat] : seats_) {
    if (!seat.lost_at_ns && !seat.finished) rest.push_back(agent_id);
  }
  return rest;
}

// What the lost agent held from some instant on is divided, lane by lane, among the rest.
void RunMachine::TakeOver(Loss loss, int64_t now_ns, Seat* lost, Commands* commands) {
  const int64_t silent_ns =
      loss == Loss::kDead
          ? now_ns
          : std::max(lost->lease_until_ns + lost->clock.uncertainty_ns(), start_ns_) +
                limits_.stop_margin_ns;
  const int64_t at_ns = std::max(now_ns + limits_.lead_ns, silent_ns) - start_ns_;
  if (at_ns >= WindowEndNs()) {
    outcome_.record.add_notes("its beats were over before anybody could have taken them over");
    return;
  }
  const std::vector<std::string> rest = Rest();
  const BeatDivision division = DivideBeats(RoomsOf(rest, *lost));
  if (MostSharesAfter(rest, division, *lost) > limits_.most_shares) {
    AddFault(
        absl::StrCat("the beats of a lost agent could not be divided once more: an agent "
                     "holds at most ",
                     limits_.most_shares, " shares of them"));
    StopLoad(commands);
    return;
  }
  Divide(at_ns, rest, division, lost, commands);
  outcome_.record.add_notes(absl::StrCat("its beats from ", SecondsText(at_ns), " on went to ",
                                         HeirsText(rest, division)));
}

size_t RunMachine::MostSharesAfter(const std::vector<std::string>& rest,
                                   const BeatDivision& division, const Seat& lost) const {
  const auto divided = std::count_if(lost.holdings.begin(), lost.holdings.end(),
                                     [](const Holding& holding) { return holding.open(); });
  size_t most = 0;
  for (size_t i = 0; i < rest.size(); ++i) {
    const size_t more = static_cast<size_t>(divided) * division.heirs[i].size();
    most = std::max(most, seats_.at(rest[i]).holdings.size() + more);
  }
  return most;
}

void RunMachine::Divide(int64_t at_ns, const std::vector<std::string>& rest,
                        const BeatDivision& division, Seat* lost, Commands* commands) {
  std::vector<Holding> nobodys;
  for (Holding& holding : lost->holdings) {
    if (!holding.open()) continue;
    holding.until_ns = std::max(at_ns, holding.from_ns);
    for (size_t i = 0; i < rest.size(); ++i) {
      Seat& heir = seats_.at(rest[i]);
      for (const LanePart& part : division.heirs[i]) {
        heir.holdings.push_back(PartOf(holding, part));
        SendAdoption(rest[i], heir, heir.holdings.size() - 1, commands);
      }
    }
    for (const LanePart& part : division.nobodys) {
      nobodys.push_back(PartOf(holding, part));
      nobodys.back().nobodys = true;
    }
  }
  lost->holdings.insert(lost->holdings.end(), nobodys.begin(), nobodys.end());
}

// From its end on.
RunMachine::Holding RunMachine::PartOf(const Holding& holding, const LanePart& part) {
  Holding share;
  share.from_ns = holding.until_ns;
  for (const proto::Lane& lane : holding.lanes) {
    const Lane of_lane = ShareOf({lane.first(), lane.stride()}, part.part, part.parts);
    proto::Lane& own = share.lanes.emplace_back();
    own.set_first(of_lane.first);
    own.set_stride(of_lane.stride);
  }
  return share;
}

// Of the plan's beats, those that are the agent's now.
double RunMachine::ShareOfBeats(const Seat& seat) {
  double share = 0;
  for (const Holding& holding : seat.holdings) {
    if (!holding.open()) continue;
    for (const proto::Lane& lane : holding.lanes) share += 1 / static_cast<double>(lane.stride());
  }
  return share;
}

// How much of what the lost agent holds each of the rest has room for, at the plan's peak.
std::vector<double> RunMachine::RoomsOf(const std::vector<std::string>& rest,
                                        const Seat& lost) const {
  double peak = 0;
  for (const proto::RateSegment& segment : plan_.load().segments()) {
    for (const proto::Rate& rate : {segment.from(), segment.to()}) {
      peak = std::max(peak, Rate::MicroPerHour(rate.micro_per_hour()).per_second());
    }
  }
  const double wanted = peak * ShareOfBeats(lost);
  std::vector<double> rooms;
  for (const std::string& agent_id : rest) {
    const auto ceiling = limits_.max_rates.find(agent_id);
    if (ceiling == limits_.max_rates.end() || wanted <= 0) {
      rooms.push_back(kRoomForAll);
      continue;
    }
    const double room =
        ceiling->second * (1 + kRounding) - peak * ShareOfBeats(seats_.at(agent_id));
    rooms.push_back(std::max(room, 0.0) / wanted);
  }
  return rooms;
}

// Adoptions are numbered from 1 as holdings are from 0, of which the first is the agent's own.
void RunMachine::SendAdoption(const std::string& agent_id, const Seat& seat, size_t index,
                              Commands* commands) {
  const Holding& holding = seat.holdings[index];
  proto::ToAgent message;
  proto::Adopt& adopt = *message.mutable_adopt();
  adopt.set_run_id(plan_.run_id());
  adopt.set_number(index);
  adopt.set_from_ns(holding.from_ns);
  for (const proto::Lane& lane : holding.lanes) *adopt.add_lanes() = lane;
  Send(agent_id, std::move(message), commands);
}

// The window that all agents share: the whole seconds that each of them has reported.
void RunMachine::CutTheWindow() {
  if (limits_.on_loss != proto::ON_LOSS_TRUNCATE || !started()) return;
  int64_t cut_ns = kNever;
  bool lost = false;
  for (const auto& [agent_id, seat] : seats_) {
    if (!seat.lost_at_ns && seat.finished) continue;
    lost = lost || seat.lost_at_ns.has_value();
    cut_ns = std::min(cut_ns, ReportedNs(agent_id) / kSecondNs * kSecondNs);
  }
  if (!lost) return;
  // The whole window was reported: what came after it, the drain, counts as far as it goes.
  if (cut_ns >= WindowEndNs()) return;
  outcome_.record.set_cut_ns(cut_ns);
  for (auto& [agent_id, seat] : seats_) seat.holdings.front().until_ns = cut_ns;
  if (cut_ns <= plan_.load().warmup_ns()) {
    AddFault(absl::StrCat("what all agents have reported ends at ", SecondsText(cut_ns),
                          ", before the measured window began"));
    return;
  }
  outcome_.record.add_notes(absl::StrCat("the run is cut at ", SecondsText(cut_ns),
                                         ": all agents have reported that far"));
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
                                             SecondsText(limits_.sync_deadline_ns), " from ",
                                             NamesOf(&Seat::synced))),
         &commands);
  } else if (state_ == State::kArming && now_ns >= deadline_ns_) {
    Fail(absl::UnavailableError(
             ready_ ? std::string("all agents were ready, but nobody said when to start")
                    : absl::StrCat("not ready within ", SecondsText(limits_.arm_deadline_ns), ": ",
                                   NamesOf(&Seat::armed))),
         &commands);
  }
  if (state_ == State::kResyncing && now_ns >= deadline_ns_) Finish(&commands);
  if (done()) return commands;
  latest_ns_ = now_ns;
  if (state_ == State::kRunning && now_ns >= deadline_ns_) {
    AddFault(absl::StrCat("the run did not end within ", SecondsText(limits_.overrun_ns),
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
                        SecondsText(limits_.rejoin_ns)),
           Loss::kSilent, now_ns, commands);
    } else if (started() && now_ns >= seat.heard_ns + limits_.silence_ns) {
      Lose(agent_id, absl::StrCat("it has not reported for ", SecondsText(limits_.silence_ns)),
           Loss::kSilent, now_ns, commands);
    } else if (state_ == State::kStopping && now_ns >= deadline_ns_) {
      Lose(agent_id, "it was told to stop and did not end its part", Loss::kSilent, now_ns,
           commands);
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

}  // namespace drumline
