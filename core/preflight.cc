#include "core/preflight.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace drumline {
namespace {

using proto::Finding;

// Interrupts; more of the same says nothing new.
constexpr size_t kMostNamed = 4;

// The table, line by line.
class Table {
 public:
  // [remedy] is told where something is to be mended.
  void Add(std::string id, std::string found, std::string wanted, Finding::Value finding,
           std::string remedy) {
    proto::PreflightCheck& check = checks_.emplace_back();
    check.set_id(std::move(id));
    check.set_found(std::move(found));
    check.set_wanted(std::move(wanted));
    check.set_finding(finding);
    if (finding == Finding::WARNING || finding == Finding::FATAL) {
      check.set_remedy(std::move(remedy));
    }
  }
  void AddUnknown(std::string id, std::string wanted) {
    Add(std::move(id), "not known here", std::move(wanted), Finding::NOT_KNOWN, "");
  }
  std::vector<proto::PreflightCheck> Take() { return std::move(checks_); }

 private:
  std::vector<proto::PreflightCheck> checks_;
};

Finding::Value OkOr(bool good, Finding::Value otherwise) { return good ? Finding::OK : otherwise; }

void JudgeOpenFiles(const proto::HostFacts& facts, const Demand& demand, Table* table) {
  const uint64_t needed = demand.connections + kSpareOpenFiles;
  const std::string wanted = absl::StrCat("at least ", needed);
  if (!facts.has_open_files()) return table->AddUnknown("open_files", wanted);
  table->Add("open_files", absl::StrCat(facts.open_files()), wanted,
             OkOr(facts.open_files() >= needed, Finding::FATAL),
             absl::StrCat("raise the limit (ulimit -n ", needed,
                          ", LimitNOFILE= in a unit), or use more agents"));
}

void JudgeLocalPorts(const proto::HostFacts& facts, const Demand& demand, Table* table) {
  const uint64_t needed = std::max<uint64_t>(demand.connections, 1);
  const std::string wanted = absl::StrCat("1024 … 65535, at least ", needed, " ports");
  if (!facts.has_first_local_port()) return table->AddUnknown("ip_local_port_range", wanted);
  const uint64_t ports = facts.last_local_port() >= facts.first_local_port()
                             ? facts.last_local_port() - facts.first_local_port() + 1
                             : 0;
  constexpr uint64_t kPlenty = 60'000;
  // From 1024 to 65535.
  constexpr uint64_t kMost = 64'512;
  const std::string remedy =
      needed > kMost
          ? absl::StrCat("use more agents, on more hosts: an address has ", kMost, " ports at most")
          : "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"";
  const Finding::Value finding = ports < needed    ? Finding::FATAL
                                 : ports < kPlenty ? Finding::WARNING
                                                   : Finding::OK;
  table->Add("ip_local_port_range",
             absl::StrCat(facts.first_local_port(), " … ", facts.last_local_port(), ": ",
                          ports / kTimeWaitSeconds, " new connections a second to one target"),
             wanted, finding, remedy);
}

void JudgeTimeWait(const proto::HostFacts& facts, Table* table) {
  if (!facts.has_tcp_tw_reuse()) return table->AddUnknown("tcp_tw_reuse", "1");
  table->Add("tcp_tw_reuse", absl::StrCat(facts.tcp_tw_reuse()), "1",
             OkOr(facts.tcp_tw_reuse() == 1, Finding::WARNING),
             "sysctl -w net.ipv4.tcp_tw_reuse=1, where connections are opened again and again");
}

void JudgeBacklog(const proto::HostFacts& facts, const Demand& demand, Table* table) {
  // Where the target runs on this host, all connections may come at once.
  const uint64_t needed = std::max<uint64_t>(1024, std::min<uint64_t>(demand.connections, 65535));
  const std::string wanted = absl::StrCat("at least ", needed);
  if (!facts.has_somaxconn()) return table->AddUnknown("somaxconn", wanted);
  table->Add("somaxconn", absl::StrCat(facts.somaxconn()), wanted,
             OkOr(facts.somaxconn() >= needed, Finding::WARNING),
             absl::StrCat("on hosts with a target: sysctl -w net.core.somaxconn=", needed));
}

Finding::Value TooFewCores(const Demand& demand) {
  return demand.workers_spin ? Finding::FATAL : Finding::WARNING;
}

void JudgeCores(const proto::HostFacts& facts, const Demand& demand, Table* table) {
  const std::string wanted =
      absl::StrCat("at least ", demand.workers, ", one for each worker",
                   demand.workers_spin ? " of this host's agents, which spin" : "");
  if (facts.cores() == 0) return table->AddUnknown("cores", wanted);
  table->Add("cores", absl::StrCat(facts.cores()), wanted,
             OkOr(facts.cores() >= demand.workers, TooFewCores(demand)),
             demand.workers_spin ? "use fewer workers or more hosts, or another agents.pacing"
                                 : "use fewer workers on each agent, or more agents");
}

void JudgeFrequency(const proto::HostFacts& facts, Table* table) {
  if (facts.governors().empty()) {
    table->AddUnknown("governor", "performance");
  } else {
    const bool good = facts.governors_size() == 1 && facts.governors(0) == "performance";
    table->Add("governor", absl::StrJoin(facts.governors(), ", "), "performance",
               OkOr(good, Finding::WARNING), "cpupower frequency-set -g performance");
  }
  if (!facts.has_turbo()) {
    table->AddUnknown("turbo", "off");
  } else {
    table->Add(
        "turbo", facts.turbo() ? "on" : "off", "off", OkOr(!facts.turbo(), Finding::WARNING),
        "turn it off in the firmware, or write 0 to /sys/devices/system/cpu/cpufreq/boost (1 "
        "to intel_pstate/no_turbo): the speed that it adds comes and goes");
  }
  const std::string wanted = absl::StrCat("at most ", kLongestIdleExitUs, " µs");
  if (!facts.has_deepest_idle_exit_us()) return table->AddUnknown("idle_states", wanted);
  table->Add("idle_states", absl::StrCat(facts.deepest_idle_exit_us(), " µs to come back"), wanted,
             OkOr(facts.deepest_idle_exit_us() <= kLongestIdleExitUs, Finding::WARNING),
             absl::StrCat("cpupower idle-set -D ", kLongestIdleExitUs));
}

void JudgeSmt(const proto::HostFacts& facts, Table* table) {
  if (!facts.has_smt_active()) return table->AddUnknown("smt", "off");
  table->Add("smt", facts.smt_active() ? "on" : "off", "off",
             OkOr(!facts.smt_active(), Finding::WARNING),
             "two threads of one core slow each other down: turn it off, or pin workers to cores");
}

void JudgeSharing(const proto::HostFacts& facts, const Demand& demand, Table* table) {
  const std::string wanted = absl::StrFormat("at most %g %%", kMostSteal * 100);
  if (!facts.has_steal_share()) {
    table->AddUnknown("steal", wanted);
  } else {
    table->Add("steal", absl::StrFormat("%.2f %% since boot", facts.steal_share() * 100), wanted,
               OkOr(facts.steal_share() <= kMostSteal, Finding::WARNING),
               "other guests take this machine's CPU: use dedicated cores");
  }
  const std::string cores = absl::StrCat("none, or at least ", demand.workers, " cores");
  if (!facts.has_cpu_quota_cores()) {
    table->Add("cpu_quota", "none", cores, Finding::OK, "");
  } else {
    table->Add("cpu_quota", absl::StrFormat("%g cores", facts.cpu_quota_cores()), cores,
               OkOr(facts.cpu_quota_cores() >= demand.workers, TooFewCores(demand)),
               "raise the container's CPU limit, or remove it");
  }
  if (!facts.has_throttled_periods()) return table->AddUnknown("cpu_throttling", "none so far");
  table->Add("cpu_throttling", absl::StrCat(facts.throttled_periods(), " periods so far"),
             "none so far", OkOr(facts.throttled_periods() == 0, Finding::WARNING),
             "the container was stopped by its CPU limit: raise it, or remove it");
}

void JudgeInterrupts(const proto::HostFacts& facts, Table* table) {
  if (!facts.has_irqbalance_runs()) {
    table->AddUnknown("irqbalance", "stopped");
  } else {
    table->Add("irqbalance", facts.irqbalance_runs() ? "runs" : "stopped", "stopped",
               OkOr(!facts.irqbalance_runs(), Finding::WARNING),
               "systemctl stop irqbalance, and bind interrupts to cores that do not send");
  }
  table->Add("packet_steering",
             facts.steered_queues().empty() ? "off" : absl::StrJoin(facts.steered_queues(), ", "),
             "off", OkOr(facts.steered_queues().empty(), Finding::WARNING),
             "write 0 to the queues' rps_cpus: steering costs a wake-up of another core");
}

bool IsOneCore(absl::string_view cores) {
  return std::all_of(cores.begin(), cores.end(), absl::ascii_isdigit);
}

void JudgeModeration(const proto::HostFacts& facts, Table* table) {
  constexpr char kWanted[] = "adaptive-rx off";
  std::vector<std::string> found;
  std::vector<std::string> mend;
  for (const proto::NetworkCard& card : facts.network_cards()) {
    if (!card.has_adaptive_rx()) continue;
    found.push_back(absl::StrCat(card.name(), " adaptive-rx ", card.adaptive_rx() ? "on" : "off",
                                 ", ", card.rx_usecs(), " µs"));
    if (card.adaptive_rx())
      mend.push_back(absl::StrCat("ethtool -C ", card.name(), " adaptive-rx off"));
  }
  if (found.empty()) return table->AddUnknown("interrupt_moderation", kWanted);
  table->Add("interrupt_moderation", absl::StrJoin(found, "; "), kWanted,
             OkOr(mend.empty(), Finding::WARNING),
             absl::StrCat(absl::StrJoin(mend, "; "),
                          ": a card that learns how long to wait answers differently from minute "
                          "to minute"));
}

void JudgeInterruptCores(const proto::HostFacts& facts, Table* table) {
  constexpr char kWanted[] = "one core for each interrupt of a network card";
  std::vector<std::string> bound;
  std::vector<std::string> loose;
  for (const proto::NetworkCard& card : facts.network_cards()) {
    for (const proto::Interrupt& interrupt : card.interrupts()) {
      (IsOneCore(interrupt.cores()) ? bound : loose)
          .push_back(absl::StrCat(card.name(), " ", interrupt.number(), " on ", interrupt.cores()));
    }
  }
  if (bound.empty() && loose.empty()) return table->AddUnknown("interrupt_cores", kWanted);
  const bool good = loose.empty();
  std::vector<std::string>& named = good ? bound : loose;
  const size_t more = named.size() > kMostNamed ? named.size() - kMostNamed : 0;
  named.resize(named.size() - more);
  if (more > 0) named.push_back(absl::StrCat("and ", more, " more"));
  table->Add("interrupt_cores", absl::StrJoin(named, ", "), kWanted, OkOr(good, Finding::WARNING),
             "write a core that does not send to each /proc/irq/NUMBER/smp_affinity_list");
}

void JudgeClock(const proto::HostFacts& facts, Table* table) {
  constexpr char kWanted[] = "tsc, kvm-clock or arch_sys_counter";
  if (!facts.has_clock_source()) {
    table->AddUnknown("clock_source", kWanted);
  } else {
    const std::string& source = facts.clock_source();
    const bool fast = source == "tsc" || source == "kvm-clock" || source == "arch_sys_counter" ||
                      source == "hyperv_clocksource_tsc_page";
    table->Add("clock_source", source, kWanted, OkOr(fast, Finding::WARNING),
               "others ask the kernel each time, ten times as slow: choose one in "
               "/sys/devices/system/clocksource/clocksource0/current_clocksource");
  }
  if (!facts.has_clock_synchronised()) return table->AddUnknown("clock_synchronised", "yes");
  table->Add("clock_synchronised", facts.clock_synchronised() ? "yes" : "no", "yes",
             OkOr(facts.clock_synchronised(), Finding::WARNING),
             "start chrony or systemd-timesyncd: times of day in logs and bundles will not agree "
             "(measurements do not depend on it)");
}

}  // namespace

std::vector<proto::PreflightCheck> JudgeHost(const proto::HostFacts& facts, const Demand& demand) {
  Table table;
  JudgeOpenFiles(facts, demand, &table);
  if (demand.generator) {
    JudgeLocalPorts(facts, demand, &table);
    JudgeTimeWait(facts, &table);
    JudgeBacklog(facts, demand, &table);
    JudgeCores(facts, demand, &table);
    JudgeFrequency(facts, &table);
    JudgeSmt(facts, &table);
    JudgeSharing(facts, demand, &table);
    JudgeInterrupts(facts, &table);
    JudgeModeration(facts, &table);
    JudgeInterruptCores(facts, &table);
  }
  JudgeClock(facts, &table);
  return table.Take();
}

proto::Finding::Value WorstOf(const proto::Preflight& preflight) {
  Finding::Value worst = Finding::OK;
  for (const proto::HostPreflight& host : preflight.hosts()) {
    for (const proto::PreflightCheck& check : host.checks()) {
      worst = std::max(worst, check.finding());
    }
  }
  return worst;
}

std::string Summary(const proto::Preflight& preflight) {
  int fatal = 0;
  int warnings = 0;
  int unknown = 0;
  for (const proto::HostPreflight& host : preflight.hosts()) {
    for (const proto::PreflightCheck& check : host.checks()) {
      fatal += check.finding() == Finding::FATAL ? 1 : 0;
      warnings += check.finding() == Finding::WARNING ? 1 : 0;
      unknown += check.finding() == Finding::NOT_KNOWN ? 1 : 0;
    }
  }
  std::vector<std::string> parts;
  if (fatal > 0) parts.push_back(absl::StrCat(fatal, " fatal"));
  if (warnings > 0)
    parts.push_back(absl::StrCat(warnings, warnings == 1 ? " warning" : " warnings"));
  if (unknown > 0) parts.push_back(absl::StrCat(unknown, " not known"));
  return parts.empty() ? "all is well" : absl::StrJoin(parts, ", ");
}

}  // namespace drumline
