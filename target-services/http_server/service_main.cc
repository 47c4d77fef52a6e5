#include "target-services/http_server/service_main.h"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "target-services/http_server/server.h"

namespace drumline::target {
namespace {

namespace options = boost::program_options;

constexpr int kExitWrongCommandLine = 2;
constexpr int kExitCannotListen = 5;
constexpr int kMaxPort = 65'535;
constexpr int kMaxThreads = 256;

options::options_description Flags() {
  const int cores =
      std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  options::options_description flags("Flags");
  flags.add_options()("help", "print this text and exit")(
      "host", options::value<std::string>()->default_value("127.0.0.1"), "address to listen on")(
      "port", options::value<int>()->default_value(0), "port to listen on; 0 picks a free one")(
      "threads", options::value<int>()->default_value(cores),
      "event loops, each on a thread of its own");
  return flags;
}

// Boost.Program_options throws; nothing of it leaves this function.
absl::StatusOr<options::variables_map> ParseFlags(const options::options_description& flags,
                                                  int argc, const char* const* argv) {
  try {
    const int style =
        options::command_line_style::unix_style & ~options::command_line_style::allow_guessing;
    options::variables_map values;
    options::store(options::command_line_parser(argc, argv)
                       .options(flags)
                       .positional(options::positional_options_description())
                       .style(style)
                       .run(),
                   values);
    options::notify(values);
    return values;
  } catch (const options::error& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

absl::StatusOr<ServerConfig> MakeConfig(const options::variables_map& values) {
  const int port = values["port"].as<int>();
  if (port < 0 || port > kMaxPort) {
    return absl::InvalidArgumentError("--port: expected 0 to " + std::to_string(kMaxPort));
  }
  const int threads = values["threads"].as<int>();
  if (threads < 1 || threads > kMaxThreads) {
    return absl::InvalidArgumentError("--threads: expected 1 to " + std::to_string(kMaxThreads));
  }
  ServerConfig config;
  config.host = values["host"].as<std::string>();
  config.port = static_cast<uint16_t>(port);
  config.threads = static_cast<size_t>(threads);
  return config;
}

int Fail(const std::string& name, const absl::Status& status) {
  std::cerr << name << ": " << std::string(status.message()) << "\n";
  if (!absl::IsInvalidArgument(status)) return kExitCannotListen;
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

int Serve(const std::string& name, const ServerConfig& config, const RoutesFactory& make_routes) {
  boost::asio::io_context context(1);
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(config, make_routes);
  if (!server.ok()) return Fail(name, server.status());
  (*server)->Start();
  std::cout << "listening on " << (*server)->address() << std::endl;
  signals.async_wait([&](const boost::system::error_code&, int) {
    signals.clear();  // The next signal has its default effect.
    (*server)->Drain();
  });
  context.run();
  (*server)->Join();
  return 0;
}

}  // namespace

int ServiceMain(const std::string& name, const RoutesFactory& make_routes, int argc,
                const char* const* argv) {
  const options::options_description flags = Flags();
  const absl::StatusOr<options::variables_map> values = ParseFlags(flags, argc, argv);
  if (!values.ok()) return Fail(name, values.status());
  if (values->count("help") > 0) {
    std::cout << "Usage: " << name << " [flags]\n" << flags;
    return 0;
  }
  const absl::StatusOr<ServerConfig> config = MakeConfig(*values);
  if (!config.ok()) return Fail(name, config.status());
  RaiseOpenFileLimit();
  return Serve(name, *config, make_routes);
}

}  // namespace drumline::target
