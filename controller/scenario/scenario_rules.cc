#include "controller/scenario/scenario_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/bound.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/scalar.h"

namespace drumline {
namespace {

void CheckSendLag(const RuleContext& context) {
  constexpr absl::string_view kPath = "agents.max_send_lag";
  if (!context.Has(kPath) || !context.IsSound(kPath)) return;
  const proto::Bound& bound = context.scenario->agents().max_send_lag();
  if (IsTimeBound(bound) && IsUpperBound(bound)) return;
  context.faults->Add(context.given->ValueAt(kPath),
                      absl::StrCat("`agents.max_send_lag`: ", Quoted(bound.text()),
                                   " does not limit a time: write, for example, p99.9 < 1ms"));
}

void CheckHiccup(const RuleContext& context) {
  constexpr absl::string_view kPath = "validity.max_hiccup";
  if (!context.Has(kPath) || !context.IsSound(kPath)) return;
  const proto::Bound& bound = context.scenario->validity().max_hiccup();
  if (IsTimeBound(bound) && IsUpperBound(bound)) return;
  context.faults->Add(context.given->ValueAt(kPath),
                      absl::StrCat("`validity.max_hiccup`: ", Quoted(bound.text()),
                                   " does not limit a time: write, for example, p99.9 < 1ms"));
}

// Only a schedule can be handed on, and only a window of time can be cut.
void CheckOnLoss(const RuleContext& context) {
  constexpr absl::string_view kPath = "agents.on_loss";
  if (!context.Has(kPath) || !context.IsSound(kPath) || !context.IsSound("load")) return;
  const proto::OnLoss on_loss = context.scenario->agents().on_loss();
  const proto::Load& load = context.scenario->load();
  if (on_loss == proto::ON_LOSS_REDISTRIBUTE && load.concurrency() > 0) {
    context.Refuse(kPath,
                   "`agents.on_loss: redistribute` hands on the beats of a schedule, and a closed "
                   "loop has none: write truncate or invalidate");
  }
  if (on_loss != proto::ON_LOSS_INVALIDATE && context.scenario->flows_size() > 0) {
    context.Refuse(
        kPath,
        "`agents.on_loss` counts on the beats of a schedule, and the steps of flows have "
        "none of their own: write invalidate");
  }
  if (on_loss == proto::ON_LOSS_TRUNCATE && load.requests() > 0) {
    context.Refuse(kPath,
                   "`agents.on_loss: truncate` cuts a window of time, and this one ends with a "
                   "count of requests: write invalidate");
  }
}

// Starts fall evenly into a tick, unless rate and grid happen to agree.
void CheckSendLagOfTick(const RuleContext& context) {
  constexpr absl::string_view kPath = "agents.max_send_lag";
  if (!context.IsSound("agents") || !context.IsSound("load")) return;
  const proto::Agents& agents = context.scenario->agents();
  const proto::Bound& bound = agents.max_send_lag();
  const bool open_loop = context.scenario->load().concurrency() == 0;
  if (agents.pacing() != proto::PACING_COALESCED || !open_loop || !IsTimeBound(bound)) return;
  const double share = bound.metric() == "mean"  ? 0.5
                       : bound.metric() == "max" ? 1
                                                 : bound.quantile();
  const auto lag_ns = static_cast<int64_t>(share * static_cast<double>(agents.tick().ns()));
  if (bound.limit() >= static_cast<double>(lag_ns)) return;
  context.Refuse(
      kPath, absl::StrCat("`agents.max_send_lag`: ", Quoted(bound.text()),
                          " cannot be kept: coalesced pacing with a tick of ",
                          DurationText(agents.tick().ns()), " alone makes ", bound.metric(), " ",
                          DurationText(lag_ns), ": allow more, or write a smaller agents.tick"));
}

void CheckPacing(const RuleContext& context) {
  CheckSendLagOfTick(context);
  if (!context.Has("agents.tick") || !context.IsSound("agents.pacing")) return;
  if (context.scenario->agents().pacing() == proto::PACING_COALESCED) return;
  context.Refuse("agents.tick",
                 "`agents.tick` is only for pacing: coalesced: write that, or remove the tick");
}

void CheckMatrix(const RuleContext& context) {
  if (!context.Has("matrix.payload") || !context.IsSound("matrix.payload")) return;
  const auto& sizes = context.scenario->matrix().payload();
  if (sizes.empty()) {
    context.Refuse("matrix.payload",
                   "`matrix.payload` is empty: list at least one size, or remove "
                   "it");
  }
  for (int i = 0; i < sizes.size(); ++i) {
    const auto same = [&](const proto::Bytes& size) { return size.bytes() == sizes[i].bytes(); };
    if (std::none_of(sizes.begin(), sizes.begin() + i, same)) continue;
    const std::string path = ElementPath("matrix.payload", i);
    context.Refuse(path, absl::StrCat("`", path, "`: ", Quoted(sizes[i].text()),
                                      " stands in the list already: each size is run once"));
  }
}

void CheckMatrixThreads(const RuleContext& context) {
  constexpr absl::string_view kPath = "matrix.threads";
  if (!context.Has(kPath) || !context.IsSound(kPath)) return;
  const auto& threads = context.scenario->matrix().threads();
  if (threads.empty()) {
    context.Refuse(kPath, "`matrix.threads` is empty: list at least one number, or remove it");
  }
  for (int i = 0; i < threads.size(); ++i) {
    if (std::find(threads.begin(), threads.begin() + i, threads[i]) == threads.begin() + i) {
      continue;
    }
    const std::string path = ElementPath(kPath, i);
    context.Refuse(path, absl::StrCat("`", path, "`: ", threads[i],
                                      " stands in the list already: each number is run once"));
  }
  for (const auto& [name, target] : context.scenario->targets()) {
    if (target.service() != proto::SERVICE_UNSPECIFIED && target.url().empty()) continue;
    context.Refuse(kPath, absl::StrCat("`matrix.threads` is for services that are started, and "
                                       "target ",
                                       Quoted(name),
                                       " is not: give it a service, or "
                                       "remove `threads`"));
    return;
  }
}

// Targets, points of the matrix and repeats, where all three are known.
uint64_t CountRuns(const proto::Scenario& scenario) {
  return uint64_t{static_cast<unsigned>(scenario.targets_size())} *
         static_cast<unsigned>(std::max(1, scenario.matrix().payload_size())) *
         static_cast<unsigned>(std::max(1, scenario.matrix().threads_size())) *
         scenario.repeats().count();
}

void CheckCampaign(const RuleContext& context) {
  for (const absl::string_view path :
       {"targets", "target", "matrix", "repeats", "warmup", "measure", "drain", "pause", "load"}) {
    if (!context.IsSound(path)) return;
  }
  const proto::Scenario& scenario = *context.scenario;
  const uint64_t runs = CountRuns(scenario);
  if (runs > kMaxRuns) {
    context.Refuse("repeats", absl::StrCat("the scenario has ", runs,
                                           " runs (targets × matrix × "
                                           "repeats); at most ",
                                           kMaxRuns,
                                           " are allowed: reduce "
                                           "one of the three"));
    return;
  }
  // A closed loop that is bounded by its requests is as long as it takes and counts as nothing.
  // Each part is at most a day, so that 10,000 runs are below the range of int64.
  const int64_t each = scenario.warmup().ns() + scenario.measure().ns() + scenario.drain().ns() +
                       scenario.pause().ns();
  const int64_t total = each * static_cast<int64_t>(runs);
  if (total <= kMaxCampaignNs) return;
  context.Refuse("repeats", absl::StrCat("the campaign would last ", DurationText(total), " (",
                                         runs, " runs of ", DurationText(each), "); at most ",
                                         DurationText(kMaxCampaignNs), " are allowed"));
}

}  // namespace

void ApplyScenarioRules(const RuleSubject& subject) {
  const RuleContext context{subject};
  CheckEnvironment(context);
  CheckTargets(context);
  CheckHosts(context);
  CheckRequest(context);
  CheckMatrix(context);
  CheckMatrixThreads(context);
  CheckSearch(context);
  CheckLoad(context);
  CheckSendLag(context);
  CheckPacing(context);
  CheckHiccup(context);
  CheckOnLoss(context);
  CheckSlo(context);
  CheckCampaignShape(context);
  CheckCampaign(context);
}

}  // namespace drumline
