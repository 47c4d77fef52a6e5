// The agent: sends load as the controller says, and reports what it measured.
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/time/clock.h"
#include "agent/agent_config.h"
#include "agent/host_facts.h"
#include "agent/session.h"
#include "core/preflight.h"
#include "core/preflight_text.h"
#include "host/host_facts.h"
#include "host/readiness.h"
#include "link/tls_files.h"

namespace {

constexpr int kExitFatal = 5;

// As many open files as the machine lets this program have: each connection is one.
void RaiseOpenFiles() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The preflight of this machine as it stands, or for so many connections as it may ever be asked
// for.
int Check(const drumline::AgentConfig& config) {
  const drumline::proto::HostFacts facts = drumline::ReadOwnHostFacts();
  const drumline::Demand demand{.connections = config.limits.max_connections};
  drumline::proto::Preflight preflight;
  drumline::proto::HostPreflight& host = *preflight.add_hosts();
  host.set_role("agent " + config.id);
  host.set_host(facts.host());
  for (drumline::proto::PreflightCheck& check : drumline::JudgeHost(facts, demand)) {
    *host.add_checks() = std::move(check);
  }
  std::fputs(drumline::PreflightToText(preflight).c_str(), stdout);
  return drumline::WorstOf(preflight) == drumline::proto::Finding::FATAL ? kExitFatal : 0;
}

}  // namespace

int main(int argc, char** argv) {
  absl::StatusOr<drumline::AgentConfig> config = drumline::ParseAgentConfig(argc, argv);
  if (!config.ok()) {
    std::fprintf(stderr, "agent: %s\n", std::string(config.status().message()).c_str());
    return 2;
  }
  if (config->help) {
    std::fputs(config->help_text.c_str(), stdout);
    return 0;
  }
  if (config->tls) {
    const absl::Status status = drumline::CheckTlsFiles(*config->tls, absl::Now());
    if (!status.ok()) {
      std::fprintf(stderr, "agent: %s\n", std::string(status.message()).c_str());
      return 2;
    }
  }
  std::signal(SIGPIPE, SIG_IGN);
  RaiseOpenFiles();
  if (config->check) return Check(*config);
  // What goes wrong is told in our words; gRPC's own are for those who ask for them.
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  boost::asio::io_context loop;
  drumline::Session session({{config->controller, config->tls}, std::move(config->limits)},
                            drumline::DescribeSelf(config->id), &loop);
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) session.Shutdown();
  });
  session.Start();
  if (!drumline::NotifySupervisor("READY=1")) {
    std::fputs("agent: NOTIFY_SOCKET could not be told that the agent is ready\n", stderr);
  }
  loop.run();
  return 0;
}
