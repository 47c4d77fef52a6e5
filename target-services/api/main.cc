// The api service: GET /api answers 1 KiB of JSON, under a limit of concurrent work.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "target-services/api/api_service.h"
#include "target-services/service/service_main.h"

int main(int argc, char** argv) {
  using drumline::target::ApiShared;
  drumline::target::ApiConfig config;
  std::shared_ptr<ApiShared> shared;
  drumline::target::Service service;
  service.name = "api";
  service.summary =
      "Answers GET /api with 1,024 bytes of JSON. Above --max-connections requests in\n"
      "work a request waits at most 100 ms and is then answered 503. Also: GET /health,\n"
      "GET /metrics.";
  service.flags.AddCount("max-connections", "requests in work at once, over all threads",
                         {1, 1'000'000}, &config.work.max_in_work);
  service.flags.AddDuration("work-time",
                            "time that each request is in work (it is waited for, as a backend "
                            "would be), such as 5ms",
                            std::chrono::minutes(1), &config.work_time);
  service.prepare = [&](drumline::target::ServerConfig&) {
    shared = std::make_shared<ApiShared>(config);
    return absl::OkStatus();
  };
  service.make_routes = [&](boost::asio::io_context& loop) {
    return drumline::target::MakeApiRoutes(shared, loop);
  };
  return drumline::target::ServiceMain(service, argc, argv);
}
