#include "controller/campaign/beat_account.h"

#include <limits>
#include <utility>

#include "absl/status/statusor.h"
#include "controller/report/flow_plan.h"
#include "core/plan.h"

namespace drumline {
namespace {

LaneStretch StretchOf(const proto::LaneSpan& span) {
  LaneStretch stretch{{span.first(), span.stride()}, span.from_ns()};
  if (span.has_until_ns()) stretch.until_ns = span.until_ns();
  return stretch;
}

bool IsNobodys(const proto::LaneSpan& span) {
  return span.has_until_ns() && span.until_ns() == std::numeric_limits<int64_t>::max();
}

}  // namespace

BeatAccount::BeatAccount(const proto::RunPlan& plan, const RunTotals& totals,
                         const proto::RunRecord& record)
    : plan_(plan) {
  absl::StatusOr<LoadProfile> profile = ProfileOf(plan.load());
  // By a person, or because it met its abort_when.
  const bool interrupted = !record.interrupted().empty();
  if (!profile.ok() || plan.load().closed_loop() || HasFlows(plan) || interrupted ||
      record.faults_size() > 0) {
    return;
  }
  profile_ = *std::move(profile);
  for (const proto::AgentRecord& agent : record.agents()) {
    if (agent.lanes_size() > 0) Add(agent, totals, record.has_cut_ns());
  }
  if (stretches_.empty()) return;
  counter_.emplace(plan.load(), *profile_, stretches_);
  stage_ = Stage::kCounting;
}

void BeatAccount::Add(const proto::AgentRecord& record, const RunTotals& totals, bool cut) {
  Agent& agent = agents_[record.id()];
  const auto found = totals.agents().find(record.id());
  if (found != totals.agents().end()) {
    agent.due = {found->second.warmup.ledger().scheduled(),
                 found->second.measure.ledger().scheduled()};
    for (const Book& request : found->second.requests) {
      due_requests_[record.id()].push_back(request.ledger().scheduled());
    }
  }
  agent.may_owe = cut || record.has_lost_at_ns();
  for (const proto::LaneSpan& span : record.lanes()) {
    agent.may_owe = agent.may_owe || span.from_ns() > 0;
    if (IsNobodys(span)) nobodys_.insert(stretches_.size());
    stretches_.push_back(StretchOf(span));
    owners_.push_back(record.id());
  }
}

bool BeatAccount::Step() {
  if (stage_ == Stage::kDone || counter_->Advance(kBeatsOfAStep)) return stage_ != Stage::kDone;
  if (stage_ == Stage::kCounting) {
    SumUp();
    stage_ = StartDividing() ? Stage::kDividing : Stage::kDone;
  } else {
    Divide();
    stage_ = Stage::kDone;
  }
  return stage_ != Stage::kDone;
}

void BeatAccount::SumUp() {
  for (size_t i = 0; i < stretches_.size(); ++i) {
    Agent& agent = agents_.at(owners_[i]);
    const BeatCounts& held = counter_->counts(i);
    agent.held.warmup += held.warmup;
    agent.held.measure += held.measure;
    if (nobodys_.contains(i)) agent.nobodys += held.warmup + held.measure;
  }
}

bool BeatAccount::StartDividing() {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(plan_);
  if (requests.size() < 2) return false;
  std::vector<LaneStretch> stretches;
  for (size_t i = 0; i < stretches_.size(); ++i) {
    const Agent& agent = agents_.at(owners_[i]);
    const bool misses = agent.AddsUp() && agent.missed().measure > 0;
    if (!misses || agent.held.measure > kMostBeatsDivided) continue;
    divided_.push_back(i);
    stretches.push_back(stretches_[i]);
  }
  if (divided_.empty()) return false;
  mix_.emplace(ChoicesOf(requests).weights, plan_.load().seed());
  counter_.emplace(plan_.load(), *profile_, std::move(stretches), &*mix_, requests.size());
  return true;
}

// What its lanes hold of each request, without what came due.
void BeatAccount::Divide() {
  for (size_t i = 0; i < divided_.size(); ++i) {
    std::vector<uint64_t>& missed = agents_.at(owners_[divided_[i]]).missed_requests;
    const std::vector<uint64_t>& held = counter_->choices(i);
    missed.resize(held.size(), 0);
    for (size_t request = 0; request < held.size(); ++request) missed[request] += held[request];
  }
  for (auto& [id, agent] : agents_) {
    const std::vector<uint64_t>& due = due_requests_[id];
    for (size_t i = 0; i < agent.missed_requests.size() && i < due.size(); ++i) {
      if (due[i] > agent.missed_requests[i]) {
        agent.missed_requests.clear();
        break;
      }
      agent.missed_requests[i] -= due[i];
    }
  }
}

const BeatAccount::Agent* BeatAccount::Find(const std::string& agent_id) const {
  const auto found = agents_.find(agent_id);
  return found == agents_.end() ? nullptr : &found->second;
}

}  // namespace drumline
