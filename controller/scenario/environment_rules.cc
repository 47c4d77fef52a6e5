#include "controller/scenario/environment_rules.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "controller/scenario/bound.h"
#include "controller/scenario/cpu_list.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/suggestion.h"
#include "controller/scenario/url.h"

namespace drumline {
namespace {

struct Rulebook {
  const GivenFields& given;
  const proto::EnvironmentFile& environment;
  FaultList* faults;

  void Refuse(absl::string_view path, absl::string_view message) const {
    faults->Add(given.KeyAt(path), absl::StrCat("`", path, "` ", message));
  }
  void RefuseValue(absl::string_view path, absl::string_view message) const {
    faults->Add(given.ValueAt(path), absl::StrCat("`", path, "`: ", message));
  }
};

// All prices are in one currency: they are added.
void CheckCurrencies(const Rulebook& rules) {
  std::map<std::string, std::string> currencies;
  const auto note = [&](const std::string& path, const proto::Price& price) {
    if (rules.given.Has(path) && rules.given.IsSound(path)) {
      currencies.emplace(price.currency(), path);
    }
  };
  const std::map<std::string, proto::Machine> machines(rules.environment.machines().begin(),
                                                       rules.environment.machines().end());
  for (const auto& [name, machine] : machines) {
    note(FieldPath(FieldPath("machines", name), "price"), machine.price());
  }
  note("costs.developer_rate", rules.environment.costs().developer_rate());
  note("costs.sla.penalty", rules.environment.costs().sla().penalty());
  if (currencies.size() < 2) return;
  rules.RefuseValue(
      currencies.rbegin()->second,
      absl::StrCat(currencies.rbegin()->first, " and ", currencies.begin()->first, " (`",
                   currencies.begin()->second, "`) cannot be added: convert one of them"));
}

void CheckPromise(const Rulebook& rules) {
  constexpr absl::string_view kPath = "costs.sla.promise";
  if (!rules.given.Has(kPath) || !rules.given.IsSound(kPath)) return;
  const proto::Bound& promise = rules.environment.costs().sla().promise();
  if (promise.metric() == "errors" && promise.request().empty() && IsUpperBound(promise)) return;
  rules.RefuseValue(kPath, absl::StrCat(Quoted(promise.text()),
                                        " is no availability: write, for example, errors < 0.1%"));
}

void CheckMachines(const Rulebook& rules) {
  // Sorted, so that faults do not depend on the order of a hash map.
  const std::map<std::string, proto::Machine> machines(rules.environment.machines().begin(),
                                                       rules.environment.machines().end());
  for (const auto& [name, machine] : machines) {
    const std::string path = FieldPath("machines", name);
    const std::string threads = FieldPath(path, "threads");
    if (rules.given.Has(threads) && rules.given.IsSound(path) &&
        machine.threads() < machine.cores()) {
      rules.RefuseValue(threads,
                        absl::StrCat(machine.threads(), " logical CPUs are fewer than its ",
                                     machine.cores(), " cores: a core has one or more"));
    }
    const std::string price = FieldPath(path, "price");
    if (!rules.given.Has(price) || !rules.given.IsSound(price)) continue;
    if (!rules.given.Has("prices_as_of")) {
      rules.Refuse(price,
                   "has no date: write `prices_as_of: YYYY-MM-DD`, the day on which it was "
                   "looked up");
    }
  }
}

void CheckMachineOf(const Rulebook& rules, const std::string& path, const proto::Host& host) {
  const std::string field = FieldPath(path, "machine");
  if (!rules.given.IsSound("machines") || !rules.given.IsSound(field) || host.machine().empty()) {
    return;
  }
  const auto machine = rules.environment.machines().find(host.machine());
  if (machine == rules.environment.machines().end()) {
    std::vector<absl::string_view> known;
    for (const auto& [name, unused] : rules.environment.machines()) known.emplace_back(name);
    const absl::string_view nearest = NearestWord(host.machine(), known);
    rules.RefuseValue(
        field,
        absl::StrCat(Quoted(host.machine()), " is none of `machines`",
                     nearest.empty() ? "" : absl::StrCat("; did you mean ", Quoted(nearest), "?")));
    return;
  }
  const std::string cores = FieldPath(path, "cores");
  if (!rules.given.Has(cores) || !rules.given.IsSound(cores)) return;
  const absl::StatusOr<uint32_t> highest = HighestCpu(host.cores());
  if (highest.ok() && *highest >= machine->second.threads()) {
    rules.RefuseValue(
        cores, absl::StrCat("the machine has the logical CPUs 0 to ", machine->second.threads() - 1,
                            "; ", *highest, " is not one of them"));
  }
}

void CheckPorts(const Rulebook& rules, const std::string& path, const proto::Host& host) {
  const std::string field = FieldPath(path, "ports");
  if (!rules.given.IsSound(field) || !rules.given.IsSound(FieldPath(path, "role"))) return;
  const bool listens = host.role() == proto::ROLE_TARGET || host.role() == proto::ROLE_CONTROLLER;
  if (rules.given.Has(field) && !listens) {
    rules.Refuse(field, absl::StrCat("is for targets and controllers; a ", EnumWord(host.role()),
                                     " listens nowhere: remove it"));
    return;
  }
  if (host.role() == proto::ROLE_TARGET && host.ports().empty()) {
    rules.Refuse(path,
                 "is a target and has no port: write what listens there, as in `ports: "
                 "{echo: 8080}`");
  }
  if (host.role() == proto::ROLE_CONTROLLER && host.ports().count(kAgentsPort) == 0) {
    rules.Refuse(path,
                 "is a controller without the port at which agents dial in: write `ports: "
                 "{agents: 7070}`");
  }
}

void CheckHosts(const Rulebook& rules) {
  const std::map<std::string, proto::Host> hosts(rules.environment.hosts().begin(),
                                                 rules.environment.hosts().end());
  std::map<std::string, std::string> addresses;
  std::string controller;
  for (const auto& [name, host] : hosts) {
    const std::string path = FieldPath("hosts", name);
    CheckMachineOf(rules, path, host);
    CheckPorts(rules, path, host);
    const std::string address = FieldPath(path, "address");
    if (rules.given.IsSound(address) && !IsLoopback({host.address(), 0})) {
      const auto [other, unused] = addresses.emplace(host.address(), name);
      if (other->second != name) {
        rules.RefuseValue(address, absl::StrCat(Quoted(host.address()), " is the address of ",
                                                Quoted(other->second), " already"));
      }
    }
    if (host.role() != proto::ROLE_CONTROLLER) continue;
    if (!controller.empty()) {
      rules.Refuse(path, absl::StrCat("is a second controller beside ", Quoted(controller),
                                      ": a fleet has one"));
    }
    controller = name;
  }
}

}  // namespace

void ApplyEnvironmentRules(const GivenFields& given, proto::EnvironmentFile* environment,
                           FaultList* faults) {
  for (auto& [name, machine] : *environment->mutable_machines()) {
    if (!given.Has(FieldPath(FieldPath("machines", name), "threads"))) {
      machine.set_threads(machine.cores());
    }
  }
  const Rulebook rules{given, *environment, faults};
  for (const absl::string_view field : {"machines", "hosts"}) {
    const bool empty =
        field == "machines" ? environment->machines().empty() : environment->hosts().empty();
    if (given.Has(field) && given.IsSound(field) && empty) {
      rules.Refuse(field, "is empty: name at least one");
    }
  }
  CheckMachines(rules);
  CheckCurrencies(rules);
  CheckPromise(rules);
  CheckHosts(rules);
}

}  // namespace drumline
