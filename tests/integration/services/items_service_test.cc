// What the running items service answers over real sockets.
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

TEST(ItemsServiceTest, AnswersAndCounts) {
  ServiceUnderTest service({"--threads", "2"}, "target-services/items/items");
  Client client(service.port());
  const auto ask = [&](std::string_view method, std::string_view body) {
    client.Send(MakeRequest(method, "/items", body));
    return client.Receive();
  };
  const Answer created = ask("POST", R"({"name":"Pen","price":42.5})");
  EXPECT_EQ(created.status, 200);
  EXPECT_TRUE(created.Says("Content-Type: application/json"));
  EXPECT_EQ(created.body, R"({"status":"created","tax":8.08})");
  const Answer unfit = ask("POST", R"({"name":"Pen"})");
  EXPECT_EQ(unfit.status, 422);
  EXPECT_EQ(unfit.body,
            R"({"detail":[{"type":"missing","loc":["body","price"],"msg":"Field required"}]})");
  EXPECT_EQ(ask("POST", "").status, 422);
  EXPECT_EQ(ask("GET", "").status, 405);
  client.Send(MakeRequest("GET", "/metrics"));
  const std::string metrics = client.Receive().body;
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/items",method="POST",status="200")"),
            1);
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/items",method="POST",status="422")"),
            2);
}

}  // namespace
}  // namespace drumline::target
