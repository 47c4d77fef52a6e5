#include "controller/report/validity.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/format/units.h"
#include "controller/report/slo.h"
#include "controller/scenario/bound.h"
#include "core/drift.h"

namespace drumline {
namespace {

using Reasons = std::vector<std::string>;

// A gap at either end of a short window says little about it.
constexpr uint32_t kFewestSecondsOfScrapes = 10;

std::string PerCent(double share) { return absl::StrFormat("%.3g %%", share * 100); }

double Share(uint32_t per_cent) { return static_cast<double>(per_cent) / 100; }

// In a closed loop a busy core is how it works, and spinning is always busy.
void JudgeIdle(const Evidence& evidence, Reasons* invalid) {
  if (evidence.spins || evidence.run->plan->load().closed_loop()) return;
  const double least = Share(evidence.validity->min_idle_percent());
  for (const AgentResult& agent : evidence.run->agents) {
    const double idle = 1 - agent.busiest_core_mean;
    if (idle >= least) continue;
    invalid->push_back(absl::StrCat(
        "the busiest worker of agent ", agent.agent_id, " left ", PerCent(std::max(idle, 0.0)),
        " of its core idle; validity.min_idle_percent is ", evidence.validity->min_idle_percent(),
        ": use more workers or more agents"));
  }
}

// Requests that wait for a connection, or for an answer, were turned to: what is left is the
// generator's own doing, whatever the target does.
void JudgeShortfall(const Evidence& evidence, Reasons* invalid) {
  const RunResult& run = *evidence.run;
  if (run.plan->load().closed_loop() || run.interrupted) return;
  uint64_t turned_to = 0;
  for (const AgentResult& agent : run.agents) turned_to += agent.turned_to_in_window;
  const uint64_t due = evidence.measure->ledger().scheduled();
  if (due == 0 || turned_to >= due) return;
  const double missing = static_cast<double>(due - turned_to) / static_cast<double>(due);
  if (missing <= Share(evidence.validity->max_shortfall_percent())) return;
  invalid->push_back(absl::StrCat(
      "the generator fell behind: of ", FormatCount(due), " requests due in the window, ",
      FormatCount(due - turned_to), " (", PerCent(missing),
      ") were turned to only after it; validity.max_shortfall_percent is ",
      evidence.validity->max_shortfall_percent()));
}

uint64_t Missed(const RunResult& run) {
  uint64_t missed = 0;
  for (const AgentResult& agent : run.agents) missed += agent.MissedInWindow();
  return missed;
}

double ShareMissed(const Evidence& evidence) {
  const uint64_t due = DueInWindow(*evidence.run, *evidence.measure);
  return due == 0 ? 0 : static_cast<double>(Missed(*evidence.run)) / static_cast<double>(due);
}

void JudgeMissed(const Evidence& evidence, Reasons* invalid) {
  if (!MissedTooMany(evidence)) return;
  invalid->push_back(absl::StrCat(
      "of ", FormatCount(DueInWindow(*evidence.run, *evidence.measure)),
      " requests due in the window, nobody is known to have sent ",
      FormatCount(Missed(*evidence.run)), " (", PerCent(ShareMissed(evidence)),
      "): they were beats of agents that were lost; validity.max_shortfall_percent is ",
      evidence.validity->max_shortfall_percent()));
}

void JudgeHiccups(const Evidence& evidence, Reasons* invalid) {
  const proto::Bound& bound = evidence.validity->max_hiccup();
  if (!IsTimeBound(bound) || evidence.hiccups->empty()) return;
  const double measured_ns = MeasuredTimeNs(bound, *evidence.hiccups);
  if (Satisfies(measured_ns, bound)) return;
  invalid->push_back(absl::StrCat("the platform kept the generator's threads from running: hiccup ",
                                  bound.metric(), " is ", FormatTime(measured_ns / 1e3),
                                  ", validity.max_hiccup is ", bound.text()));
}

void JudgePlatform(const Evidence& evidence, Reasons* invalid) {
  const proto::ValidityBounds& validity = *evidence.validity;
  for (const AgentResult& agent : evidence.run->agents) {
    if (agent.host_steal_share > Share(validity.max_steal_percent())) {
      invalid->push_back(absl::StrCat(
          "the hypervisor took ", PerCent(agent.host_steal_share), " of the CPU time of agent ",
          agent.agent_id, "'s host; validity.max_steal_percent is ", validity.max_steal_percent()));
    }
    if (agent.throttled_share > Share(validity.max_throttled_percent())) {
      invalid->push_back(absl::StrCat(
          "a CPU limit held agent ", agent.agent_id, " back for ", PerCent(agent.throttled_share),
          " of the window; validity.max_throttled_percent is ", validity.max_throttled_percent()));
    }
  }
}

bool RateIsConstant(const proto::LoadPlan& load) {
  if (load.closed_loop()) return true;
  const auto rate = [](const proto::Rate& r) { return r.micro_per_hour(); };
  return std::all_of(load.segments().begin(), load.segments().end(), [&](const auto& segment) {
    return rate(segment.from()) == rate(load.segments(0).from()) &&
           rate(segment.to()) == rate(segment.from());
  });
}

double MedianOfBlock(const SlotCounts& block) {
  int low = 0;
  int high = Histogram::kSlots - 1;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    if (2 * block.CountUpTo(middle) >= block.count()) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return static_cast<double>(Histogram::LowestInSlot(low) + Histogram::HighestInSlot(low)) / 2;
}

void JudgeDrift(const Evidence& evidence, Reasons* inconclusive) {
  const uint32_t bound = evidence.validity->max_drift_percent();
  if (bound == 0 || !RateIsConstant(evidence.run->plan->load())) return;
  std::vector<double> medians;
  for (const SlotCounts* block : evidence.run->response_time_blocks.Blocks()) {
    if (block->count() > 0) medians.push_back(MedianOfBlock(*block));
  }
  const Drift drift = DriftOf(medians);
  if (!drift.certain || std::abs(drift.relative) <= Share(bound)) return;
  inconclusive->push_back(
      absl::StrCat("the median response time ", drift.relative > 0 ? "rose" : "fell", " by ",
                   PerCent(std::abs(drift.relative)),
                   " over the measured window: it had not settled (Mann-Kendall test, 0.1 %); "
                   "validity.max_drift_percent is ",
                   bound, ": warm up for longer, or measure for longer"));
}

void JudgeScrapes(const Evidence& evidence, Reasons* inconclusive) {
  if (evidence.resources == nullptr) return;
  const uint32_t gaps = evidence.resources->scrape_gaps();
  const uint32_t seconds = evidence.resources->scrapes() + gaps;
  if (seconds < kFewestSecondsOfScrapes) return;
  const double share = static_cast<double>(gaps) / static_cast<double>(seconds);
  if (share <= Share(evidence.validity->max_scrape_gaps_percent())) return;
  inconclusive->push_back(absl::StrCat("the target's metrics could not be read in ", gaps, " of ",
                                       seconds, " seconds; validity.max_scrape_gaps_percent is ",
                                       evidence.validity->max_scrape_gaps_percent()));
}

}  // namespace

// A gap until others have taken over is what `redistribute` accepts, but not a gap of any size.
bool MissedTooMany(const Evidence& evidence) {
  // What was cut off was given up, and is held to no bound.
  if (evidence.validity == nullptr || evidence.run->cut_at_s) return false;
  return ShareMissed(evidence) > Share(evidence.validity->max_shortfall_percent());
}

void JudgeGenerator(const Evidence& evidence, Reasons* invalid) {
  if (evidence.validity == nullptr) return;
  JudgeIdle(evidence, invalid);
  JudgeShortfall(evidence, invalid);
  JudgeMissed(evidence, invalid);
  JudgeHiccups(evidence, invalid);
  JudgePlatform(evidence, invalid);
}

void JudgeSettling(const Evidence& evidence, Reasons* inconclusive) {
  if (evidence.validity == nullptr) return;
  JudgeDrift(evidence, inconclusive);
  JudgeScrapes(evidence, inconclusive);
}

}  // namespace drumline
