// The echo-dom service: echo in another design, to compare with.
#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

#include "target-services/echo_dom/echo_dom_service.h"
#include "target-services/service/service_main.h"

int main(int argc, char** argv) {
  using drumline::target::EchoPool;
  std::shared_ptr<EchoPool> pool;
  drumline::target::Service service;
  service.name = "echo-dom";
  service.summary =
      "Answers POST /echo as echo does, but parses each body into a tree, on a pool of\n"
      "threads behind one event loop. Also: GET /health, GET /metrics.";
  service.threads_text = "threads of the pool; the event loop has one more";
  service.prepare = [&](drumline::target::ServerConfig& config) {
    pool = std::make_shared<EchoPool>(std::exchange(config.threads, 1));
    return absl::OkStatus();
  };
  service.make_routes = [&](boost::asio::io_context&) {
    return drumline::target::MakeEchoDomRoutes(pool);
  };
  return drumline::target::ServiceMain(service, argc, argv);
}
