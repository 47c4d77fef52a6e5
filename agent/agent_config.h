// AgentConfig: the agent's command line.
//
//     agent --controller 127.0.0.1:7070 --id gen-1 --allow 127.0.0.0/8
#ifndef AGENT_AGENT_CONFIG_H_
#define AGENT_AGENT_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/allow_list.h"

namespace drumline {

struct AgentConfig {
  // HOST:PORT of the controller; HOST is a loopback address, for the link is not encrypted.
  std::string controller;
  // Unique in the cluster. Default: the host's name and the program's number.
  std::string id;
  AllowList allow_list;
  // --help was asked for: print help_text and exit 0.
  bool help = false;
  std::string help_text;
};

// InvalidArgument, in words for the person at the terminal, if the line is wrong.
absl::StatusOr<AgentConfig> ParseAgentConfig(int argc, const char* const* argv);

}  // namespace drumline

#endif  // AGENT_AGENT_CONFIG_H_
