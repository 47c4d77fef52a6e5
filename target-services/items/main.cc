// The items service: POST /items answers the tax on an item's price.
#include <boost/asio/io_context.hpp>
#include <memory>

#include "target-services/http_server/json_text.h"
#include "target-services/http_server/routes.h"
#include "target-services/items/item_request.h"
#include "target-services/service/service_main.h"

namespace drumline::target {
namespace {

Routes MakeRoutes(boost::asio::io_context&) {
  Routes routes;
  auto reader = std::make_shared<ItemReader>();
  routes.Add(Method::kPost, "/items", [reader](const Request& request, ResponseWriter& writer) {
    const ItemReading reading = reader->Read(request.body());
    if (reading.faults.empty()) {
      writer.Respond(200, kJsonContentType, CreatedText(reading.tax_cents));
    } else {
      writer.Respond(422, kJsonContentType, DetailText(reading.faults));
    }
  });
  return routes;
}

}  // namespace
}  // namespace drumline::target

int main(int argc, char** argv) {
  drumline::target::Service service;
  service.name = "items";
  service.summary =
      "Answers POST /items, a JSON object {\"name\": string, \"price\": number}, with 200\n"
      "and the tax: price x 0.19, rounded to two decimals, half upwards. A body that\n"
      "does not fit is answered 422 with a list of what is wrong. Also: GET /health,\n"
      "GET /metrics.";
  service.make_routes = drumline::target::MakeRoutes;
  return drumline::target::ServiceMain(service, argc, argv);
}
