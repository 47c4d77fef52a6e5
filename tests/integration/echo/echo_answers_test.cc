// What the running echo service answers over real sockets.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

class EchoAnswersTest : public testing::Test {
 protected:
  // One request on a connection of its own.
  Answer Ask(const std::string& request) {
    Client client(service_.port());
    client.Send(request);
    return client.Receive(request.rfind("HEAD ", 0) == 0);
  }

  ServiceUnderTest service_{{"--port", "0", "--threads", "2"}};
};

TEST_F(EchoAnswersTest, EchoesWhatItParsed) {
  const Answer answer = Ask(MakeRequest("POST", "/echo", EchoBody(18446744073709551615U)));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.Says("Content-Type: application/json")) << answer.head;
  EXPECT_EQ(answer.body.rfind(R"({"id":18446744073709551615,"user_agent":"test",)"
                              R"("metadata":["a","b"],"server_timestamp":)",
                              0),
            0U)
      << answer.body;
}

TEST_F(EchoAnswersTest, HealthAndMetrics) {
  EXPECT_EQ(Ask(MakeRequest("GET", "/health")).body, R"({"status":"healthy"})");
  const Answer metrics = Ask(MakeRequest("GET", "/metrics"));
  EXPECT_TRUE(metrics.Says("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  for (const char* family :
       {"http_requests_total counter", "http_request_duration_seconds histogram",
        "process_resident_memory_bytes gauge", "process_cpu_seconds_total counter",
        "process_open_fds gauge", "process_start_time_seconds gauge"}) {
    EXPECT_NE(metrics.body.find("# TYPE " + std::string(family) + "\n"), std::string::npos)
        << family;
  }
}

TEST_F(EchoAnswersTest, ErrorsSayWhatWasExpectedAndKeepTheConnection) {
  Client client(service_.port());
  client.Send(MakeRequest("POST", "/echo", R"({"id":"x"})"));
  const Answer bad = client.Receive();
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.body, R"({"error":"id: expected an unsigned 64-bit integer"})");
  client.Send(MakeRequest("GET", "/echo"));
  const Answer not_allowed = client.Receive();
  EXPECT_EQ(not_allowed.status, 405);
  EXPECT_TRUE(not_allowed.Says("Allow: POST"));
  client.Send(MakeRequest("GET", "/absent"));
  EXPECT_EQ(client.Receive().status, 404);
  client.Send(MakeRequest("BREW", "/echo"));
  EXPECT_EQ(client.Receive().status, 501);
  client.Send(MakeRequest("HEAD", "/health"));
  EXPECT_EQ(client.Receive(/*head_only=*/true).status, 200);
  client.Send(MakeRequest("POST", "/echo", EchoBody(1)));
  EXPECT_EQ(client.Receive().status, 200);
}

TEST_F(EchoAnswersTest, RefusalsAreAnsweredAndEndTheConnection) {
  const std::vector<std::pair<int, std::string>> cases = {
      {400, "POST /echo HTTP/1.1\r\n\r\n"},
      {400, MakeRequest("POST", "/echo", "x", "Transfer-Encoding: chunked\r\n")},
      {413, MakeRequest("POST", "/echo", std::string((1 << 20) + 1, 'x'))},
      {414, MakeRequest("GET", "/" + std::string(9'000, 'a'))},
      {417, MakeRequest("POST", "/echo", "x", "Expect: tea\r\n")},
      {431, MakeRequest("GET", "/echo", "", "A: " + std::string(17'000, 'a') + "\r\n")},
      {501, MakeRequest("POST", "/echo", "", "Transfer-Encoding: gzip\r\n")},
      {505, "GET / HTTP/2.0\r\n\r\n"},
  };
  for (const auto& [status, request] : cases) {
    Client client(service_.port());
    client.Send(request);
    const Answer answer = client.Receive();
    EXPECT_EQ(answer.status, status) << request.substr(0, 80);
    EXPECT_TRUE(answer.Says("Connection: close")) << status;
    EXPECT_EQ(answer.body.rfind(R"({"error":")", 0), 0U) << status;
    EXPECT_TRUE(client.AtEnd()) << status;
  }
}

TEST_F(EchoAnswersTest, TheLargestBodyIsTaken) {
  const std::string frame = R"({"id":1,"user_agent":"","metadata":[]})";
  std::string body = frame;
  body.insert(body.find(R"("",)") + 1, std::string((1 << 20) - frame.size(), 'a'));
  EXPECT_EQ(Ask(MakeRequest("POST", "/echo", body)).status, 200);
}

TEST_F(EchoAnswersTest, PipelinedRequestsAreAnsweredInOrder) {
  constexpr uint64_t kRequests = 500;
  std::string requests;
  for (uint64_t id = 0; id < kRequests; ++id) {
    requests += MakeRequest("POST", "/echo", EchoBody(id));
  }
  Client client(service_.port());
  std::thread sender([&] { client.Send(requests); });
  for (uint64_t id = 0; id < kRequests; ++id) {
    const Answer answer = client.Receive();
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body.rfind(R"({"id":)" + std::to_string(id) + ",", 0), 0U) << answer.body;
  }
  sender.join();
}

// Answers are many times the requests here: the server must stop taking requests while its client
// does not read, and go on where it stopped.
TEST_F(EchoAnswersTest, AClientThatReadsLateLosesNothing) {
  constexpr int kRequests = 2'000;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += MakeRequest("GET", "/metrics");
  Client client(service_.port());
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(client.Receive().status, 200) << i;
}

TEST_F(EchoAnswersTest, ChunkedBodiesAndByteByByte) {
  const std::string body = EchoBody(9);
  std::string request = MakeRequest("POST", "/echo", "", "Transfer-Encoding: chunked\r\n");
  for (size_t begin = 0; begin < body.size(); begin += 9) {
    const std::string chunk = body.substr(begin, 9);
    request += std::to_string(chunk.size()) + "\r\n" + chunk + "\r\n";
  }
  request += "0\r\n\r\n";
  Client client(service_.port());
  for (char c : request) ASSERT_TRUE(client.Send({&c, 1}));
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body.rfind(R"({"id":9,)", 0), 0U);
}

TEST_F(EchoAnswersTest, TellsAWaitingClientToContinue) {
  const std::string body = EchoBody(3);
  const std::string request = MakeRequest("POST", "/echo", body, "Expect: 100-continue\r\n");
  Client client(service_.port());
  client.Send(request.substr(0, request.size() - body.size()));
  EXPECT_EQ(client.Receive().status, 100);
  client.Send(body);
  EXPECT_EQ(client.Receive().status, 200);
}

TEST_F(EchoAnswersTest, OldClientsAreServedTheirWay) {
  Client closing(service_.port());
  closing.Send("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(closing.Receive().Says("Connection: close"));
  EXPECT_TRUE(closing.AtEnd());
  Client keeping(service_.port());
  for (int i = 0; i < 2; ++i) {
    keeping.Send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(keeping.Receive().Says("Connection: keep-alive"));
  }
}

// The books: what clients were answered is what the service counted, to the last request, and
// neither scrapes nor health checks nor strangers' paths are mixed in.
TEST_F(EchoAnswersTest, CountsAgreeWithWhatWasSent) {
  constexpr int kClients = 8;
  constexpr int kRequests = 250;
  std::vector<std::thread> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this, i] {
      Client client(service_.port());
      for (int n = 0; n < kRequests; ++n) {
        const bool bad = n % 10 == i;
        client.Send(MakeRequest("POST", "/echo", bad ? "{}" : EchoBody(1)));
        EXPECT_EQ(client.Receive().status, bad ? 400 : 200);
        if (n % 50 == 0) Ask(MakeRequest("GET", n % 100 == 0 ? "/metrics" : "/health"));
        if (n % 125 == 0) Ask(MakeRequest("GET", "/echo/" + std::to_string(n)));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  const std::string metrics = Ask(MakeRequest("GET", "/metrics")).body;
  const std::string family = "http_requests_total";
  EXPECT_EQ(SumOf(metrics, family, R"(path="/echo")"), kClients * kRequests);
  EXPECT_EQ(SumOf(metrics, family, R"(path="/echo",method="POST",status="400")"),
            kClients * kRequests / 10);
  EXPECT_EQ(SumOf(metrics, family, R"(path="other")"), kClients * 2);
  EXPECT_EQ(SumOf(metrics, family, R"(path="/health")"), kClients * 2);
  EXPECT_EQ(SumOf(metrics, family, R"(path="/metrics")"), kClients * 3);
  EXPECT_EQ(SumOf(metrics, "http_request_duration_seconds_count", R"(path="/echo")"),
            kClients * kRequests);
  EXPECT_EQ(SumOf(metrics, "http_request_duration_seconds_bucket", R"(path="/echo",le="+Inf")"),
            kClients * kRequests);
}

}  // namespace
}  // namespace drumline::target
