// The command line and the life of a target service, the same for all of them.
//
//   int main(int argc, char** argv) {
//     return drumline::target::ServiceMain("echo", MakeRoutes, argc, argv);
//   }
//
// Flags: --host, --port, --threads, --help. Prints "listening on HOST:PORT" to stdout once clients
// are served, and nothing else. SIGTERM or SIGINT drains; a second one ends the program at once.
// Exit codes: 0 after a drain or --help, 2 for a wrong command line, 5 for a port that cannot be
// had.
#ifndef TARGET_SERVICES_HTTP_SERVER_SERVICE_MAIN_H_
#define TARGET_SERVICES_HTTP_SERVER_SERVICE_MAIN_H_

#include <string>

#include "target-services/http_server/routes.h"

namespace drumline::target {

int ServiceMain(const std::string& name, const RoutesFactory& make_routes, int argc,
                const char* const* argv);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_SERVICE_MAIN_H_
