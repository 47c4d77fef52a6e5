#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/bound.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/scalar.h"

namespace drumline {
namespace {

std::vector<std::string> TargetNames(const proto::Scenario& scenario) {
  std::vector<std::string> names;
  for (const auto& [name, target] : scenario.targets()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

bool IsBefore(Position a, Position b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

// The first target as written is the baseline where the file names none.
void CheckBaseline(const RuleContext& context) {
  proto::Scenario* scenario = context.scenario;
  const std::vector<std::string> names = TargetNames(*scenario);
  if (names.empty() || !context.IsSound("baseline")) return;
  if (!context.Has("baseline")) {
    const auto at = [&](const std::string& name) {
      return context.given->KeyAt(FieldPath("targets", name));
    };
    scenario->set_baseline(
        *std::min_element(names.begin(), names.end(),
                          [&](const auto& a, const auto& b) { return IsBefore(at(a), at(b)); }));
    return;
  }
  if (std::find(names.begin(), names.end(), scenario->baseline()) != names.end()) return;
  context.faults->Add(context.given->ValueAt("baseline"),
                      absl::StrCat("`baseline`: there is no target ", Quoted(scenario->baseline()),
                                   "; the targets are ", absl::StrJoin(names, ", ")));
}

void CheckRepeats(const RuleContext& context) {
  const bool until = context.Has("repeats.until");
  const bool max = context.Has("repeats.max");
  if (until && context.Has("repeats.count")) {
    context.Refuse("repeats.count",
                   "`repeats.count` and `repeats.until` both say how often: keep one of them");
  } else if (until && !max) {
    context.Refuse("repeats.until",
                   "`repeats.until` needs an end: write `max` too, for example 20");
  } else if (max && !until) {
    context.Refuse("repeats.max",
                   "`repeats.max` belongs to `repeats.until`: write that, or "
                   "`repeats: 3` for a fixed number");
  }
  // Planned are the most that there can be.
  if (until && max && context.IsSound("repeats")) {
    context.scenario->mutable_repeats()->set_count(context.scenario->repeats().max());
  }
}

// Only what the local fleet has started can be started again.
void CheckRestart(const RuleContext& context) {
  if (!context.Has("restart") || !context.IsSound("restart")) return;
  const auto& targets = context.scenario->targets();
  if (!context.IsSound("targets") || targets.empty()) return;
  if (std::any_of(targets.begin(), targets.end(), [](const auto& target) {
        return target.second.service() != proto::SERVICE_UNSPECIFIED && target.second.url().empty();
      })) {
    return;
  }
  context.Refuse("restart",
                 "`restart` is for services that are started, and no target is one: remove it");
}

// Two runs at once share one schedule, and the agents between them.
void CheckPaired(const RuleContext& context) {
  const proto::Scenario& scenario = *context.scenario;
  if (scenario.order() != proto::ORDER_PAIRED || !context.IsSound("order")) return;
  if (context.IsSound("targets") && !scenario.targets().empty() && scenario.targets_size() != 2) {
    context.Refuse("order", absl::StrCat("`order: paired` runs two targets at once; the targets "
                                         "here number ",
                                         scenario.targets_size(), ": write interleaved"));
    return;
  }
  if (context.IsSound("agents") && scenario.agents().count() % 2 != 0) {
    context.Refuse("order", absl::StrCat("`order: paired` gives each target one half of the "
                                         "agents, and ",
                                         scenario.agents().count(),
                                         " cannot be halved: write an even `agents.count`"));
  }
  if (context.Has("load.concurrency")) {
    context.Refuse("order",
                   "`order: paired` gives both targets one schedule, and a closed loop has none: "
                   "write `load.rate` or interleaved");
  }
  if (context.Has("search")) {
    context.Refuse("order",
                   "`order: paired` and `search`: each target is searched at rates of its own: "
                   "remove one of them");
  }
}

// Whether to go on is asked when all targets have had a repeat.
void CheckOrder(const RuleContext& context) {
  if (context.scenario->order() != proto::ORDER_SEQUENTIAL || !context.IsSound("order")) return;
  if (!context.Has("repeats.until")) return;
  context.Refuse("order",
                 "`order: sequential` and `repeats.until`: all targets are repeated until all are "
                 "known, which needs them to take turns: remove one of the two");
}

// A condition for giving up is a bound that is broken for good: `errors > 50%`.
void CheckAbort(const RuleContext& context) {
  if (!context.Has("abort_when") || !context.IsSound("abort_when")) return;
  const auto& conditions = context.scenario->abort_when();
  for (int i = 0; i < conditions.size(); ++i) {
    const proto::Bound& bound = conditions[i];
    const std::string path = ElementPath("abort_when", i);
    std::string fault;
    if (bound.metric() == "rss") {
      fault = "is not looked at while a run lasts: write a bound on a time, errors or achieved";
    } else if (IsUpperBound(bound) != (bound.metric() == "achieved")) {
      fault = "would give up when all is well: turn the comparison round, as in errors > 50%";
    } else if (bound.metric() == "achieved" && context.Has("load.concurrency")) {
      fault = "is a share of the offered rate, which a closed loop does not have: remove it";
    }
    if (fault.empty()) continue;
    context.Refuse(path, absl::StrCat("`", path, "`: ", Quoted(bound.text()), " ", fault));
  }
}

}  // namespace

void CheckCampaignShape(const RuleContext& context) {
  CheckBaseline(context);
  CheckRepeats(context);
  CheckRestart(context);
  CheckPaired(context);
  CheckOrder(context);
  CheckAbort(context);
}

// A search brings its own rates; `load.rate` is that of its first run.
void CheckSearch(const RuleContext& context) {
  if (!context.Has("search.capacity")) return;
  for (const absl::string_view path : {"load.rate", "load.stages", "load.concurrency"}) {
    if (!context.Has(path)) continue;
    context.Refuse(path, absl::StrCat("`", path, "` says how much is sent, and `search.capacity` ",
                                      "looks for it: keep one of them"));
  }
  if (context.scenario->repeats().count() > 1 || context.Has("repeats.until")) {
    context.Refuse("repeats",
                   "`repeats` and `search.capacity`: a search runs each rate once and "
                   "confirms what it has found: remove one of them");
  }
  const proto::Capacity& capacity = context.scenario->search().capacity();
  if (!context.IsSound("search") || !context.Has("search.capacity.from") ||
      !context.Has("search.capacity.to")) {
    return;
  }
  if (capacity.from().micro_per_hour() >= capacity.to().micro_per_hour()) {
    context.Refuse("search.capacity.to",
                   "`search.capacity.to` is not above `search.capacity.from`");
  }
  if (capacity.slo().empty() && context.scenario->slo().empty()) {
    context.Refuse("search.capacity",
                   "`search.capacity` needs objectives: write `slo` in it, for example "
                   "[p99 < 100ms, errors < 0.1%]");
  }
  *context.scenario->mutable_load()->mutable_rate() = capacity.from();
}

}  // namespace drumline
