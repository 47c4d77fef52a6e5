#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/scalar.h"
#include "controller/scenario/scenario_rules.h"

namespace drumline {
namespace {

using Units = unsigned __int128;

// Twice millionths of a request an hour times nanoseconds: the area under a ramp, without halves.
constexpr Units kUnitsPerRequest = Units{2} * 1'000'000 * 3'600 * 1'000'000'000;

// The measured window under stages.
struct StagesTotal {
  int64_t length_ns = 0;
  Units units = 0;
};

Units Area(int64_t from, int64_t to, int64_t length_ns) {
  return (static_cast<Units>(from) + static_cast<Units>(to)) * static_cast<Units>(length_ns);
}

void CheckStage(const RuleContext& context, const std::string& path) {
  const auto kinds = context.Named(path, {"to", "hold", "burst"});
  if (kinds.size() > 1) {
    context.Refuse(FieldPath(path, kinds.back()),
                   absl::StrCat("`", path, "` has ", absl::StrJoin(kinds, " and "),
                                ": make each of them a stage of its own"));
    return;
  }
  if (kinds.empty()) {
    if (context.given->HasUnknownKey(path) || !context.IsSound(path)) return;
    context.Refuse(path, absl::StrCat("`", path,
                                      "` does nothing: write {to: RATE, over: "
                                      "DURATION}, {hold: DURATION} or {burst: RATE, for: "
                                      "DURATION}"));
    return;
  }
  if (context.Has(FieldPath(path, "over")) && kinds.front() != "to") {
    context.Refuse(FieldPath(path, "over"),
                   absl::StrCat("`", path, ".over` belongs to a ramp, {to: RATE, over: DURATION}: ",
                                kinds.front() == "burst" ? "write `for`" : "remove it"));
  }
  if (context.Has(FieldPath(path, "for")) && kinds.front() != "burst") {
    context.Refuse(FieldPath(path, "for"),
                   absl::StrCat("`", path,
                                ".for` belongs to a burst, {burst: RATE, for: "
                                "DURATION}: ",
                                kinds.front() == "to" ? "write `over`" : "remove it"));
  }
  if (kinds.front() == "burst" && !context.Has(FieldPath(path, "for")) &&
      !context.Has(FieldPath(path, "over")) && !context.given->HasUnknownKey(path)) {
    context.Refuse(path, absl::StrCat("`", path,
                                      "` does not say how long the burst lasts: write "
                                      "{burst: RATE, for: DURATION}"));
  }
}

StagesTotal SumStages(const proto::Load& load) {
  StagesTotal total;
  int64_t rate = load.rate().micro_per_hour();
  for (const proto::Stage& stage : load.stages()) {
    int64_t from = rate;
    int64_t to = rate;
    int64_t length = stage.hold().ns();
    if (stage.has_burst()) {
      from = to = stage.burst().micro_per_hour();
      length = stage.for_().ns();
    } else if (stage.has_to()) {
      to = stage.to().micro_per_hour();
      length = stage.over().ns();
      rate = to;
    }
    total.length_ns += length;
    total.units += Area(from, to, length);
  }
  return total;
}

// The stages' sum, where all of them are right; measure is set to it.
std::optional<StagesTotal> CheckStages(const RuleContext& context) {
  const proto::Load& load = context.scenario->load();
  if (load.stages().empty()) {
    if (context.IsSound("load.stages")) {
      context.Refuse("load.stages", "`load.stages` is empty: list at least one, as in {hold: 30s}");
    }
    return std::nullopt;
  }
  const bool was_sound = context.IsSound("load.stages");
  bool shaped = true;
  for (int i = 0; i < load.stages_size(); ++i) {
    const std::string path = ElementPath("load.stages", i);
    CheckStage(context, path);
    const auto kinds = context.Named(path, {"to", "hold", "burst"});
    shaped = shaped && kinds.size() == 1 &&
             context.Has(FieldPath(path, "for")) == (kinds.front() == "burst") &&
             (!context.Has(FieldPath(path, "over")) || kinds.front() == "to");
  }
  if (!was_sound || !shaped) return std::nullopt;
  return SumStages(load);
}

// The measured window of stages lies within the limits of `measure`, and is what it says.
bool CheckStagesLength(const RuleContext& context, int64_t length_ns) {
  const proto::Rules& rules =
      proto::Scenario::descriptor()->FindFieldByName("measure")->options().GetExtension(
          proto::rules);
  if (length_ns < ParseDurationNs(rules.min()).value_or(0) ||
      length_ns > ParseDurationNs(rules.max()).value_or(0)) {
    context.Refuse("load.stages", absl::StrCat("`load.stages` last ", DurationText(length_ns),
                                               " together; a measured window lasts from ",
                                               rules.min(), " to ", rules.max()));
    return false;
  }
  if (!context.Has("measure")) {
    context.scenario->mutable_measure()->set_ns(length_ns);
    return true;
  }
  if (!context.IsSound("measure")) return false;
  if (context.scenario->measure().ns() == length_ns) return true;
  context.faults->Add(context.given->ValueAt("measure"),
                      absl::StrCat("`measure` is not the length of the stages: write ",
                                   DurationText(length_ns), ", their sum, or remove it"));
  return false;
}

void CheckRequestCount(const RuleContext& context, Units warmup, Units measured) {
  // Request k starts when the area reaches k, the first at once: a number below counts upwards.
  const auto begun = [](Units units) { return (units + kUnitsPerRequest - 1) / kUnitsPerRequest; };
  const absl::string_view at = context.Has("load.stages") ? "load.stages" : "load.rate";
  const Units total = begun(warmup + measured);
  if (total == begun(warmup)) {
    context.Refuse(at,
                   "no request would be sent in the measured window: raise the rate, or measure "
                   "for longer");
  } else if (total > kMaxRequestsPerRun) {
    context.Refuse(
        at, absl::StrCat("a run would send ", CountText(static_cast<uint64_t>(total)),
                         " requests; at most ", CountText(kMaxRequestsPerRun), " are allowed"));
  }
}

void CheckOpenLoop(const RuleContext& context) {
  proto::Scenario* scenario = context.scenario;
  if (context.Has("load.requests")) {
    context.Refuse("load.requests",
                   "`load.requests` belongs to a closed loop; how many an open "
                   "loop sends follows from its rate: remove it");
  }
  if (!context.Has("load.stages")) {
    if (!context.Has("measure")) {
      context.Refuse("", "`measure` is missing: say how long to measure, for example 30m");
      return;
    }
    if (!context.IsSound("load.rate") || !context.IsSound("measure") ||
        !context.IsSound("warmup")) {
      return;
    }
    const int64_t rate = scenario->load().rate().micro_per_hour();
    CheckRequestCount(context, Area(rate, rate, scenario->warmup().ns()),
                      Area(rate, rate, scenario->measure().ns()));
    return;
  }
  const bool has_rate = context.Has("load.rate");
  bool countable = context.IsSound("load.rate") && context.IsSound("warmup");
  if (!has_rate && context.IsSound("warmup") && scenario->warmup().ns() > 0) {
    context.Refuse("warmup",
                   "`warmup` needs a rate, and stages without load.rate start from "
                   "nothing: write `load.rate`, or remove `warmup`");
    countable = false;
  }
  const std::optional<StagesTotal> total = CheckStages(context);
  if (!total.has_value() || !CheckStagesLength(context, total->length_ns) || !countable) return;
  const int64_t rate = scenario->load().rate().micro_per_hour();
  CheckRequestCount(context, Area(rate, rate, scenario->warmup().ns()), total->units);
}

void CheckClosedLoop(const RuleContext& context) {
  if (context.Has("load.connections")) {
    context.Refuse("load.connections",
                   "`load.connections` belongs to an open loop; a closed one "
                   "has as many as its concurrency: remove it");
  }
  if (context.Has("load.arrivals")) {
    context.Refuse("load.arrivals",
                   "`load.arrivals` belongs to an open loop; in a closed one the "
                   "replies decide: remove it");
  }
  context.scenario->mutable_load()->clear_connections();
  const bool by_count = context.Has("load.requests");
  const bool by_time = context.Has("measure");
  if (by_count && by_time) {
    context.Refuse("load.requests",
                   "`load.requests` and `measure` both end the measured window: "
                   "keep one of them");
  } else if (!by_count && !by_time && !context.given->HasUnknownKey("load")) {
    context.Refuse("load",
                   "a closed loop needs an end: write `measure`, for example 30s, or "
                   "`load.requests`");
  }
}

// Each worker has an event loop of its own, and one without a connection could do nothing.
void CheckConnections(const RuleContext& context, bool closed) {
  const std::string path = closed ? "load.concurrency" : "load.connections";
  if (!context.IsSound(path) || !context.IsSound("agents.count") ||
      !context.IsSound("agents.workers")) {
    return;
  }
  const proto::Agents& agents = context.scenario->agents();
  const uint64_t workers = uint64_t{agents.count()} * agents.workers();
  const proto::Load& load = context.scenario->load();
  const uint64_t connections = closed ? load.concurrency() : load.connections();
  if (connections >= workers) return;
  context.Refuse(
      path, absl::StrCat("`", path, "` is ", connections,
                         context.Has(path) ? "" : " where it is not given",
                         "; each worker needs one, and agents.count × agents.workers is ", workers,
                         ": write at least ", workers));
}

}  // namespace

void CheckLoad(const RuleContext& context) {
  if (!context.Has("load") || !context.scenario->has_load()) return;
  const auto open = context.Named("load", {"rate", "stages"});
  const bool closed = context.Has("load.concurrency");
  const bool searched = context.Has("search.capacity");
  if (closed && !open.empty()) {
    context.Refuse("load.concurrency",
                   absl::StrCat("`load.concurrency` makes a closed loop, `load.", open.front(),
                                "` an open one: keep one of them"));
    return;
  }
  if (!closed && open.empty() && !searched) {
    if (context.given->HasUnknownKey("load")) return;
    if (context.Has("load.requests")) {
      context.Refuse("load.requests",
                     "`load.requests` belongs to a closed loop: write "
                     "`load.concurrency` too, for example 10");
    } else {
      context.Refuse("load",
                     "`load` says how much is sent: write `rate` or `stages` for an open "
                     "loop, or `concurrency` for a closed one");
    }
    return;
  }
  if (closed) {
    CheckClosedLoop(context);
  } else {
    CheckOpenLoop(context);
  }
  CheckConnections(context, closed);
}

}  // namespace drumline
