// The rules of a mix: what is sent is one request or several, each with a name of its own.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/rule_context.h"
#include "core/plan.h"

namespace drumline {
namespace {

void CheckNames(const RuleContext& context, const std::vector<PlacedRequest>& requests) {
  std::map<std::string, std::string> seen;
  for (const auto& [request, path, first_step] : requests) {
    const std::string name_path = FieldPath(path, "name");
    if (!context.IsSound(name_path)) continue;
    const auto [first, added] = seen.emplace(request->name(), path);
    if (added) continue;
    context.Refuse(name_path,
                   absl::StrCat("`", name_path, "`: ", Quoted(request->name()), " is the name of `",
                                first->second, "` already: reports tell requests apart by name"));
  }
}

void RefuseField(const RuleContext& context, const PlacedRequest& placed, absl::string_view field,
                 absl::string_view why) {
  const std::string path = FieldPath(placed.path, field);
  if (context.Has(path)) context.Refuse(path, absl::StrCat("`", path, "` ", why));
}

// Fields that only mean something in a mix or in a flow.
void CheckPlaces(const RuleContext& context, const std::vector<PlacedRequest>& requests) {
  for (const PlacedRequest& placed : requests) {
    if (!context.Has("requests")) {
      RefuseField(context, placed, "weight",
                  context.Has("flows") ? "has no meaning in a step: the whole flow has a weight"
                                       : "belongs to a mix: write `requests:` with several of "
                                         "them, or remove it");
    }
    if (!context.Has("flows")) {
      for (const absl::string_view field : {"think", "take"}) {
        RefuseField(context, placed, field,
                    "belongs to a step of a flow: write `flows:`, or "
                    "remove it");
      }
    } else if (placed.first_step) {
      RefuseField(context, placed, "think",
                  "comes before the first step, which the schedule starts: remove it");
    }
  }
}

// Each value is taken from one place.
void CheckTakes(const RuleContext& context, const std::vector<PlacedRequest>& requests) {
  for (const PlacedRequest& placed : requests) {
    for (const auto& [name, take] : placed.request->take()) {
      const std::string path = FieldPath(FieldPath(placed.path, "take"), name);
      const auto named = context.Named(path, {"json", "header"});
      if (named.size() == 1 || !context.IsSound(path) || context.given->HasUnknownKey(path))
        continue;
      context.Refuse(path, absl::StrCat("`", path, "` ",
                                        named.empty() ? "says not where the value is: write "
                                                      : "is taken from two places: keep one of ",
                                        "{json: /id} or {header: location}"));
    }
  }
}

// A mix may have requests without a body, but one that the matrix varies there must be.
void CheckVaried(const RuleContext& context, const std::vector<PlacedRequest>& requests) {
  if (context.Has("request") || !context.Has("matrix.payload")) return;
  for (const PlacedRequest& placed : requests) {
    const proto::Request& request = *placed.request;
    if (!context.IsSound(placed.path)) return;
    if (request.has_body() || (request.method() != "GET" && request.method() != "HEAD")) return;
  }
  context.Refuse("matrix.payload",
                 "`matrix.payload` varies bodies, and none of the requests has "
                 "one: remove it");
}

void CheckFlows(const RuleContext& context) {
  const auto& flows = context.scenario->flows();
  for (int i = 0; i < flows.size(); ++i) {
    const std::string path = ElementPath("flows", i);
    if (flows[i].steps().empty() && context.IsSound(path) &&
        context.Has(FieldPath(path, "steps"))) {
      context.Refuse(FieldPath(path, "steps"), absl::StrCat("`", path, ".steps` is empty"));
    }
    for (int j = 0; j < i; ++j) {
      if (flows[i].name() != flows[j].name() || flows[i].name().empty()) continue;
      context.Refuse(FieldPath(path, "name"),
                     absl::StrCat("`", path, ".name`: ", Quoted(flows[i].name()),
                                  " is the name of `flows[", j, "]` already"));
    }
  }
}

}  // namespace

std::vector<PlacedRequest> RequestsOf(const RuleContext& context) {
  std::vector<PlacedRequest> requests;
  const proto::Scenario& scenario = *context.scenario;
  if (context.Has("request") && scenario.has_request()) {
    requests.push_back({&scenario.request(), "request"});
  }
  for (int i = 0; i < scenario.requests_size(); ++i) {
    requests.push_back({&scenario.requests(i), ElementPath("requests", i)});
  }
  for (int i = 0; i < scenario.flows_size(); ++i) {
    const std::string steps = FieldPath(ElementPath("flows", i), "steps");
    for (int j = 0; j < scenario.flows(i).steps_size(); ++j) {
      requests.push_back({&scenario.flows(i).steps(j), ElementPath(steps, j), j == 0});
    }
  }
  return requests;
}

void CheckMix(const RuleContext& context) {
  const std::vector<absl::string_view> named = context.Named("", {"request", "requests", "flows"});
  if (named.size() > 1) {
    context.Refuse(named.back(), absl::StrCat("the scenario has ", absl::StrJoin(named, " and "),
                                              ": keep one of them"));
    return;
  }
  if (named.empty()) {
    context.Refuse("request",
                   "nothing is sent: write `request: {…}`, `requests: […]` for "
                   "a mix of several, or `flows: […]` for chains of them");
    return;
  }
  if (!context.IsSound(named.front())) return;
  const std::vector<PlacedRequest> requests = RequestsOf(context);
  if (requests.empty()) {
    context.Refuse(named.front(), absl::StrCat("`", named.front(), "` is empty: nothing is sent"));
  }
  if (requests.size() > kMaxRequests) {
    context.Refuse(named.front(),
                   absl::StrCat("the flows have ", requests.size(), " steps together; at most ",
                                kMaxRequests, " are allowed"));
  }
  CheckFlows(context);
  CheckNames(context, requests);
  CheckPlaces(context, requests);
  CheckTakes(context, requests);
  CheckVaried(context, requests);
}

}  // namespace drumline
