#include "controller/report/cost.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/report/comparison.h"

namespace drumline {
namespace {

constexpr char kMeasured[] = "measured";
constexpr char kEnvironment[] = "environment";

struct Machine {
  double price_an_hour = 0;
  std::string currency;
  double cpus = 0;
  double memory_bytes = 0;
};

// The kind of machine of the targets; or why it is not known.
std::optional<Machine> MachineOf(const proto::EnvironmentFile& environment, std::string* why) {
  std::set<std::string> kinds;
  for (const auto& [name, host] : environment.hosts()) {
    if (host.role() == proto::ROLE_TARGET) kinds.insert(host.machine());
  }
  if (kinds.size() != 1) {
    *why = kinds.empty() ? "the environment has no host for targets"
                         : "the environment's targets run on several kinds of machine";
    return std::nullopt;
  }
  const auto found = environment.machines().find(*kinds.begin());
  if (found == environment.machines().end() || found->second.price().micro_per_hour() <= 0) {
    *why = absl::StrCat("the environment has no price for ", *kinds.begin());
    return std::nullopt;
  }
  const proto::Machine& machine = found->second;
  return Machine{static_cast<double>(machine.price().micro_per_hour()) / 1e6,
                 machine.price().currency(),
                 static_cast<double>(machine.threads() > 0 ? machine.threads() : machine.cores()),
                 static_cast<double>(machine.memory().bytes())};
}

class Lines {
 public:
  Lines(const RunGroup& group, proto::CostReport* report) : group_(group), report_(report) {}

  // [inputs] in the order in which the formula has them.
  void Add(const std::string& name, double value, const std::string& unit,
           const std::string& formula, std::vector<proto::CostInput> inputs) {
    proto::CostLine& line = *report_->add_lines();
    line.set_name(name);
    line.set_target(group_.target);
    line.mutable_point()->insert(group_.point.begin(), group_.point.end());
    line.set_value(value);
    line.set_unit(unit);
    line.set_formula(formula);
    for (proto::CostInput& input : inputs) *line.add_inputs() = std::move(input);
  }

  void Lacks(const std::string& name, const std::string& input) {
    report_->add_not_computed(absl::StrCat(name, " of ", group_.target, ": ", input));
  }

 private:
  const RunGroup& group_;
  proto::CostReport* const report_;
};

proto::CostInput InputOf(const std::string& name, double value, const std::string& unit,
                         const char* source) {
  proto::CostInput input;
  input.set_name(name);
  input.set_value(value);
  input.set_unit(unit);
  input.set_source(source);
  return input;
}

// Mean over the runs that have it; 0 if none has.
template <typename Get>
double MeanOf(const RunGroup& group, const Get& get) {
  double sum = 0;
  int count = 0;
  for (const proto::RunReport* run : group.runs) {
    const double value = get(*run);
    if (value <= 0) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

void AddByKnee(const Machine& machine, double knee, Lines* lines) {
  const std::string name = "a million requests at the SLO";
  if (knee <= 0) {
    lines->Lacks(name, "no search has found the highest rate that meets the objectives");
    return;
  }
  lines->Add(name, machine.price_an_hour / (3'600 * knee) * 1e6, machine.currency,
             "price / (3600 s · knee) · 1,000,000",
             {InputOf("price", machine.price_an_hour, machine.currency + "/h", kEnvironment),
              InputOf("knee", knee, "per_second", kMeasured)});
}

void AddByCpu(const Machine& machine, const RunGroup& group, Lines* lines) {
  const std::string name = "a million requests by CPU";
  const double cpu_us =
      MeanOf(group, [](const auto& run) { return run.target_resources().cpu_us_per_request(); });
  if (cpu_us <= 0) {
    lines->Lacks(name, "the target's CPU time is not known");
    return;
  }
  lines->Add(name, machine.price_an_hour / machine.cpus / 3'600 * cpu_us, machine.currency,
             "price / CPUs / 3600 s · CPU a request · 1,000,000",
             {InputOf("price", machine.price_an_hour, machine.currency + "/h", kEnvironment),
              InputOf("CPUs", machine.cpus, "logical CPUs", kEnvironment),
              InputOf("CPU a request", cpu_us, "us", kMeasured)});
}

void AddYear(const Machine& machine, const RunGroup& group, Lines* lines) {
  const std::string name = absl::StrCat("a year of ", kReplicas, " × ", kZones, " replicas");
  const double cores =
      MeanOf(group, [](const auto& run) { return run.target_resources().cpu_cores_mean(); });
  const double rss =
      MeanOf(group, [](const auto& run) { return run.target_resources().rss_bytes_max(); });
  if (cores <= 0 || rss <= 0) {
    lines->Lacks(name, "the target's CPU and memory are not both known");
    return;
  }
  const double part = std::max(cores / machine.cpus, rss / machine.memory_bytes);
  lines->Add(
      name, kReplicas * kZones * kHoursOfAYear * machine.price_an_hour * part,
      machine.currency + " a year",
      "replicas · zones · 8766 h · price · max(cores / CPUs, RSS / memory)",
      {InputOf("replicas", kReplicas, "", "convention"), InputOf("zones", kZones, "", "convention"),
       InputOf("price", machine.price_an_hour, machine.currency + "/h", kEnvironment),
       InputOf("cores", cores, "cores", kMeasured),
       InputOf("CPUs", machine.cpus, "logical CPUs", kEnvironment),
       InputOf("RSS", rss, "bytes", kMeasured),
       InputOf("memory", machine.memory_bytes, "bytes", kEnvironment)});
}

// Of a search, the run that confirmed the knee stands for the target; the others had other rates.
void KeepConfirmed(RunGroup* group) {
  std::vector<const proto::RunReport*> confirmed;
  for (const proto::RunReport* run : group->runs) {
    if (run->step() == "confirm") confirmed = {run};
  }
  group->runs = std::move(confirmed);
}

double KneeOf(const proto::Report& report, const RunGroup& group) {
  for (const proto::CapacityReport& search : report.capacity()) {
    const std::map<std::string, std::string> point(search.point().begin(), search.point().end());
    if (search.target() == group.target && point == group.point && search.confirmed()) {
      return search.knee_rps();
    }
  }
  return 0;
}

}  // namespace

proto::CostReport CostsOf(const proto::EnvironmentFile& environment, const proto::Report& report) {
  proto::CostReport costs;
  std::string why;
  const std::optional<Machine> machine = MachineOf(environment, &why);
  if (!machine) {
    costs.add_not_computed(why);
    return costs;
  }
  costs.set_currency(machine->currency);
  for (RunGroup& group : GroupRuns(report.runs(), nullptr)) {
    if (report.capacity_size() > 0) KeepConfirmed(&group);
    if (group.runs.empty()) continue;
    Lines lines(group, &costs);
    const double knee = KneeOf(report, group);
    AddByKnee(*machine, knee, &lines);
    AddByCpu(*machine, group, &lines);
    AddYear(*machine, group, &lines);
  }
  costs.add_not_computed(
      "machines for a rate, costs of development, of incidents and of missed service levels: no "
      "input gives them");
  return costs;
}

}  // namespace drumline
