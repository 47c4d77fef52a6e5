// The server's limits that echo's command line does not reach, on a server inside the test.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "target-services/http_server/server.h"
#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

std::unique_ptr<Server> Start(const ServerConfig& config) {
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Listen(config, [](boost::asio::io_context&) { return Routes(); });
  EXPECT_TRUE(server.ok()) << server.status();
  (*server)->Start();
  return std::move(*server);
}

uint16_t PortOf(const Server& server) {
  const std::string address = server.address();
  return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

TEST(ServerLimitsTest, AConnectionTooManyIsClosedAndCounted) {
  ServerConfig config;
  config.max_connections_per_thread = 1;
  const std::unique_ptr<Server> server = Start(config);
  Client first(PortOf(*server));
  first.Send(MakeRequest("GET", "/health"));
  EXPECT_EQ(first.Receive().status, 200);
  Client second(PortOf(*server));
  EXPECT_TRUE(second.AtEnd());
  first.Send(MakeRequest("GET", "/metrics"));
  const std::string metrics = first.Receive().body;
  EXPECT_NE(metrics.find("\nhttp_connections_refused_total 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("\nhttp_connections_open 1\n"), std::string::npos);
}

TEST(ServerLimitsTest, AStalledRequestIsToldSoAndAnIdleConnectionClosed) {
  ServerConfig config;
  config.stall_timeout = std::chrono::seconds(1);
  const std::unique_ptr<Server> server = Start(config);
  Client idle(PortOf(*server));
  Client stalled(PortOf(*server));
  stalled.Send("POST /echo HTTP/1.1\r\nHost: h\r\n");
  const Answer answer = stalled.Receive();
  EXPECT_EQ(answer.status, 408);
  EXPECT_TRUE(answer.Says("Connection: close"));
  EXPECT_TRUE(stalled.AtEnd());
  EXPECT_TRUE(idle.AtEnd());
}

// The answer reaches a client that still has much to send, and the connection does end.
TEST(ServerLimitsTest, ARefusedClientThatKeepsItsSideOpenIsCutAfterAWhile) {
  ServerConfig config;
  config.linger_timeout = std::chrono::seconds(1);
  const std::unique_ptr<Server> server = Start(config);
  Client client(PortOf(*server));
  client.Send(MakeRequest("POST", "/", std::string(4 << 20, 'x')));
  EXPECT_EQ(client.Receive().status, 413);
  while (client.Send("x")) {
  }
  EXPECT_TRUE(client.AtEnd());
}

TEST(ServerLimitsTest, GatheredAnswersAreBoundedYetComplete) {
  ServerConfig config;
  config.max_gathered_bytes = 1;  // Each answer is sent before the next request is looked at.
  const std::unique_ptr<Server> server = Start(config);
  Client client(PortOf(*server));
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += MakeRequest("GET", "/health");
  client.Send(requests);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.Receive().status, 200);
}

}  // namespace
}  // namespace drumline::target
