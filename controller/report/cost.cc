#include "controller/report/cost.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/report/comparison.h"
#include "controller/scenario/url.h"
#include "core/rate.h"

namespace drumline {
namespace {

constexpr char kMeasured[] = "measured";
constexpr char kEnvironment[] = "environment";
constexpr char kScenario[] = "scenario";
constexpr char kComputed[] = "computed";
constexpr char kConvention[] = "convention";

using Inputs = std::vector<proto::CostInput>;

struct Machine {
  double price_an_hour = 0;
  std::string currency;
  double cpus = 0;
  double memory_bytes = 0;
};

double AnHour(const proto::Price& price) {
  return static_cast<double>(price.micro_per_hour()) / 1e6;
}

bool StartedHere(const proto::Report& report, const std::string& target) {
  const auto& artifacts = report.environment().artifacts();
  return std::any_of(artifacts.begin(), artifacts.end(),
                     [&](const auto& artifact) { return artifact.target() == target; });
}

// The kind of machine on which the target ran; or why it is not known.
std::optional<Machine> MachineOf(const proto::EnvironmentFile& environment, bool started_here,
                                 std::string* why) {
  std::set<std::string> kinds;
  for (const auto& [name, host] : environment.hosts()) {
    if (host.role() != proto::ROLE_TARGET) continue;
    if (!started_here || IsLoopback({host.address(), 0})) kinds.insert(host.machine());
  }
  if (kinds.size() != 1) {
    *why = !kinds.empty() ? "the environment's targets run on several kinds of machine"
           : started_here ? "it ran on the controller's machine, which is no target host of the "
                            "environment"
                          : "the environment has no host for targets";
    return std::nullopt;
  }
  const auto found = environment.machines().find(*kinds.begin());
  if (found == environment.machines().end() || found->second.price().micro_per_hour() <= 0) {
    *why = absl::StrCat("the environment has no price for ", *kinds.begin());
    return std::nullopt;
  }
  const proto::Machine& machine = found->second;
  return Machine{AnHour(machine.price()), machine.price().currency(),
                 static_cast<double>(machine.threads() > 0 ? machine.threads() : machine.cores()),
                 static_cast<double>(machine.memory().bytes())};
}

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

// The lines of one target at one point, one function each.
class TargetLines {
 public:
  TargetLines(const Machine& machine, const proto::Costs& costs, const RunGroup& group,
              proto::CostReport* report)
      : machine_(machine), costs_(costs), group_(group), report_(report) {}

  // Nothing where no search has confirmed a rate.
  void ByKnee(std::optional<double> knee) {
    const std::string million = "a million requests at the SLO";
    if (!knee) return Lacks(million, kNoKnee);
    Add(million, machine_.price_an_hour / (3'600 * *knee) * 1e6, machine_.currency,
        "price / (3600 s · knee) · 1,000,000",
        {Price(), InputOf("knee", *knee, "per_second", kMeasured)});
  }

  void MachinesForRate(std::optional<double> knee) {
    if (!costs_.has_rate()) {
      return Lacks("machines for a rate", "the environment has no costs.rate");
    }
    const double rate = Rate::MicroPerHour(costs_.rate().micro_per_hour()).per_second();
    const std::string name = absl::StrFormat("machines for %.10g/s", rate);
    if (!knee) return Lacks(name, kNoKnee);
    const double count = std::ceil(rate / *knee);
    Add(name, count, "machines", "⌈rate / knee⌉",
        {InputOf("rate", rate, "per_second", kEnvironment),
         InputOf("knee", *knee, "per_second", kMeasured)});
    Add("a year of these machines", count * kHoursOfAYear * machine_.price_an_hour,
        machine_.currency + " a year", "machines · 8766 h · price",
        {InputOf("machines", count, "", kComputed), Price()});
  }

  void ByCpu() {
    const std::string name = "a million requests by CPU";
    const double cpu_us =
        MeanOf(group_, [](const auto& run) { return run.target_resources().cpu_us_per_request(); });
    if (cpu_us <= 0) return Lacks(name, "the target's CPU time is not known");
    Add(name, machine_.price_an_hour / machine_.cpus / 3'600 * cpu_us, machine_.currency,
        "price / CPUs / 3600 s · CPU a request · 1,000,000",
        {Price(), InputOf("CPUs", machine_.cpus, "logical CPUs", kEnvironment),
         InputOf("CPU a request", cpu_us, "us", kMeasured)});
  }

  // What a year of the replicas costs; nothing where it is not known.
  std::optional<double> YearOfReplicas() {
    const bool replicas_given = costs_.replicas() > 0;
    const bool zones_given = costs_.zones() > 0;
    const uint32_t replicas = replicas_given ? costs_.replicas() : kReplicas;
    const uint32_t zones = zones_given ? costs_.zones() : kZones;
    year_name_ = absl::StrCat("a year of ", replicas, " × ", zones, " replicas");
    const double cores =
        MeanOf(group_, [](const auto& run) { return run.target_resources().cpu_cores_mean(); });
    const double rss =
        MeanOf(group_, [](const auto& run) { return run.target_resources().rss_bytes_max(); });
    if (cores <= 0 || rss <= 0) {
      Lacks(year_name_, "the target's CPU and memory are not both known");
      return std::nullopt;
    }
    const double part = std::max(cores / machine_.cpus, rss / machine_.memory_bytes);
    const double year = replicas * zones * kHoursOfAYear * machine_.price_an_hour * part;
    Add(year_name_, year, machine_.currency + " a year",
        "replicas · zones · 8766 h · price · max(cores / CPUs, RSS / memory)",
        {InputOf("replicas", replicas, "", replicas_given ? kEnvironment : kConvention),
         InputOf("zones", zones, "", zones_given ? kEnvironment : kConvention), Price(),
         InputOf("cores", cores, "cores", kMeasured),
         InputOf("CPUs", machine_.cpus, "logical CPUs", kEnvironment),
         InputOf("RSS", rss, "bytes", kMeasured),
         InputOf("memory", machine_.memory_bytes, "bytes", kEnvironment)});
    return year;
  }

  // [of_target] is null where the scenario says nothing; [year] is that of YearOfReplicas.
  void Ownership(const proto::TargetCosts* of_target, std::optional<double> year) {
    const std::string name = "three years of ownership";
    if (!costs_.has_developer_rate()) {
      return Lacks(name, "the environment has no costs.developer_rate");
    }
    if (of_target == nullptr) return Lacks(name, "the scenario has no costs of this target");
    if (!year) return Lacks(name, absl::StrCat(year_name_, " is not known"));
    const double rate = AnHour(costs_.developer_rate());
    const double bugs = static_cast<double>(of_target->yearly_bug_cost().micro()) / 1e6;
    Add(name,
        rate * of_target->developer_hours() + kYearsOfOwnership * *year + kYearsOfOwnership * bugs,
        machine_.currency + " in 3 years",
        "developer rate · hours + 3 · a year's cloud + 3 · a year's bugs",
        {InputOf("developer rate", rate, machine_.currency + "/h", kEnvironment),
         InputOf("hours", of_target->developer_hours(), "hours", kScenario),
         InputOf("a year's cloud", *year, machine_.currency + " a year", kComputed),
         InputOf("a year's bugs", bugs, machine_.currency + " a year", kScenario)});
  }

  void Penalties() {
    const std::string name = "a year's penalties";
    if (!costs_.has_sla()) return Lacks(name, "the environment has no costs.sla");
    double due = 0;
    double ok = 0;
    for (const proto::RunReport* run : group_.runs) {
      due += static_cast<double>(run->ledger().scheduled());
      ok += static_cast<double>(run->ledger().ok());
    }
    if (due <= 0) return Lacks(name, "no request came due");
    const double errors = 1 - ok / due;
    const double allowed = costs_.sla().promise().limit();
    const double penalty = AnHour(costs_.sla().penalty());
    Add(name, std::max(0.0, errors - allowed) * kHoursOfAYear * penalty,
        machine_.currency + " a year", "max(0, errors − promised) · 8766 h · penalty",
        {InputOf("errors", errors, "fraction", kMeasured),
         InputOf("promised", allowed, "fraction", kEnvironment),
         InputOf("penalty", penalty, machine_.currency + "/h", kEnvironment)});
  }

 private:
  static constexpr char kNoKnee[] =
      "no search has confirmed the highest rate that meets the objectives";

  proto::CostInput Price() const {
    return InputOf("price", machine_.price_an_hour, machine_.currency + "/h", kEnvironment);
  }

  // [inputs] in the order in which the formula has them.
  void Add(const std::string& name, double value, const std::string& unit,
           const std::string& formula, Inputs inputs) {
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

  const Machine& machine_;
  const proto::Costs& costs_;
  const RunGroup& group_;
  proto::CostReport* const report_;
  std::string year_name_;
};

// Of a search, the run that confirmed the knee stands for the target; the others had other rates.
void KeepConfirmed(RunGroup* group) {
  std::vector<const proto::RunReport*> confirmed;
  for (const proto::RunReport* run : group->runs) {
    if (run->step() == "confirm") confirmed = {run};
  }
  group->runs = std::move(confirmed);
}

std::optional<double> KneeOf(const proto::Report& report, const RunGroup& group) {
  for (const proto::CapacityReport& search : report.capacity()) {
    const std::map<std::string, std::string> point(search.point().begin(), search.point().end());
    if (search.target() == group.target && point == group.point && search.confirmed()) {
      return search.knee_rps();
    }
  }
  return std::nullopt;
}

}  // namespace

proto::CostReport CostsOf(const proto::Plan& plan, const proto::Report& report) {
  proto::CostReport costs;
  for (RunGroup& group : GroupRuns(report.runs(), nullptr)) {
    if (report.capacity_size() > 0) KeepConfirmed(&group);
    std::string why = group.runs.empty() ? "no run of it counts" : "";
    std::optional<Machine> machine;
    if (why.empty()) {
      machine = MachineOf(plan.environment_file(), StartedHere(report, group.target), &why);
    }
    if (!machine) {
      costs.add_not_computed(absl::StrCat("costs of ", group.target, ": ", why));
      continue;
    }
    costs.set_currency(machine->currency);
    TargetLines lines(*machine, plan.environment_file().costs(), group, &costs);
    const std::optional<double> knee = KneeOf(report, group);
    lines.ByKnee(knee);
    lines.ByCpu();
    lines.MachinesForRate(knee);
    const std::optional<double> year = lines.YearOfReplicas();
    const auto of_target = plan.target_costs().find(group.target);
    lines.Ownership(of_target == plan.target_costs().end() ? nullptr : &of_target->second, year);
    lines.Penalties();
  }
  return costs;
}

}  // namespace drumline
