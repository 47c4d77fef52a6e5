// The api service: what one event loop does.
//
//   GET /api     200 and a document of 1,024 bytes (api_document.h), or 503 {"error":"Server
//                overloaded"} if no slot of work became free within max_wait
//   GET /health  200 {"status":"healthy","active_connections":n}: the requests in work now
//
// A request in work holds a slot for `work_time`. The time is waited for, not computed through: it
// stands for a backend that is waited for, so that it costs no core and any number of requests can
// be in work. Without it (0) a request is answered at once.
//
//   auto shared = std::make_shared<ApiShared>(config);          // One for all event loops.
//   Routes routes = MakeApiRoutes(shared, loop);                // On each loop.
//
// Threads: ApiShared any; the routes' own loop. A slot that is given up on one loop may start the
// work of a request of another: answers find their way.
#ifndef TARGET_SERVICES_API_API_SERVICE_H_
#define TARGET_SERVICES_API_API_SERVICE_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "target-services/api/work_limit.h"
#include "target-services/http_server/routes.h"

namespace drumline::target {

struct ApiConfig {
  WorkConfig work;
  std::chrono::nanoseconds work_time{0};
};

struct ApiShared {
  explicit ApiShared(const ApiConfig& api_config) : config(api_config), limit(api_config.work) {}

  const ApiConfig config;
  WorkLimit limit;
  std::atomic<uint64_t> last_id{0};
};

Routes MakeApiRoutes(std::shared_ptr<ApiShared> shared, boost::asio::io_context& loop);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_API_API_SERVICE_H_
