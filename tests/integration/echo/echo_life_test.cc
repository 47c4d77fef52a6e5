// How the echo service ends, and what it still answers meanwhile.
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

const std::vector<std::string> kFlags = {"--port", "0", "--threads", "2"};

// Returns once the service has stopped accepting, which it does as a drain begins.
void AwaitRefusedConnections(uint16_t port) {
  while (Client(port).connected()) {
  }
}

TEST(EchoLifeTest, APortJustLeftIsTakenAgain) {
  auto first = std::make_unique<ServiceUnderTest>(kFlags);
  const uint16_t port = first->port();
  Client client(port);
  client.Send(MakeRequest("GET", "/health"));
  EXPECT_EQ(client.Receive().status, 200);
  first->Signal(SIGTERM);  // The server closes first, so the connection stays behind in TIME_WAIT.
  EXPECT_EQ(first->Wait().exit_code, 0);
  ServiceUnderTest second({"--port", std::to_string(port)});
  EXPECT_EQ(second.port(), port);
}

TEST(EchoDrainTest, ARequestInFlightIsAnswered) {
  ServiceUnderTest service(kFlags);
  const std::string request = MakeRequest("POST", "/echo", EchoBody(5));
  Client idle(service.port());
  idle.Send(MakeRequest("GET", "/health"));
  EXPECT_EQ(idle.Receive().status, 200);
  Client half(service.port());
  half.Send(MakeRequest("GET", "/health") + request.substr(0, request.size() - 10));
  EXPECT_EQ(half.Receive().status, 200);  // So the half behind it has been read as well.
  service.Signal(SIGTERM);
  AwaitRefusedConnections(service.port());
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_TRUE(half.Send(request.substr(request.size() - 10)));
  const Answer answer = half.Receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.Says("Connection: close")) << answer.head;
  EXPECT_TRUE(half.AtEnd());
  half.Close();
  EXPECT_EQ(service.Wait().exit_code, 0);
}

// The service is stopped while the requests arrive, so that they wait in the kernel, unread and on
// a connection not yet accepted, when it is told to drain. (It may read them just before it drains,
// and then closes without having said so in an answer.)
TEST(EchoDrainTest, RequestsReceivedButNotReadAreAnswered) {
  ServiceUnderTest service(kFlags);
  Client known(service.port());
  known.Send(MakeRequest("GET", "/health"));
  EXPECT_EQ(known.Receive().status, 200);
  service.Signal(SIGSTOP);
  Client fresh(service.port());
  const std::string request = MakeRequest("POST", "/echo", EchoBody(5));
  for (Client* client : {&known, &fresh}) EXPECT_TRUE(client->Send(request + request));
  service.Signal(SIGTERM);
  service.Signal(SIGCONT);
  for (Client* client : {&known, &fresh}) {
    EXPECT_EQ(client->Receive().status, 200);
    EXPECT_EQ(client->Receive().status, 200);
    EXPECT_TRUE(client->AtEnd());
    client->Close();
  }
  EXPECT_EQ(service.Wait().exit_code, 0);
}

TEST(EchoDrainTest, ARequestThatNeverEndsDoesNotHoldItUp) {
  ServiceUnderTest service(kFlags);
  Client client(service.port());
  client.Send(MakeRequest("GET", "/health") + "POST /echo HTTP/1.1\r\nHost:");
  EXPECT_EQ(client.Receive().status, 200);
  service.Signal(SIGTERM);
  EXPECT_EQ(service.Wait().exit_code, 0);
  EXPECT_TRUE(client.AtEnd());
}

}  // namespace
}  // namespace drumline::target
