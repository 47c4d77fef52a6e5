// echo and echo-dom side by side: the same requests to both real services, the same answers from
// both, but for the time and the name of the service.
#include <gtest/gtest.h>

#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/echo/service_under_test.h"
#include "tests/unit/target_services/random_echo_body.h"

namespace drumline::target {
namespace {

constexpr const char* kEchoDom = "target-services/echo_dom/echo-dom";

// With the time taken out, and with its length, which it changes in no way.
std::string WithoutTime(const std::string& text) {
  static const std::regex time(R"(("server_timestamp":)\d+\.\d{6}(,"processed_by"))");
  static const std::regex date(R"((\r\nDate: )[^\r]+)");
  return std::regex_replace(std::regex_replace(text, time, "$1T$2"), date, "$1D");
}

// As echo-dom says it. Only the service's own words behind the time are changed, which no body can
// forge at the first such place.
std::string AsDom(const Answer& answer) {
  std::string body = answer.body;
  const std::string name = "\"processed_by\":\"drumline-echo";
  const size_t at = body.find(name + "/1.0\",\"request\":{");
  if (at == body.npos || answer.status != 200) return body;
  return body.insert(at + name.size(), "-dom");
}

// The length of a 200 differs by that of the name.
std::string HeadOf(const Answer& answer, int name_bytes) {
  static const std::regex length(R"(\r\nContent-Length: (\d+))");
  std::smatch match;
  if (answer.status != 200 || !std::regex_search(answer.head, match, length)) return answer.head;
  const std::string less = std::to_string(std::stoi(match[1]) - name_bytes);
  return match.prefix().str() + "\r\nContent-Length: " + less + match.suffix().str();
}

class EchoDomTest : public testing::Test {
 protected:
  void ExpectSame(const std::string& request) {
    Client to_echo(echo_.port());
    Client to_dom(dom_.port());
    to_echo.Send(request);
    to_dom.Send(request);
    const Answer from_echo = to_echo.Receive();
    const Answer from_dom = to_dom.Receive();
    ASSERT_NE(from_echo.status, 0);
    EXPECT_EQ(from_dom.status, from_echo.status) << request;
    EXPECT_EQ(WithoutTime(from_dom.body), WithoutTime(AsDom(from_echo))) << request;
    constexpr int kNameBytes = 4;
    EXPECT_EQ(WithoutTime(HeadOf(from_dom, kNameBytes)), WithoutTime(HeadOf(from_echo, 0)))
        << request;
  }

  ServiceUnderTest echo_{{"--threads", "2"}};
  ServiceUnderTest dom_{{"--threads", "3"}, kEchoDom};
};

TEST_F(EchoDomTest, AnswersByteForByteAsEchoDoes) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 1'500; ++i) {
    const std::string body = RandomEchoBody(random);
    // An empty body would go without Content-Length, which is a request as well.
    ExpectSame(MakeRequest("POST", "/echo", body));
  }
}

TEST_F(EchoDomTest, SharesLimitsAndErrors) {
  const std::string large(1 << 20, ' ');
  for (const std::string& request :
       {MakeRequest("GET", "/echo"), MakeRequest("PUT", "/echo", "{}"),
        MakeRequest("GET", "/absent"), MakeRequest("BREW", "/echo"),
        MakeRequest("POST", "/echo", large), MakeRequest("POST", "/echo", large + " "),
        MakeRequest("POST", "/echo", EchoBody(1) + large.substr(100)),
        MakeRequest("POST", "/echo", "x", "Expect: tea\r\n"),
        MakeRequest("POST", "/echo", EchoBody(7), "Connection: close\r\n"),
        std::string("POST /echo HTTP/1.1\r\n\r\n")}) {
    ExpectSame(request);
  }
}

TEST_F(EchoDomTest, AnswersInOrderAndCountsAll) {
  constexpr int kClients = 6;
  constexpr uint64_t kRequests = 300;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this] {
      std::string requests;
      for (uint64_t id = 0; id < kRequests; ++id) {
        requests += MakeRequest("POST", "/echo", EchoBody(id));
      }
      Client client(dom_.port());
      client.Send(requests);
      for (uint64_t id = 0; id < kRequests; ++id) {
        const Answer answer = client.Receive();
        ASSERT_EQ(answer.body.rfind(R"({"id":)" + std::to_string(id) + ",", 0), 0U);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  Client client(dom_.port());
  client.Send(MakeRequest("GET", "/metrics"));
  EXPECT_EQ(SumOf(client.Receive().body, "http_requests_total",
                  R"(path="/echo",method="POST",status="200")"),
            kClients * kRequests);
}

}  // namespace
}  // namespace drumline::target
