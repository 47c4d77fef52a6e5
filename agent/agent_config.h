// AgentConfig: the agent's command line.
//
//     agent --controller 127.0.0.1:7070 --id gen-1 --allow 127.0.0.0/8
//     agent --controller controller.lab:7070 --id gen-1 --tls-cert tls.crt --tls-key tls.key
//           --tls-ca ca.crt --allow target.lab:8080 --max-rate 50k/s --max-connections 10000
#ifndef AGENT_AGENT_CONFIG_H_
#define AGENT_AGENT_CONFIG_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/own_limits.h"
#include "link/tls_files.h"

namespace drumline {

struct AgentConfig {
  // HOST:PORT of the controller. HOST is a loopback address unless there are certificates, or
  // --insecure.
  std::string controller;
  // Unique in the cluster. Default: the host's name and the program's number.
  std::string id;
  std::optional<TlsFiles> tls;
  // Plain text to whatever host.
  bool insecure = false;
  OwnLimits limits;
  // --check was asked for: print what this machine is like and exit.
  bool check = false;
  // --help was asked for: print help_text and exit 0.
  bool help = false;
  std::string help_text;
};

// InvalidArgument, in words for the person at the terminal, if the line is wrong.
absl::StatusOr<AgentConfig> ParseAgentConfig(int argc, const char* const* argv);

}  // namespace drumline

#endif  // AGENT_AGENT_CONFIG_H_
