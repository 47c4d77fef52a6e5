#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/bound.h"
#include "controller/scenario/rule_context.h"
#include "controller/scenario/suggestion.h"

namespace drumline {
namespace {

// Most of what is measured is the better the less there is of it.
bool BoundsTheWorse(const proto::Bound& bound) {
  return IsUpperBound(bound) == (bound.metric() == "achieved");
}

// The bound that was probably meant, such that it can be met.
std::string TheOtherWayRound(proto::Bound bound) {
  if (bound.metric() == "achieved") {
    bound.set_comparison(proto::COMPARISON_GREATER_OR_EQUAL);
  } else {
    const bool strict = bound.comparison() == proto::COMPARISON_GREATER && bound.limit() > 0;
    bound.set_comparison(strict ? proto::COMPARISON_LESS : proto::COMPARISON_LESS_OR_EQUAL);
  }
  return FormatBound(bound);
}

// Targets whose memory nobody would read, by the names that the file gives them.
std::vector<std::string> UnreadTargets(const RuleContext& context) {
  std::vector<std::string> unread;
  for (const auto& [name, target] : context.scenario->targets()) {
    // The metrics of a service that is started here are known.
    if (target.url().empty() || target.has_metrics()) continue;
    unread.push_back(context.Has("target") ? "target" : FieldPath("targets", name));
  }
  std::sort(unread.begin(), unread.end());
  return unread;
}

// The request that the bound names is one of the scenario's.
std::string FaultOfName(const RuleContext& context, const std::string& name) {
  std::vector<std::string> names;
  for (const PlacedRequest& placed : RequestsOf(context)) {
    // Nobody knows what it should have been called.
    if (!context.IsSound(FieldPath(placed.path, "name"))) return "";
    if (placed.request->name() == name) return "";
    names.push_back(placed.request->name());
  }
  if (names.empty()) return "";
  const std::vector<absl::string_view> known(names.begin(), names.end());
  const absl::string_view nearest = NearestWord(name, known);
  return absl::StrCat("bounds ", Quoted(name), ", and no request has that name; ",
                      nearest.empty() ? absl::StrCat("there is ", absl::StrJoin(names, ", "))
                                      : absl::StrCat("did you mean ", Quoted(nearest), "?"));
}

// What is wrong with the bound; empty if nothing is.
std::string FaultOf(const RuleContext& context, const proto::Bound& bound) {
  if (BoundsTheWorse(bound)) {
    return absl::StrCat("demands of the service to be worse, not better: write ",
                        TheOtherWayRound(bound));
  }
  if (!bound.request().empty()) {
    if (const std::string fault = FaultOfName(context, bound.request()); !fault.empty()) {
      return fault;
    }
  }
  if (bound.metric() == "achieved" && context.Has("load.concurrency")) {
    return "is a share of the offered rate, which a closed loop does not have: remove it, or make "
           "it an open loop with `load.rate`";
  }
  if (bound.metric() != "rss" || !context.IsSound("targets") || !context.IsSound("target")) {
    return "";
  }
  const std::vector<std::string> unread = UnreadTargets(context);
  if (unread.empty()) return "";
  const std::string who = unread.size() == 1 ? " has"
                          : unread.size() == 2
                              ? absl::StrCat(" and `", unread.back(), "` have")
                              : absl::StrCat(" and ", unread.size() - 1, " others have");
  return absl::StrCat("needs the memory of each target, and `", unread.front(), "`", who,
                      " no metrics to read it from: write `metrics`, for example "
                      "\"http://10.0.1.10:8080/metrics\", or remove the bound");
}

}  // namespace

void CheckSlo(const RuleContext& context) {
  const auto& slo = context.scenario->slo();
  if (!context.Has("slo") || !context.IsSound("slo")) return;
  for (int i = 0; i < slo.size(); ++i) {
    const std::string fault = FaultOf(context, slo[i]);
    if (fault.empty()) continue;
    const std::string path = ElementPath("slo", i);
    context.Refuse(path, absl::StrCat("`", path, "`: ", Quoted(slo[i].text()), " ", fault));
  }
}

}  // namespace drumline
