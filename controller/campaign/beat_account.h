// BeatAccount: the beats that each agent of a run was given, against those of which it said that
// they came due. Who is lost, was cut off, or was to take beats over and perhaps heard of it too
// late, may owe some; anybody else none, and nobody may have more.
//
//     BeatAccount account(plan, totals, record);
//     while (account.Step()) {}
//     if (const BeatAccount::Agent* agent = account.Find("gen-1")) agent->missed.measure;
//
// A run may have hundreds of millions of beats that must be looked at one by one: a step takes a
// few milliseconds, so that whoever has a loop can see to other things between two. Pure; used by
// one thread.
#ifndef CONTROLLER_CAMPAIGN_BEAT_ACCOUNT_H_
#define CONTROLLER_CAMPAIGN_BEAT_ACCOUNT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/run/run_totals.h"
#include "core/beat_count.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

class BeatAccount {
 public:
  static constexpr uint64_t kBeatsOfAStep = 200'000;
  // Of one agent, those that are looked at for the requests that they would have sent: some
  // seconds.
  static constexpr uint64_t kMostBeatsDivided = 100'000'000;

  struct Agent {
    // What its lanes hold, and what of that it said came due.
    BeatCounts held;
    BeatCounts due;
    // Of those that its lanes hold: it was lost, and nobody had room for them.
    uint64_t nobodys = 0;
    bool may_owe = false;
    // The parts of the missed beats of the measured window that each request would have been, where
    // the plan has several; empty where nothing is missed, and where they are too many to be seen.
    std::vector<uint64_t> missed_requests;

    bool AddsUp() const {
      return may_owe ? due.warmup <= held.warmup && due.measure <= held.measure : due == held;
    }
    // Of an agent that adds up.
    BeatCounts missed() const { return {held.warmup - due.warmup, held.measure - due.measure}; }
  };

  // [plan] must outlive it. Nothing is accounted for where no agent was lost, in closed loops and
  // flows, and in a run that was stopped or has a fault: it has beats that nobody was to send.
  BeatAccount(const proto::RunPlan& plan, const RunTotals& totals, const proto::RunRecord& record);
  BeatAccount(const BeatAccount&) = delete;
  BeatAccount& operator=(const BeatAccount&) = delete;

  // False once all is counted.
  bool Step();

  // Once all is counted. Null for an agent that is not accounted for.
  const Agent* Find(const std::string& agent_id) const;

 private:
  enum class Stage { kCounting, kDividing, kDone };

  void Add(const proto::AgentRecord& record, const RunTotals& totals, bool cut);
  void SumUp();
  // False if there is nothing to divide.
  bool StartDividing();
  void Divide();

  const proto::RunPlan& plan_;
  std::optional<LoadProfile> profile_;
  std::optional<Mix> mix_;
  Stage stage_ = Stage::kDone;
  std::map<std::string, Agent> agents_;
  // Of the requests of each agent, how many came due.
  std::map<std::string, std::vector<uint64_t>> due_requests_;
  // All agents' lanes, and whose they are.
  std::vector<LaneStretch> stretches_;
  std::vector<std::string> owners_;
  // Stretches that nobody had room for.
  std::set<size_t> nobodys_;
  // While dividing: the stretches of those who missed some.
  std::vector<size_t> divided_;
  std::optional<BeatCounter> counter_;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_BEAT_ACCOUNT_H_
