#include "target-services/service/service_main.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "target-services/http_server/server.h"
#include "target-services/service/readiness.h"

namespace drumline::target {
namespace {

constexpr int kExitWrongCommandLine = 2;
constexpr int kExitCannotBegin = 5;
constexpr size_t kMaxPort = 65'535;
constexpr size_t kMaxThreads = 256;

int Fail(const std::string& name, const absl::Status& status) {
  std::cerr << name << ": " << std::string(status.message()) << "\n";
  if (!absl::IsInvalidArgument(status)) return kExitCannotBegin;
  std::cerr << "Try '" << name << " --help'.\n";
  return kExitWrongCommandLine;
}

// The usual soft limit of 1,024 would refuse the connections of an ordinary load test.
void RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Serve(const Service& service, const ServerConfig& config) {
  boost::asio::io_context context(1);
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(config, service.make_routes);
  if (!server.ok()) return Fail(service.name, server.status());
  (*server)->Start();
  std::cout << "listening on " << (*server)->address() << "\n" << std::flush;
  if (!NotifySupervisor("READY=1")) {
    std::cerr << service.name << ": NOTIFY_SOCKET could not be told that it serves\n";
  }
  signals.async_wait([&](const boost::system::error_code&, int) {
    NotifySupervisor("STOPPING=1");
    signals.clear();  // The next signal has its default effect.
    (*server)->Drain();
  });
  context.run();
  (*server)->Join();
  return 0;
}

}  // namespace

int ServiceMain(const Service& service, int argc, const char* const* argv) {
  ServerConfig config;
  config.threads = std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMaxThreads);
  size_t port = config.port;
  ServiceFlags flags;
  flags.AddText("host", "address to listen on", &config.host);
  flags.AddCount("port", "port to listen on; 0 picks a free one", {0, kMaxPort}, &port);
  flags.AddCount("threads", service.threads_text, {1, kMaxThreads}, &config.threads);
  flags.Append(service.flags);
  absl::Status status = flags.Parse(argc, argv);
  if (!status.ok()) return Fail(service.name, status);
  if (flags.help()) {
    std::cout << "Usage: " << service.name << " [flags]\n"
              << service.summary << "\n\n"
              << flags.Help() << "\n";
    return 0;
  }
  config.port = static_cast<uint16_t>(port);
  RaiseOpenFileLimit();
  if (service.prepare) status = service.prepare(config);
  return status.ok() ? Serve(service, config) : Fail(service.name, status);
}

}  // namespace drumline::target
