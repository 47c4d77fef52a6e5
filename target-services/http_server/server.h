// An HTTP/1.1 server: one event loop a thread, each with an accept queue of its own on the same
// port (SO_REUSEPORT), so that threads share nothing while they serve.
//
//   absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(config,
//   [](boost::asio::io_context&) {
//     Routes routes;
//     routes.Add(Method::kPost, "/echo", Echo);
//     return routes;
//   });
//   (*server)->Start();
//   ...
//   (*server)->Drain();
//   (*server)->Join();
//
// Besides the service's own paths every server answers GET /metrics with the families of
// request_metrics.h and own_usage.h, and GET /health unless the service does. A path without a
// route is counted under path="other".
//
// Threads: Drain may be called from any, the rest from the thread that made the server.
// Errors of Listen: kInvalidArgument for a host that is no address of anything, kPermissionDenied,
// kUnavailable for a port in use.
#ifndef TARGET_SERVICES_HTTP_SERVER_SERVER_H_
#define TARGET_SERVICES_HTTP_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "target-services/http_server/event_loop.h"
#include "target-services/http_server/routes.h"
#include "target-services/http_server/server_config.h"
#include "target-services/metrics/request_metrics.h"

namespace drumline::target {

class Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Listen(const ServerConfig& config,
                                                        const RoutesFactory& make_routes);
  // Drains and joins.
  ~Server();

  // HOST:PORT as it came to be.
  std::string address() const;
  // Clients that connected before are served now.
  void Start();
  // Bounded by ServerConfig::drain_timeout.
  void Drain();
  // Returns once drained.
  void Join();

 private:
  explicit Server(const ServerConfig& config) : config_(config) {}

  absl::Status Open(const RoutesFactory& make_routes);
  void AddCommonRoutes(Routes& routes) const;
  std::string RenderMetrics() const;

  const ServerConfig config_;
  std::unique_ptr<RequestMetrics> metrics_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_SERVER_H_
