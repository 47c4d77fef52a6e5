#include "controller/campaign/live_progress.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// Rounded up: a phase is over when nothing is left of it.
int64_t SecondsOf(int64_t ns) { return std::max<int64_t>(0, (ns + kSecondNs - 1) / kSecondNs); }

struct PhaseNow {
  std::string name;
  std::optional<int64_t> left_s;
};

PhaseNow PhaseAt(const proto::LoadPlan& load, int64_t instant_ns) {
  if (instant_ns < 0) return {"starting", SecondsOf(-instant_ns)};
  if (instant_ns < load.warmup_ns()) return {"warmup", SecondsOf(load.warmup_ns() - instant_ns)};
  if (load.measure_ns() == 0) return {"measure", std::nullopt};
  const int64_t end_ns = load.warmup_ns() + load.measure_ns();
  if (instant_ns < end_ns) return {"measure", SecondsOf(end_ns - instant_ns)};
  return {"drain", SecondsOf(end_ns + load.drain_ns() - instant_ns)};
}

// What all later runs take, with the pauses before them; nothing if one of them ends by count.
std::optional<int64_t> LaterRunsNs(const proto::Plan& plan, const proto::RunPlan& run) {
  int64_t sum_ns = 0;
  for (const proto::RunPlan& later : plan.runs()) {
    if (later.index() <= run.index()) continue;
    if (PlannedNs(later) == 0) return std::nullopt;
    sum_ns += PlannedNs(later) + plan.pause_ns();
  }
  return sum_ns;
}

}  // namespace

int64_t PlannedNs(const proto::RunPlan& run) {
  const proto::LoadPlan& load = run.load();
  return load.measure_ns() == 0 ? 0 : load.warmup_ns() + load.measure_ns();
}

ProgressView ProgressOf(const proto::Plan& plan, const proto::RunPlan& run,
                        const RunMachine& machine, int64_t now_ns) {
  ProgressView view;
  view.run_label = run.target();
  for (const auto& [axis, value] : run.point()) absl::StrAppend(&view.run_label, " ", value);
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
  view.phase_left_s = phase.left_s;
  const std::optional<int64_t> later_ns = LaterRunsNs(plan, run);
  if (later_ns && PlannedNs(run) > 0) {
    view.total_left_s = SecondsOf(std::max<int64_t>(0, PlannedNs(run) - instant_ns) + *later_ns);
  }
  const LiveView::Second& second = machine.live().newest();
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
