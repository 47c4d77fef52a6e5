#include "controller/certs_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "controller/certs/authority.h"
#include "controller/certs/certs_directory.h"
#include "controller/cluster_flags.h"
#include "controller/refusal.h"

namespace drumline {
namespace {

constexpr uint32_t kMostAgents = 1000;
constexpr uint32_t kLongestDays = 3650;

bool IsNumber(const std::string& text, uint32_t highest, uint32_t* number) {
  return text.find_first_not_of("0123456789") == std::string::npos &&
         absl::SimpleAtoi(text, number) && *number >= 1 && *number <= highest;
}

// "4" stands for agent-1 to agent-4.
absl::StatusOr<std::vector<std::string>> AgentsOf(const std::string& text) {
  uint32_t count = 0;
  if (!text.empty() && text.find_first_not_of("0123456789") != std::string::npos) {
    return ReadNames("--agents", text);
  }
  if (!IsNumber(text, kMostAgents, &count)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--agents: `", text, "` is not between 1 and ", kMostAgents));
  }
  std::vector<std::string> names;
  for (uint32_t i = 1; i <= count; ++i) names.push_back(absl::StrCat("agent-", i));
  return names;
}

absl::StatusOr<std::vector<std::string>> HostsOf(const CommandLine& line) {
  std::vector<std::string> hosts;
  if (line.HasFlag("hosts")) hosts = absl::StrSplit(line.Flag("hosts", ""), ',');
  for (const std::string& host : hosts) {
    if (IsSoundName(host)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--hosts: `", host, "` is neither a host's name nor an address"));
  }
  std::array<char, 256> own = {};
  gethostname(own.data(), own.size() - 1);
  if (IsSoundName(own.data())) hosts.emplace_back(own.data());
  return hosts;
}

absl::StatusOr<CertsOrder> OrderOf(const CommandLine& line) {
  if (line.operands[0] != "init") {
    return absl::InvalidArgumentError(
        absl::StrCat("certs has no `", line.operands[0], "`: write controller certs init DIR"));
  }
  CertsOrder order;
  order.directory = line.operands[1];
  order.now = absl::Now();
  absl::StatusOr<std::vector<std::string>> hosts = HostsOf(line);
  if (!hosts.ok()) return hosts.status();
  order.hosts = *std::move(hosts);
  absl::StatusOr<std::vector<std::string>> agents = AgentsOf(line.Flag("agents", "4"));
  if (!agents.ok()) return agents.status();
  order.agents = *std::move(agents);
  const std::string days = line.Flag("days", "365");
  uint32_t number = 0;
  if (!IsNumber(days, kLongestDays, &number)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--days: `", days, "` is not between 1 and ", kLongestDays));
  }
  order.length = absl::Hours(24) * number;
  return order;
}

void Explain(const CertsOrder& order) {
  const std::string& directory = order.directory;
  std::printf(
      "%s/ca.crt and ca.key: the authority; keep ca.key where it is\n"
      "%s/controller: tls.crt, tls.key, ca.crt for the controller\n",
      directory.c_str(), directory.c_str());
  for (const std::string& agent : order.agents) {
    std::printf("%s/agents/%s: the same for agent --id %s\n", directory.c_str(), agent.c_str(),
                agent.c_str());
  }
  std::printf("Give each program its three files as --tls-cert, --tls-key and --tls-ca.\n");
}

}  // namespace

int CertsCommand(const CommandLine& line) {
  const absl::StatusOr<CertsOrder> order = OrderOf(line);
  if (!order.ok()) return Refuse(order.status(), kExitWrongInput);
  const absl::Status status = MakeCertsDirectory(*order);
  if (absl::IsAlreadyExists(status)) return Refuse(status, kExitWrongInput);
  if (!status.ok()) return Refuse(status, kExitUnusable);
  Explain(*order);
  return 0;
}

}  // namespace drumline
