#include "host/host_facts.h"

#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "host/network_cards.h"

namespace drumline {
namespace {

constexpr char kCpus[] = "sys/devices/system/cpu";

std::vector<std::string> WordsOf(absl::string_view text) {
  return absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
}

std::optional<uint64_t> Number(absl::string_view text) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return std::nullopt;
  return value;
}

std::optional<uint64_t> NumberIn(const HostTree& tree, const std::string& path) {
  const std::optional<std::string> line = tree.Line(path);
  return line ? Number(*line) : std::nullopt;
}

// "cpu0", "cpu17": the directories of cores, among others such as "cpufreq".
std::vector<std::string> Cores(const HostTree& tree) {
  std::vector<std::string> cores;
  for (const std::string& name : tree.Names(kCpus)) {
    if (absl::StartsWith(name, "cpu") && Number(name.substr(3))) cores.push_back(name);
  }
  return cores;
}

void ReadNetwork(const HostTree& tree, proto::HostFacts* facts) {
  const std::string sysctl = "proc/sys/net/";
  if (const auto range = tree.Line(sysctl + "ipv4/ip_local_port_range")) {
    const std::vector<std::string> ends = WordsOf(*range);
    if (ends.size() == 2 && Number(ends[0]) && Number(ends[1])) {
      facts->set_first_local_port(static_cast<uint32_t>(*Number(ends[0])));
      facts->set_last_local_port(static_cast<uint32_t>(*Number(ends[1])));
    }
  }
  if (const auto value = NumberIn(tree, sysctl + "ipv4/tcp_tw_reuse")) {
    facts->set_tcp_tw_reuse(static_cast<uint32_t>(*value));
  }
  if (const auto value = NumberIn(tree, sysctl + "core/somaxconn")) {
    facts->set_somaxconn(static_cast<uint32_t>(*value));
  }
  for (const std::string& interface : tree.Names("sys/class/net")) {
    const std::string queues = absl::StrCat("sys/class/net/", interface, "/queues");
    for (const std::string& queue : tree.Names(queues)) {
      const auto mask = tree.Line(absl::StrCat(queues, "/", queue, "/rps_cpus"));
      // A mask in hexadecimal, with commas in it: any digit but 0 is a core.
      if (mask && mask->find_first_not_of("0,") != std::string::npos) {
        facts->add_steered_queues(absl::StrCat(interface, "/", queue));
      }
    }
  }
}

// Of the idle states of core 0 that are not disabled, the longest way back.
std::optional<uint64_t> DeepestIdleExit(const HostTree& tree) {
  std::optional<uint64_t> deepest;
  const std::string states = absl::StrCat(kCpus, "/cpu0/cpuidle");
  for (const std::string& state : tree.Names(states)) {
    const std::string path = absl::StrCat(states, "/", state);
    const auto latency = NumberIn(tree, path + "/latency");
    if (!latency || NumberIn(tree, path + "/disable").value_or(0) != 0) continue;
    deepest = std::max(deepest.value_or(0), *latency);
  }
  return deepest;
}

// From whichever driver tells.
std::optional<bool> Turbo(const HostTree& tree) {
  if (const auto off = NumberIn(tree, absl::StrCat(kCpus, "/intel_pstate/no_turbo"))) {
    return *off == 0;
  }
  if (const auto on = NumberIn(tree, absl::StrCat(kCpus, "/cpufreq/boost"))) return *on != 0;
  return std::nullopt;
}

void ReadCpu(const HostTree& tree, proto::HostFacts* facts) {
  std::set<std::string> governors;
  const std::vector<std::string> cores = Cores(tree);
  facts->set_cores(static_cast<uint32_t>(cores.size()));
  for (const std::string& core : cores) {
    const auto governor = tree.Line(absl::StrCat(kCpus, "/", core, "/cpufreq/scaling_governor"));
    if (governor) governors.insert(*governor);
  }
  facts->mutable_governors()->Add(governors.begin(), governors.end());
  if (const auto turbo = Turbo(tree)) facts->set_turbo(*turbo);
  if (const auto exit_us = DeepestIdleExit(tree)) facts->set_deepest_idle_exit_us(*exit_us);
  if (const auto active = NumberIn(tree, absl::StrCat(kCpus, "/smt/active"))) {
    facts->set_smt_active(*active != 0);
  }
}

// "cpu user nice system idle iowait irq softirq steal guest guest_nice": guests are in user
// already.
std::optional<double> StealShare(const HostTree& tree) {
  constexpr size_t kSteal = 8;
  const auto line = tree.Line("proc/stat");
  if (!line) return std::nullopt;
  const std::vector<std::string> words = WordsOf(*line);
  if (words.size() <= kSteal || words[0] != "cpu") return std::nullopt;
  double sum = 0;
  for (size_t i = 1; i <= kSteal; ++i) sum += static_cast<double>(Number(words[i]).value_or(0));
  if (sum == 0) return std::nullopt;
  return static_cast<double>(Number(words[kSteal]).value_or(0)) / sum;
}

// The number behind [name] in a file of lines "name number".
std::optional<uint64_t> Entry(const std::optional<std::string>& text, absl::string_view name) {
  if (!text) return std::nullopt;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::vector<std::string> words = WordsOf(line);
    if (words.size() == 2 && words[0] == name) return Number(words[1]);
  }
  return std::nullopt;
}

// Where this program's control group lies below /sys/fs/cgroup, by the controller that limits CPU:
// version 2 has one hierarchy ("0::/path"), version 1 one for each ("4:cpu,cpuacct:/path").
std::string CgroupDirectory(const HostTree& tree) {
  const std::string text = tree.Text("proc/self/cgroup").value_or("");
  std::string unified;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<std::string> names = absl::StrSplit(parts[1], ',');
    if (std::find(names.begin(), names.end(), "cpu") != names.end()) {
      return absl::StrCat("sys/fs/cgroup/", parts[1], parts[2]);
    }
    if (parts[0] == "0") unified = absl::StrCat("sys/fs/cgroup", parts[2]);
  }
  return unified;
}

void ReadCgroup(const HostTree& tree, proto::HostFacts* facts) {
  const std::string directory = CgroupDirectory(tree);
  if (directory.empty()) return;
  if (const auto periods = Entry(tree.Text(directory + "/cpu.stat"), "nr_throttled")) {
    facts->set_throttled_periods(*periods);
  }
  std::string quota;
  std::string period;
  if (const auto both = tree.Line(directory + "/cpu.max")) {
    const std::vector<std::string> words = WordsOf(*both);
    if (words.size() == 2) {
      quota = words[0];
      period = words[1];
    }
  } else {
    quota = tree.Line(directory + "/cpu.cfs_quota_us").value_or("");
    period = tree.Line(directory + "/cpu.cfs_period_us").value_or("");
  }
  // "max", or -1, is no quota.
  if (Number(quota) && Number(period).value_or(0) > 0) {
    facts->set_cpu_quota_cores(static_cast<double>(*Number(quota)) /
                               static_cast<double>(*Number(period)));
  }
}

// Absent where no process can be seen at all.
std::optional<bool> Runs(const HostTree& tree, absl::string_view program) {
  bool any = false;
  for (const std::string& name : tree.Names("proc")) {
    if (!Number(name)) continue;
    const auto command = tree.Line(absl::StrCat("proc/", name, "/comm"));
    any = any || command.has_value();
    if (command && *command == program) return true;
  }
  return any ? std::optional<bool>(false) : std::nullopt;
}

}  // namespace

proto::HostFacts ReadHostFacts(const HostTree& tree) {
  proto::HostFacts facts;
  ReadNetwork(tree, &facts);
  for (proto::NetworkCard& card : ReadNetworkCards(tree)) {
    *facts.add_network_cards() = std::move(card);
  }
  ReadCpu(tree, &facts);
  ReadCgroup(tree, &facts);
  if (const auto share = StealShare(tree)) facts.set_steal_share(*share);
  if (const auto runs = Runs(tree, "irqbalance")) facts.set_irqbalance_runs(*runs);
  const auto source = tree.Line("sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (source) facts.set_clock_source(*source);
  return facts;
}

proto::HostFacts ReadOwnHostFacts() {
  proto::HostFacts facts = ReadHostFacts(HostTree("/"));
  for (proto::NetworkCard& card : *facts.mutable_network_cards()) AskModeration(&card);
  if (facts.cores() == 0) facts.set_cores(std::thread::hardware_concurrency());
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.set_open_files(limit.rlim_cur);
  timex clock = {};
  // With no modes set it only asks.
  if (const int state = adjtimex(&clock); state >= 0) {
    facts.set_clock_synchronised(state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0);
  }
  utsname names = {};
  if (uname(&names) == 0) {
    facts.set_host(names.nodename);
    facts.set_architecture(names.machine);
  }
  return facts;
}

}  // namespace drumline
