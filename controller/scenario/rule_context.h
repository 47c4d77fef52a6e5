// What the rules across fields work with; see scenario_rules.h.
#ifndef CONTROLLER_SCENARIO_RULE_CONTEXT_H_
#define CONTROLLER_SCENARIO_RULE_CONTEXT_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "controller/scenario/fault.h"
#include "controller/scenario/given_fields.h"
#include "controller/scenario/scenario_rules.h"

namespace drumline {

struct RuleContext : RuleSubject {
  bool Has(absl::string_view path) const { return given->Has(path); }
  bool IsSound(absl::string_view path) const { return given->IsSound(path); }
  // The names that stand in the mapping at the path.
  std::vector<absl::string_view> Named(absl::string_view path,
                                       std::initializer_list<absl::string_view> names) const {
    std::vector<absl::string_view> named;
    for (const absl::string_view name : names) {
      if (Has(FieldPath(path, name))) named.push_back(name);
    }
    return named;
  }
  // A fault at the field's key, or at the nearest one around it where the file does not name it.
  void Refuse(absl::string_view path, std::string message) const {
    faults->Add(given->KeyAt(path), std::move(message));
  }
};

// A request of the scenario, and where it stands in it.
struct PlacedRequest {
  const proto::Request* request;
  std::string path;  // "request", "requests[1]", "flows[0].steps[2]"
  bool first_step = true;
};

// All of them by their numbers in the plan.
std::vector<PlacedRequest> RequestsOf(const RuleContext& context);

// One function a room of the scenario. None reports what another fault has caused already.
void CheckEnvironment(const RuleContext& context);
void CheckTargets(const RuleContext& context);
void CheckHosts(const RuleContext& context);
void CheckRequest(const RuleContext& context);
void CheckMix(const RuleContext& context);
void CheckTemplates(const RuleContext& context);
void CheckLoad(const RuleContext& context);
void CheckSlo(const RuleContext& context);
// Baseline, repeats, order and abort_when.
void CheckCampaignShape(const RuleContext& context);
// Before CheckLoad: a search fills in the rate.
void CheckSearch(const RuleContext& context);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_RULE_CONTEXT_H_
