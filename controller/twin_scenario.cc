#include "controller/twin_scenario.h"

#include <map>
#include <string>

namespace drumline {

absl::Status MakeTwins(proto::Scenario* scenario) {
  if (scenario->repeats().count() < 2) {
    return absl::InvalidArgumentError(
        "one run of each tells no spread: `aa` needs a scenario with `repeats: 2` or more; 5 or "
        "more are better");
  }
  const std::map<std::string, proto::Target> targets(scenario->targets().begin(),
                                                     scenario->targets().end());
  const auto named = targets.find(scenario->baseline());
  const auto& [name, target] = named == targets.end() ? *targets.begin() : *named;
  scenario->clear_targets();
  (*scenario->mutable_targets())[name] = target;
  (*scenario->mutable_targets())[name + "-again"] = target;
  scenario->set_baseline(name);
  scenario->clear_slo();
  scenario->clear_search();
  scenario->set_order(proto::ORDER_INTERLEAVED);
  scenario->set_name(scenario->name() + "-aa");
  return absl::OkStatus();
}

}  // namespace drumline
