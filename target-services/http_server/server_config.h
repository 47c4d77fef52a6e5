// All knobs of the server: each one here once, with its default, its unit and what happens at it.
#ifndef TARGET_SERVICES_HTTP_SERVER_SERVER_CONFIG_H_
#define TARGET_SERVICES_HTTP_SERVER_SERVER_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "target-services/http_server/request_limits.h"

namespace drumline::target {

struct ServerConfig {
  // A numeric address or a name.
  std::string host = "127.0.0.1";
  // 0: the kernel picks a free one.
  uint16_t port = 0;
  // Event loops, each with a thread and an accept queue of its own.
  size_t threads = 1;
  RequestLimits limits;
  // Open connections of one event loop; one more is closed as soon as it was accepted, and counted
  // in http_connections_refused_total.
  size_t max_connections_per_thread = 65'536;
  // Connections that the kernel holds until they are accepted (it caps this at net.core.somaxconn).
  int accept_backlog = 4'096;
  // Answers gathered for one client before they are sent and further requests wait.
  size_t max_gathered_bytes = 256 * 1024;
  // A connection that finishes no request for so long is closed, with a 408 if it had begun one.
  std::chrono::seconds stall_timeout{300};
  // After its last answer a connection is read until the client closes too, but no longer than
  // this: closing over unread bytes would have the kernel destroy the answer on its way.
  std::chrono::seconds linger_timeout{2};
  // From the start of a drain until connections that are still open are cut.
  std::chrono::seconds drain_timeout{5};
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_SERVER_CONFIG_H_
