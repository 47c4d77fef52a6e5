#include "controller/report/calibration_text.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/format/columns.h"
#include "controller/format/units.h"
#include "controller/report/text_layout.h"

namespace drumline {

std::string CalibrationTable(
    const google::protobuf::RepeatedPtrField<proto::AgentCalibration>& agents, size_t columns) {
  if (agents.empty()) return "";
  std::vector<Row> rows = {{"calibration", "ceiling", "floor p50", "p99", "lag p99", "requests"}};
  for (const proto::AgentCalibration& agent : agents) {
    rows.push_back({agent.agent_id(),
                    absl::StrCat(agent.at_least() ? "≥ " : "", FormatRate(agent.ceiling_rps())),
                    FormatTime(agent.floor_p50_us()), FormatTime(agent.floor_p99_us()),
                    FormatTime(agent.lag_p99_us()),
                    absl::StrCat(agent.shape(), "; answers of ", FormatCount(agent.answer_bytes()),
                                 " bytes")});
  }
  return TableWithWords(rows, columns);
}

std::string CoresWords(const google::protobuf::RepeatedPtrField<proto::AgentCalibration>& agents,
                       size_t columns) {
  struct Host {
    uint32_t cores = 0;
    uint32_t threads = 0;
    std::set<std::string> counted;
  };
  std::map<std::string, Host> hosts;
  for (const proto::AgentCalibration& agent : agents) {
    Host& host = hosts[agent.host()];
    host.cores = agent.cores();
    // One worker and one null service each; an agent is there once for each shape.
    if (host.counted.insert(agent.agent_id()).second) host.threads += 2 * agent.workers();
  }
  std::string text;
  for (const auto& [name, host] : hosts) {
    const std::string words =
        host.threads <= host.cores
            ? "a core for each: what stands above is the agent's own"
            : "they shared them: against a target on another host the agent can do more, and its "
              "floor is lower";
    absl::StrAppend(
        &text,
        Wrap(Words(absl::StrCat(name, ": ", host.threads, " workers and null services on ",
                                host.cores, " cores, ", words)),
             " ", 2, columns),
        "\n");
  }
  return text;
}

}  // namespace drumline
