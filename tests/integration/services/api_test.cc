// The api service: its document and its limit of concurrent work, over real sockets.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "target-services/api/api_service.h"
#include "target-services/http_server/server.h"
#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

constexpr const char* kApi = "target-services/api/api";
constexpr const char* kOverloaded = R"({"error":"Server overloaded"})";

Answer Ask(uint16_t port, const std::string& target) {
  Client client(port);
  client.Send(MakeRequest("GET", target));
  return client.Receive();
}

TEST(ApiTest, AnswersAKilobyteEachWithAnIdOfItsOwn) {
  ServiceUnderTest service({"--threads", "2"}, kApi);
  std::set<uint64_t> ids;
  for (int i = 0; i < 50; ++i) {
    const Answer answer = Ask(service.port(), "/api");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.size(), 1'024U);
    EXPECT_TRUE(answer.Says("Content-Type: application/json"));
    const boost::json::value document = boost::json::parse(answer.body);
    ids.insert(document.at("id").to_number<uint64_t>());
  }
  EXPECT_EQ(ids.size(), 50U);
  EXPECT_EQ(*ids.rbegin(), 50U);
  EXPECT_EQ(Ask(service.port(), "/health").body, R"({"status":"healthy","active_connections":0})");
}

// The first request holds the only slot for as long as the test lasts.
TEST(ApiTest, RefusesWhatFindsNoSlot) {
  ServiceUnderTest service({"--threads", "2", "--max-connections", "1", "--work-time", "1m"}, kApi);
  Client holder(service.port());
  holder.Send(MakeRequest("GET", "/api"));
  while (Ask(service.port(), "/health").body != R"({"status":"healthy","active_connections":1})") {
  }
  Client refused(service.port());
  for (int i = 0; i < 3; ++i) {
    refused.Send(MakeRequest("GET", "/api"));
    const Answer answer = refused.Receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, kOverloaded);
    EXPECT_FALSE(answer.Says("Connection: close"));
  }
  const std::string metrics = Ask(service.port(), "/metrics").body;
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/api",method="GET",status="503")"), 3);
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/api")"), 3);
}

std::unique_ptr<Server> Start(const std::shared_ptr<ApiShared>& shared, size_t threads) {
  ServerConfig config;
  config.threads = threads;
  config.drain_timeout = std::chrono::seconds(0);
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(
      config, [shared](boost::asio::io_context& loop) { return MakeApiRoutes(shared, loop); });
  EXPECT_TRUE(server.ok()) << server.status();
  (*server)->Start();
  return std::move(*server);
}

uint16_t PortOf(const Server& server) {
  const std::string address = server.address();
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

// Far more clients than slots, on several loops, and nobody gives up waiting: a slot that was lost
// would leave somebody waiting for ever, and one too many would show.
TEST(ApiTest, SlotsPassFromHandToHand) {
  ApiConfig config;
  config.work.max_in_work = 3;
  config.work.max_wait = std::chrono::hours(1);
  for (const auto work_time : {std::chrono::microseconds(0), std::chrono::microseconds(200)}) {
    config.work_time = work_time;
    const auto shared = std::make_shared<ApiShared>(config);
    const std::unique_ptr<Server> server = Start(shared, 3);
    std::vector<std::thread> clients;
    for (int i = 0; i < 12; ++i) {
      clients.emplace_back([&] {
        Client client(PortOf(*server));
        for (int n = 0; n < 100; ++n) {
          client.Send(MakeRequest("GET", "/api"));
          EXPECT_EQ(client.Receive().status, 200);
          EXPECT_LE(shared->limit.in_work(), 3U);
        }
      });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(shared->limit.in_work(), 0U);
    EXPECT_EQ(shared->last_id, 1'200U);
  }
}

TEST(ApiTest, TooManyThatWaitAreRefusedAtOnce) {
  ApiConfig config;
  config.work.max_in_work = 1;
  config.work.max_wait = std::chrono::hours(1);
  config.work.max_waiting = 1;
  config.work_time = std::chrono::hours(1);
  const auto shared = std::make_shared<ApiShared>(config);
  const std::unique_ptr<Server> server = Start(shared, 1);
  Client holder(PortOf(*server));
  holder.Send(MakeRequest("GET", "/api"));
  while (shared->limit.in_work() == 0) {
  }
  Client waiting(PortOf(*server));
  waiting.Send(MakeRequest("GET", "/api"));
  while (!shared->limit.next_deadline()) {
  }
  EXPECT_EQ(Ask(PortOf(*server), "/api").body, kOverloaded);
  holder.Close();
  waiting.Close();
}

}  // namespace
}  // namespace drumline::target
