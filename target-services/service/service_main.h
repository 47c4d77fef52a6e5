// The command line and the life of a target service, the same for all of them.
//
//   int main(int argc, char** argv) {
//     ApiConfig config;
//     Service service{"api", "Answers GET /api with 1 KiB of JSON."};
//     service.flags.AddCount("max-connections", "…", {1, 1'000'000}, &config.max_in_work);
//     service.make_routes = [&](boost::asio::io_context& loop) { return MakeRoutes(config, loop);
//     }; return ServiceMain(service, argc, argv);
//   }
//
// Flags of all services: --host, --port, --threads, --help. Prints "listening on HOST:PORT" to
// stdout once clients are served, and nothing else; what goes wrong is said on stderr, one line
// each. SIGTERM or SIGINT drains; a second one ends the program at once.
// Exit codes: 0 after a drain or --help, 2 for a wrong command line, 5 for a port, or anything else
// that the service needs to begin, that cannot be had.
#ifndef TARGET_SERVICES_SERVICE_SERVICE_MAIN_H_
#define TARGET_SERVICES_SERVICE_SERVICE_MAIN_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "target-services/http_server/routes.h"
#include "target-services/http_server/server_config.h"
#include "target-services/service/service_flags.h"

namespace drumline::target {

struct Service {
  // Begins each line on stderr.
  std::string name;
  // What it answers, for --help.
  std::string summary;
  RoutesFactory make_routes;
  // Flags beyond those of all services.
  ServiceFlags flags;
  std::string threads_text = "event loops, each on a thread of its own";
  // Called once the command line was read, before the port is opened; may be empty.
  // kInvalidArgument is a wrong command line, anything else a reason not to begin.
  std::function<absl::Status(ServerConfig& config)> prepare;
};

int ServiceMain(const Service& service, int argc, const char* const* argv);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_SERVICE_SERVICE_MAIN_H_
