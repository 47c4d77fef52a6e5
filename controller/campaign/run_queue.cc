#include "controller/campaign/run_queue.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "controller/planner/planner.h"
#include "controller/report/capacity_report.h"
#include "controller/report/stopping.h"

namespace drumline {
namespace {

// [run] is planned or was carried out.
template <typename Run>
bool SamePoint(const Run& run, const proto::RunReport& other) {
  return run.target() == other.target() && run.point_size() == other.point_size() &&
         std::all_of(run.point().begin(), run.point().end(), [&](const auto& axis) {
           const auto found = other.point().find(axis.first);
           return found != other.point().end() && found->second == axis.second;
         });
}

}  // namespace

RunQueue::RunQueue(const proto::Plan& plan) : plan_(plan) {
  if (!plan_.has_capacity()) return;
  for (proto::RunPlan& run : *plan_.mutable_runs()) {
    // A plan that is resumed has grown already.
    if (run.step().empty()) run.set_step(StepName(CapacitySearch::Step::kClimb));
  }
}

const proto::RunPlan* RunQueue::Next(const std::vector<proto::RunReport>& done) {
  grown_ = false;
  const auto at = static_cast<int>(done.size());
  if (plan_.has_capacity() && at > 0) return NextOfSearch(done);
  if (at >= plan_.runs_size()) return nullptr;
  const bool between = at > 0 && plan_.runs(at).repeat() != plan_.runs(at - 1).repeat();
  if (plan_.has_until() && between && JudgeStopping(plan_, done).reached()) return nullptr;
  return &plan_.runs(at);
}

// The search of the target that was run last; once it is over, the next target's first run.
const proto::RunPlan* RunQueue::NextOfSearch(const std::vector<proto::RunReport>& done) {
  std::vector<const proto::RunReport*> probes;
  for (const proto::RunReport& run : done) {
    if (SamePoint(run, done.back())) probes.push_back(&run);
  }
  const auto at = static_cast<int>(done.size());
  const std::optional<CapacitySearch::Probe> probe = ReplaySearch(plan_.capacity(), probes).Next();
  if (!probe) return at < plan_.runs_size() ? &plan_.runs(at) : nullptr;
  const absl::StatusOr<proto::RunPlan> run =
      ProbeOf(plan_.runs(at - 1), probe->rate, static_cast<uint32_t>(at), StepName(probe->step));
  // A rate between two that could be planned can be planned.
  if (!run.ok()) return nullptr;
  if (at < plan_.runs_size() && SamePoint(plan_.runs(at), done.back())) {
    // It was planned before the campaign was cut short, and not carried out to its end.
    *plan_.mutable_runs(at) = *run;
  } else {
    Insert(at, *run);
  }
  return &plan_.runs(at);
}

void RunQueue::Insert(int at, const proto::RunPlan& run) {
  *plan_.add_runs() = run;
  std::rotate(plan_.mutable_runs()->begin() + at, plan_.mutable_runs()->end() - 1,
              plan_.mutable_runs()->end());
  // Indexes are positions, and a run's id begins with its own.
  for (int i = at + 1; i < plan_.runs_size(); ++i) {
    proto::RunPlan& later = *plan_.mutable_runs(i);
    later.set_index(static_cast<uint32_t>(i));
    const size_t dash = later.run_id().find('-');
    later.set_run_id(absl::StrCat(absl::Dec(i + 1, absl::kZeroPad3), later.run_id().substr(dash)));
  }
  grown_ = true;
}

}  // namespace drumline
