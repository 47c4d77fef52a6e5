// What must hold in every simulated run, whatever happened in it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/campaign/assembly.h"
#include "controller/report/report_builder.h"
#include "core/beat_count.h"
#include "core/plan.h"
#include "tests/simulation/run_machine/simulated_run.h"

namespace drumline {

// Before it is known who listens nothing is said, not even what was asked for on the stream before.
void SimulatedRun::CheckFirstWord(const std::string& id, const proto::FromAgent& message) {
  Line& line = lines_[id];
  const bool is_answer = message.has_join() || message.has_refused();
  if (!std::exchange(line.spoken, true) && !is_answer && !message.has_pong()) {
    Violate(id + " does not say first who it is: " + message.ShortDebugString().substr(0, 40));
  }
}

// Each stream has all that was not acknowledged, in order and each of it once, and the end behind
// it. (Doubles of an interval are the network's.)
void SimulatedRun::CheckOrder(const std::string& id, const proto::FromAgent& message) {
  Line& line = lines_[id];
  const Character character = line.agent->nature().character;
  if (character == Character::kSkipsOne || character == Character::kPromisesMore) return;
  if (message.has_interval()) {
    const uint64_t number = message.interval().number();
    const uint64_t known = std::max(line.offered, line.agent->acknowledged());
    if (number > known + 1) Violate(absl::StrCat(id, " does not offer interval ", known + 1));
    line.offered = std::max(line.offered, number);
  } else if (message.has_finished()) {
    const uint64_t known = std::max(line.offered, line.agent->acknowledged());
    if (message.finished().intervals() > known) {
      Violate(absl::StrCat(id, " has finished, but not offered interval ", known + 1));
    }
    if (message.finished().intervals() < line.agent->intervals()) {
      Violate(id + " has finished without what it measured last");
    }
  }
}

// Nobody else's business.
void SimulatedRun::CheckStranger(const std::string& id, const proto::FromAgent& message) {
  if (message.has_interval() || message.has_finished() || message.has_armed()) {
    Violate(id + " tells another controller of this one's run");
  }
  if (message.has_join() && !message.join().run_id().empty()) {
    Violate(id + " offers another controller this one's run");
  }
}

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
  CheckBeats();
  if (machine_->started()) CheckReport();
}

// No beat is sent by two agents, whatever became of the stream that took it from one of them. A
// rogue keeps to no lease: see TellsOfAnOverrun.
void SimulatedRun::CheckBeats() {
  std::set<int64_t> starts;
  for (const auto& [id, line] : lines_) {
    if (line.agent->rogue()) continue;
    for (const int64_t start_ns : line.agent->due()) {
      if (starts.insert(start_ns).second) continue;
      Violate(absl::StrCat("the beat at ", start_ns / 1000, " us is sent twice, at last by ", id));
    }
  }
}

RunTotals SimulatedRun::TotalsOfBundle(int64_t cut_ns) const {
  RunTotals totals(plan_.run_id(), RequestsOf(plan_).size(), cut_ns);
  for (const proto::Interval& interval : bundle_) (void)totals.Add(interval);
  return totals;
}

// What the report says, from the bundle alone: its ledgers balance, and they hold every beat.
void SimulatedRun::CheckReport() {
  const proto::RunRecord& record = machine_->outcome().record;
  const bool lost = std::any_of(record.agents().begin(), record.agents().end(),
                                [](const auto& agent) { return agent.has_lost_at_ns(); });
  // All others would only repeat, slowly, what CheckAgent has seen.
  if (!lost && seed_ % 16 != 0) return;
  const RunTotals totals =
      TotalsOfBundle(record.has_cut_ns() ? record.cut_ns() : RunMachine::kNever);
  const proto::RunReport report = BuildRunReport(AssembleRun(plan_, totals, record, {}), {});
  for (const proto::Ledger* ledger : {&report.ledger(), &report.warmup_ledger()}) {
    if (ledger->scheduled() != ledger->sent() + ledger->unsent() ||
        ledger->sent() != ledger->ok() + ledger->bad_status() + ledger->timeout() +
                              ledger->censored() + ledger->open() ||
        ledger->missed() > ledger->unsent()) {
      Violate("a ledger does not balance: " + ledger->ShortDebugString());
    }
  }
  for (const std::string& reason : report.verdict().reasons()) Tell("reason: " + reason);
  const bool invalid = report.verdict().validity() == proto::Validity::INVALID;
  if (record.faults_size() > 0 || !record.interrupted().empty()) {
    if (invalid != (record.faults_size() > 0)) Violate("validity and faults disagree");
    return;
  }
  beats_were_nobodys_ = HasBeatsThatAreNobodys();
  if (invalid != beats_were_nobodys_) Violate("validity and what was nobody's disagree");
  const uint64_t in_all = report.ledger().scheduled() + report.warmup_ledger().scheduled();
  if (record.has_cut_ns()) {
    const LoadProfile profile = *ProfileOf(plan_.load());
    const BeatCounts due = CountBeats(plan_.load(), profile, {{0, 1}, 0, record.cut_ns()});
    if (in_all != due.warmup + due.measure) Violate("the cut window does not hold its beats");
    const double seconds =
        static_cast<double>(record.cut_ns() - plan_.load().warmup_ns()) / kSecond;
    if (report.phase_seconds() != seconds) Violate("the window is not as long as the cut says");
  } else if (in_all != plan_.load().beats()) {
    Violate("the report does not hold every beat");
  }
  if (lost && !record.has_cut_ns()) CheckRestOfBeats(report);
}

// The heirs of a lost agent had no room for it.
bool SimulatedRun::IsNobodys(uint64_t number, int64_t start_ns) const {
  for (const proto::AgentRecord& agent : machine_->outcome().record.agents()) {
    for (const proto::LaneSpan& lane : agent.lanes()) {
      if (lane.has_until_ns() && lane.until_ns() == RunMachine::kNever &&
          start_ns >= lane.from_ns() && number % lane.stride() == lane.first()) {
        return true;
      }
    }
  }
  return false;
}

bool SimulatedRun::HasBeatsThatAreNobodys() const {
  const LoadProfile profile = *ProfileOf(plan_.load());
  Schedule all(profile, ArrivalsOf(plan_.load()), plan_.load().seed(), plan_.load().beats(), {});
  for (auto start_ns = all.Next(); start_ns.has_value(); start_ns = all.Next()) {
    if (IsNobodys(all.number(), *start_ns)) return true;
  }
  return false;
}

// Whoever has heirs is missed only until they have taken over.
void SimulatedRun::CheckRestOfBeats(const proto::RunReport& report) {
  std::set<int64_t> starts;
  for (const auto& [id, line] : lines_) {
    starts.insert(line.agent->due().begin(), line.agent->due().end());
  }
  for (const proto::AgentRecord& record : machine_->outcome().record.agents()) {
    // An heir whose stream was down until its end has not heard of it.
    const SimulatedAgent& agent = *lines_.at(record.id()).agent;
    const auto holdings = static_cast<uint64_t>(record.lanes_size()) / agent.workers();
    if (!record.has_lost_at_ns() && agent.adoptions() + 1 < holdings) return;
  }
  ++takeovers_checked_;
  double from_s = 0;
  for (const proto::AgentLoss& loss : report.losses()) {
    from_s = std::max(from_s, loss.has_taken_over_at_s() ? loss.taken_over_at_s() : 1e9);
  }
  const LoadProfile profile = *ProfileOf(plan_.load());
  Schedule all(profile, ArrivalsOf(plan_.load()), plan_.load().seed(), plan_.load().beats(), {});
  for (auto start_ns = all.Next(); start_ns.has_value(); start_ns = all.Next()) {
    if (static_cast<double>(*start_ns) < from_s * kSecond || starts.contains(*start_ns)) continue;
    if (IsNobodys(all.number(), *start_ns)) continue;
    Violate(absl::StrCat("nobody sends the beat at ", *start_ns / 1000, " us"));
  }
}

void SimulatedRun::CheckAgent(const std::string& id, const Line& line,
                              const proto::AgentRecord& record) {
  const SimulatedAgent& agent = *line.agent;
  if (agent.overloaded()) Violate(id + " was given more than its ceiling allows");
  if (!agent.rogue() && HasFault(id + ", which was lost, has sent beats")) {
    Violate(id + " is accused of what it did not do");
  }
  if (!machine_->started()) {
    if (line.start_agent_ns != 0) Violate("an unusable run was started by " + id);
    return;
  }
  const auto found = machine_->totals().agents().find(id);
  const uint64_t counted = found == machine_->totals().agents().end() ? 0 : found->second.intervals;
  if (counted < agent.acknowledged()) Violate(id + ": acknowledged, but not counted");
  const std::vector<std::pair<Ledger, Ledger>> sums = agent.sums();
  if (counted > sums.size()) {
    Violate(id + ": more is counted than was produced");
  } else if (counted > 0) {
    const auto& [warmup, measure] = sums[counted - 1];
    if (!(found->second.warmup.ledger() == warmup) ||
        !(found->second.measure.ledger() == measure)) {
      Violate(id + ": the sums are not those of its intervals");
    }
  }
  if (record.has_lost_at_ns()) {
    if (!SaysSo("agent " + id + " was lost at ")) Violate(id + " is lost, but nothing says so");
  } else if (!agent.finished() || counted != sums.size()) {
    Violate(absl::StrCat(id, ": ", sums.size(), " intervals produced, ", counted,
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

}  // namespace drumline
