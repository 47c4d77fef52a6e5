#include "controller/planner/environment_text.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/price.h"

namespace drumline {
namespace {

// By name: a proto map has no order of its own.
std::map<std::string, proto::Host> HostsOf(const proto::EnvironmentFile& environment) {
  return {environment.hosts().begin(), environment.hosts().end()};
}

std::string PriceOfAll(const proto::EnvironmentFile& environment) {
  proto::Price sum;
  int unpriced = 0;
  for (const auto& [name, host] : environment.hosts()) {
    const proto::Machine& machine = environment.machines().at(host.machine());
    if (!machine.has_price()) {
      ++unpriced;
      continue;
    }
    sum.set_currency(machine.price().currency());
    sum.set_micro_per_hour(sum.micro_per_hour() + machine.price().micro_per_hour());
  }
  std::string words = sum.currency().empty() ? std::string("no price is known")
                                             : absl::StrCat(FormatPrice(sum), " (prices of ",
                                                            environment.prices_as_of(), ")");
  if (unpriced > 0 && !sum.currency().empty()) {
    absl::StrAppend(&words, ", without ", unpriced, " whose price is not known");
  }
  return words;
}

std::string HostLine(const std::string& name, const proto::Host& host) {
  const std::map<std::string, uint32_t> ports(host.ports().begin(), host.ports().end());
  std::vector<std::string> words;
  for (const auto& [service, port] : ports) words.push_back(absl::StrCat(service, " at ", port));
  if (!host.cores().empty()) words.push_back(absl::StrCat("on CPUs ", host.cores()));
  std::string line = absl::StrFormat("  %-16s %-10s %-20s %s", name, EnumWord(host.role()),
                                     host.address(), host.machine());
  if (!words.empty()) absl::StrAppend(&line, "  ", absl::StrJoin(words, ", "));
  return absl::StrCat(line, "\n");
}

std::string MachineLine(const std::string& name, const proto::Machine& machine) {
  std::vector<std::string> words = {
      machine.cpu(), EnumWord(machine.architecture()),
      absl::StrCat(machine.cores(), " cores, ", machine.threads(), " logical CPUs"),
      machine.memory().text()};
  if (!machine.network().empty()) words.push_back(machine.network());
  if (machine.has_price()) words.push_back(FormatPrice(machine.price()));
  return absl::StrFormat("  %-16s %s\n", name, absl::StrJoin(words, "; "));
}

}  // namespace

std::string EnvironmentToText(const proto::EnvironmentFile& environment) {
  std::string text = absl::StrCat("environment ", EnvironmentLine(environment), "\n");
  if (!environment.description().empty()) {
    absl::StrAppend(&text, environment.description(), "\n");
  }
  absl::StrAppend(&text, "\n");
  for (const auto& [name, host] : HostsOf(environment)) {
    absl::StrAppend(&text, HostLine(name, host));
  }
  absl::StrAppend(&text, "\n");
  const std::map<std::string, proto::Machine> machines(environment.machines().begin(),
                                                       environment.machines().end());
  for (const auto& [name, machine] : machines) absl::StrAppend(&text, MachineLine(name, machine));
  if (!environment.price_basis().empty()) {
    absl::StrAppend(&text, "\nprices: ", environment.price_basis(), "\n");
  }
  return text;
}

std::string EnvironmentLine(const proto::EnvironmentFile& environment) {
  std::map<std::string, int> counts;
  for (const auto& [name, host] : environment.hosts()) ++counts[EnumWord(host.role())];
  std::vector<std::string> words;
  for (const auto& [role, count] : counts) {
    words.push_back(absl::StrCat(count, " ", role, count == 1 ? "" : "s"));
  }
  return absl::StrCat(environment.name(), ": ", absl::StrJoin(words, ", "), "; ",
                      PriceOfAll(environment));
}

}  // namespace drumline
