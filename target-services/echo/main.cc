// The echo service: POST /echo reads a JSON request and answers it with twice its size.
#include <chrono>
#include <memory>
#include <string>

#include "target-services/echo/echo_answer.h"
#include "target-services/echo/echo_request.h"
#include "target-services/http_server/json_text.h"
#include "target-services/http_server/routes.h"
#include "target-services/service/service_main.h"

namespace drumline::target {
namespace {

// One for each event loop: its buffers are reused from request to request.
class Echo {
 public:
  void Answer(const Request& request, ResponseWriter& writer) {
    const absl::StatusOr<EchoRequest> echo = reader_.Read(request.body());
    if (!echo.ok()) return writer.RespondError(400, std::string(echo.status().message()));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    answer_.clear();
    AppendEchoAnswer(*echo, std::chrono::duration_cast<std::chrono::microseconds>(now), answer_);
    writer.Respond(200, kJsonContentType, answer_);
  }

 private:
  EchoRequestReader reader_;
  std::string answer_;
};

Routes MakeRoutes(boost::asio::io_context&) {
  Routes routes;
  auto echo = std::make_shared<Echo>();
  routes.Add(Method::kPost, "/echo", [echo](const Request& request, ResponseWriter& writer) {
    echo->Answer(request, writer);
  });
  return routes;
}

}  // namespace
}  // namespace drumline::target

int main(int argc, char** argv) {
  drumline::target::Service service;
  service.name = "echo";
  service.summary =
      "Answers POST /echo, a JSON object {\"id\": u64, \"user_agent\": string, \"metadata\":\n"
      "[string]}, with twice its size. Also: GET /health, GET /metrics.";
  service.make_routes = drumline::target::MakeRoutes;
  return drumline::target::ServiceMain(service, argc, argv);
}
