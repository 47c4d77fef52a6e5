// The agent: sends load as the controller says, and reports what it measured.
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "agent/agent_config.h"
#include "agent/host_facts.h"
#include "agent/session.h"

namespace {

// As many open files as the machine lets this program have: each connection is one.
void RaiseOpenFiles() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
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
  std::signal(SIGPIPE, SIG_IGN);
  RaiseOpenFiles();
  // What goes wrong is told in our words; gRPC's own are for those who ask for them.
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  boost::asio::io_context loop;
  drumline::Session session({config->controller, std::move(config->allow_list)},
                            drumline::DescribeSelf(config->id), &loop);
  boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) session.Shutdown();
  });
  session.Start();
  loop.run();
  return 0;
}
