#include "controller/campaign/live_progress.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "core/outcome.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// Rounded up: a phase is over when nothing is left of it.
int64_t SecondsOf(int64_t ns) { return std::max<int64_t>(0, (ns + kSecondNs - 1) / kSecondNs); }

// A second is told within about two; later than this, the one who watches is told so.
constexpr int64_t kQuietNs = 3 * kSecondNs;

// Whole seconds since [end_ns], both from the common start; nothing while that is as usual, or
// where nothing is left to be reported.
std::optional<int64_t> SilentFor(const proto::LoadPlan& load, int64_t end_ns, int64_t instant_ns) {
  const int64_t last_ns = load.warmup_ns() + load.measure_ns();
  if (load.measure_ns() > 0 && end_ns >= last_ns) return std::nullopt;
  if (instant_ns - end_ns < kQuietNs) return std::nullopt;
  return (instant_ns - end_ns) / kSecondNs;
}

struct PhaseNow {
  std::string name;
  // Empty where the phase ends by count.
  std::optional<int64_t> left_ns;
  int64_t length_ns = 0;
};

PhaseNow PhaseAt(const proto::LoadPlan& load, int64_t instant_ns) {
  if (instant_ns < 0) return {"starting", -instant_ns, 0};
  if (instant_ns < load.warmup_ns()) {
    return {"warmup", load.warmup_ns() - instant_ns, load.warmup_ns()};
  }
  if (load.measure_ns() == 0) return {"measure", std::nullopt, 0};
  const int64_t end_ns = load.warmup_ns() + load.measure_ns();
  if (instant_ns < end_ns) return {"measure", end_ns - instant_ns, load.measure_ns()};
  return {"drain", end_ns + load.drain_ns() - instant_ns, load.drain_ns()};
}

// What all later runs take, with the pauses before them; nothing if one of them ends by count.
std::optional<int64_t> LaterRunsNs(const proto::Plan& plan, const proto::RunPlan& run) {
  int64_t sum_ns = 0;
  uint32_t pair = run.pair();
  for (const proto::RunPlan& later : plan.runs()) {
    if (later.index() <= run.index()) continue;
    // The second one of a pair takes no time of its own.
    if (later.pair() != 0 && later.pair() == pair) continue;
    pair = later.pair();
    if (PlannedNs(later) == 0) return std::nullopt;
    sum_ns += PlannedNs(later) + plan.pause_ns();
  }
  return sum_ns;
}

std::vector<ScreenView::Second> SecondsOf(const LiveView& live) {
  std::vector<ScreenView::Second> seconds;
  for (const LiveView::Second& second : live.recent()) {
    seconds.push_back({second.scheduled_per_second, second.sent_per_second,
                       second.answered_per_second, second.p50_ns, second.p99_ns, second.p999_ns,
                       second.send_lag_p99_ns});
  }
  return seconds;
}

std::vector<ScreenView::Agent> AgentsOf(const proto::LoadPlan& load, const proto::RunRecord& run,
                                        const LiveView& live, int64_t instant_ns) {
  std::vector<ScreenView::Agent> agents;
  for (const proto::AgentRecord& record : run.agents()) {
    ScreenView::Agent agent;
    agent.id = record.id();
    agent.lost = record.has_lost_at_ns();
    const auto found = live.agents().find(record.id());
    if (found != live.agents().end()) {
      const LiveView::Agent& now = found->second;
      agent.reported = true;
      agent.sent_rate = now.sent_per_second;
      agent.cpu_cores = now.cpu_cores;
      agent.busiest = now.busiest;
      agent.lag_p99_ns = now.generator_lag_p99_ns;
      agent.connections = now.connections_open;
      agent.silent_s = SilentFor(load, now.end_ns, instant_ns);
    }
    agents.push_back(std::move(agent));
  }
  return agents;
}

// CPU time is a counter: a reading says what was used since the one before.
void AddTarget(const std::vector<proto::Scrape>& scrapes, ScreenView* view) {
  const proto::Scrape* before = nullptr;
  for (const proto::Scrape& scrape : scrapes) {
    if (!scrape.gap().empty()) continue;
    view->target_rss_bytes.push_back(scrape.rss_bytes());
    if (before != nullptr && scrape.at_ns() > before->at_ns()) {
      const double seconds =
          static_cast<double>(scrape.at_ns() - before->at_ns()) / static_cast<double>(kSecondNs);
      view->target_cpu_cores.push_back(
          std::max(0.0, scrape.cpu_seconds_total() - before->cpu_seconds_total()) / seconds);
    }
    before = &scrape;
  }
}

// The generator's lag so far, where it is beyond what the plan bears.
std::optional<std::string> LagWarning(const proto::Bound& bound, const RunTotals& totals) {
  if (bound.quantile() <= 0) return std::nullopt;
  Histogram lag;
  for (const auto& [id, agent] : totals.agents()) lag.Merge(agent.measure.generator_lag());
  const int64_t value_ns = lag.ValueAtQuantile(bound.quantile());
  if (static_cast<double>(value_ns) <= bound.limit()) return std::nullopt;
  return absl::StrCat("the generator lags by ", FormatNs(value_ns), ", not ", bound.text(),
                      ": INVALID as it stands");
}

}  // namespace

ScreenView ScreenOf(const proto::Plan& plan, const proto::RunPlan& run, const RunMachine& machine,
                    const std::vector<proto::Scrape>& scrapes, int64_t now_ns) {
  ScreenView view;
  view.line = ProgressOf(plan, run, machine, now_ns);
  view.scenario = plan.scenario_name();
  if (machine.started()) {
    const PhaseNow phase = PhaseAt(run.load(), now_ns - machine.start_ns());
    if (phase.left_ns && phase.length_ns > 0) {
      view.phase_share = 1 - static_cast<double>(std::max<int64_t>(0, *phase.left_ns)) /
                                 static_cast<double>(phase.length_ns);
    }
  }
  view.seconds = SecondsOf(machine.live());
  for (size_t outcome = 0; outcome < kOutcomeCount; ++outcome) {
    view.outcomes.push_back({std::string(kOutcomeNames[outcome]),
                             machine.live().ledger().Count(static_cast<Outcome>(outcome))});
  }
  const proto::RunRecord record = machine.record();
  const int64_t instant_ns = machine.started() ? now_ns - machine.start_ns() : 0;
  view.agents = AgentsOf(run.load(), record, machine.live(), instant_ns);
  AddTarget(scrapes, &view);
  view.warnings.assign(record.faults().begin(), record.faults().end());
  if (const auto lag = LagWarning(plan.max_send_lag(), machine.totals())) {
    view.warnings.push_back(*lag);
  }
  return view;
}

int64_t PlannedNs(const proto::RunPlan& run) {
  const proto::LoadPlan& load = run.load();
  return load.measure_ns() == 0 ? 0 : load.warmup_ns() + load.measure_ns();
}

ProgressView ProgressOf(const proto::Plan& plan, const proto::RunPlan& run,
                        const RunMachine& machine, int64_t now_ns) {
  ProgressView view;
  view.run_label = run.target();
  for (const auto& [axis, value] : run.point()) absl::StrAppend(&view.run_label, " ", value);
  for (const proto::RunPlan& other : plan.runs()) {
    if (run.pair() == 0 || other.pair() != run.pair() || other.target() == run.target()) continue;
    absl::StrAppend(&view.run_label, " (at once with ", other.target(), ")");
  }
  view.run = run.index() + 1;
  view.runs = static_cast<uint32_t>(plan.runs_size());
  view.agents_expected = plan.agent_count();
  if (!machine.started()) {
    view.phase = machine.state_name();
    return view;
  }
  const int64_t instant_ns = now_ns - machine.start_ns();
  const PhaseNow phase = PhaseAt(run.load(), instant_ns);
  view.phase = phase.name;
  if (phase.left_ns) view.phase_left_s = SecondsOf(*phase.left_ns);
  const std::optional<int64_t> later_ns = LaterRunsNs(plan, run);
  if (later_ns && PlannedNs(run) > 0) {
    view.total_left_s = SecondsOf(std::max<int64_t>(0, PlannedNs(run) - instant_ns) + *later_ns);
  }
  const LiveView::Second& second = machine.live().newest();
  view.silent_s = SilentFor(run.load(), second.end_ns, instant_ns);
  view.sent_rate = second.sent_per_second;
  view.achieved_rate = second.answered_per_second;
  if (second.answered_per_second > 0) {
    view.p50_ns = second.p50_ns;
    view.p99_ns = second.p99_ns;
  }
  view.errors = machine.live().failed();
  view.agents_reporting = static_cast<uint32_t>(second.agents);
  return view;
}

}  // namespace drumline
