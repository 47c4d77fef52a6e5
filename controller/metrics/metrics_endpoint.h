// MetricsEndpoint: serves one page, GET /metrics, while the loop runs.
//
//     absl::StatusOr<std::unique_ptr<MetricsEndpoint>> endpoint =
//         MetricsEndpoint::Listen(&loop, "127.0.0.1:9464", [&] { return campaign.Metrics(); });
//     (*endpoint)->address();                 // "127.0.0.1:9464", also where port 0 was asked for
//
// The page is made on the loop's own thread when it is asked for, so that it costs a run nothing
// while nobody asks. One request a connection (HTTP/1.1, Connection: close); anything but a GET of
// /metrics is 404 or 405. There is nothing to change and no secret, so that it may listen beyond
// loopback. Belongs to the loop's thread; the loop must outlive it.
#ifndef CONTROLLER_METRICS_METRICS_ENDPOINT_H_
#define CONTROLLER_METRICS_METRICS_ENDPOINT_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace drumline {

class MetricsEndpoint {
 public:
  // Connections beyond it are closed at once.
  static constexpr size_t kMaxConnections = 16;
  static constexpr size_t kMaxRequestBytes = 8 * 1024;
  // For one request and its answer.
  static constexpr std::chrono::seconds kTimeout{5};

  using MakePage = std::function<std::string()>;

  // InvalidArgument if `address` is not HOST:PORT with a numeric host, or localhost; Unavailable if
  // it cannot be listened at.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Listen(boost::asio::io_context* loop,
                                                                 const std::string& address,
                                                                 MakePage make_page);
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;
  // Stops listening; answers that are under way are cut off.
  ~MetricsEndpoint();

  std::string address() const;

 private:
  struct State;

  explicit MetricsEndpoint(std::shared_ptr<State> state) : state_(std::move(state)) {}

  // Shared with the coroutines, which may run once more after the endpoint is gone.
  const std::shared_ptr<State> state_;
};

}  // namespace drumline

#endif  // CONTROLLER_METRICS_METRICS_ENDPOINT_H_
