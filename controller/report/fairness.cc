#include "controller/report/fairness.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/format/units.h"

namespace drumline {
namespace {

// An empty text or a zero: a report from before that fact was kept.
bool IsKnown(const std::string& text) { return !text.empty() && text != "0"; }

std::string ScaleOf(const proto::Report& report) {
  if (!report.has_scaling()) return "as written";
  return absl::StrFormat("load × %g, times × %g", report.scaling().load(), report.scaling().time());
}

struct Fact {
  const char* name;
  std::string value;
  bool matters;
};

std::vector<Fact> FactsOf(const proto::Report& report) {
  const proto::Environment& host = report.environment();
  const proto::Generator& generator = report.generator();
  std::set<std::string> engines;
  std::set<std::string> binaries;
  std::multiset<std::string> cores;
  for (const proto::AgentReport& agent : report.agents()) {
    if (!agent.engine().empty()) engines.insert(agent.engine());
    if (!agent.binary_sha256().empty()) binaries.insert(agent.binary_sha256());
    cores.insert(absl::StrCat(agent.cores()));
  }
  return {{"CPU", host.cpu_model(), true},
          {"cores", absl::StrCat(host.cores()), true},
          {"governor", host.governor(), true},
          {"kernel", host.kernel(), true},
          {"agents", absl::StrCat(generator.agents()), true},
          {"workers an agent", absl::StrCat(generator.workers_per_agent()), true},
          {"cores of agents", absl::StrJoin(cores, " "), true},
          {"pacing", generator.pacing(), true},
          {"tick", generator.tick_us() > 0 ? FormatTime(generator.tick_us()) : "", true},
          {"engine", absl::StrJoin(engines, " and "), true},
          {"agent's program", absl::StrJoin(binaries, " and "), true},
          {"scale", ScaleOf(report), true},
          {"environment", host.label(), false},
          {"host", host.host(), false},
          {"memory", FormatBytes(static_cast<double>(host.memory_bytes())), false},
          {"controller's program", host.controller_sha256(), false},
          {"target's program", host.target_sha256(), false},
          {"scenario", report.scenario_sha256(), false}};
}

// What was asked of each target at each point: the first run's load stands for all.
std::map<std::string, const proto::RunReport*> LoadsOf(const proto::Report& report) {
  std::map<std::string, const proto::RunReport*> loads;
  for (const proto::RunReport& run : report.runs()) {
    std::string name = run.target();
    const std::map<std::string, std::string> point(run.point().begin(), run.point().end());
    for (const auto& [key, value] : point) absl::StrAppend(&name, " ", key, " ", value);
    loads.try_emplace(name, &run);
  }
  // A campaign of one target is compared with another one whatever their names are.
  if (loads.size() == 1) return {{"the target", loads.begin()->second}};
  return loads;
}

void AddLoads(const proto::Report& baseline, const proto::Report& contender,
              std::vector<FactDifference>* differences) {
  const auto loads = LoadsOf(contender);
  for (const auto& [name, a] : LoadsOf(baseline)) {
    const auto found = loads.find(name);
    if (found == loads.end()) continue;
    const proto::RunReport* b = found->second;
    if (a->closed_loop() != b->closed_loop()) {
      const auto loop = [](const auto* run) { return run->closed_loop() ? "closed" : "open"; };
      differences->push_back({absl::StrCat("loop of ", name), loop(a), loop(b), true});
    } else if (!a->closed_loop() && std::abs(a->offered_rps() - b->offered_rps()) >
                                        kSameRate * std::max(a->offered_rps(), b->offered_rps())) {
      differences->push_back({absl::StrCat("offered rate of ", name), FormatRate(a->offered_rps()),
                              FormatRate(b->offered_rps()), true});
    }
  }
}

}  // namespace

std::vector<FactDifference> DifferingFacts(const proto::Report& baseline,
                                           const proto::Report& contender) {
  std::vector<FactDifference> differences;
  const std::vector<Fact> a = FactsOf(baseline);
  const std::vector<Fact> b = FactsOf(contender);
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].value == b[i].value) continue;
    // What one side does not know is told, and not held against it.
    const bool known = IsKnown(a[i].value) && IsKnown(b[i].value);
    differences.push_back({a[i].name, IsKnown(a[i].value) ? a[i].value : "not known",
                           IsKnown(b[i].value) ? b[i].value : "not known", a[i].matters && known});
  }
  AddLoads(baseline, contender, &differences);
  std::stable_partition(differences.begin(), differences.end(),
                        [](const FactDifference& fact) { return fact.matters; });
  return differences;
}

}  // namespace drumline
