// echo and echo-dom side by side: the same requests to both real services, the same answers from
// both, but for the time and the name of the service.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/echo/service_under_test.h"
#include "tests/unit/target_services/random_echo_body.h"

namespace drumline::target {
namespace {

constexpr const char* kEchoDom = "target-services/echo_dom/echo-dom";

// Puts `text` in the place of what stands between the first `begin` and the next `end` behind it.
void ReplaceBetween(std::string& where, const std::string& begin, const std::string& end,
                    const std::string& text) {
  const size_t at = where.find(begin);
  if (at == where.npos) return;
  const size_t from = at + begin.size();
  const size_t to = where.find(end, from);
  if (to != where.npos) where.replace(from, to - from, text);
}

std::string Between(const std::string& where, const std::string& begin, const std::string& end) {
  const size_t from = where.find(begin) + begin.size();
  return where.substr(from, where.find(end, from) - from);
}

// What an answer says besides its time, which is always of one length, and the service's name with
// the length that it adds. Nothing that a body holds can stand before these fields of a 200 and
// look like them: its quotes are escaped.
std::string Neutral(const Answer& answer, const std::string& name) {
  std::string head = answer.head;
  std::string body = answer.body;
  ReplaceBetween(head, "\r\nDate: ", "\r\n", "DATE");
  if (answer.status != 200) return head + body;
  const size_t length = std::stoul(Between(head, "\r\nContent-Length: ", "\r\n"));
  EXPECT_EQ(length, body.size());
  ReplaceBetween(head, "\r\nContent-Length: ", "\r\n", std::to_string(length - name.size()));
  EXPECT_EQ(Between(body, "\"processed_by\":\"", "\""), name);
  ReplaceBetween(body, "\"processed_by\":\"", "\"", "NAME");
  const std::string time = Between(body, "\"server_timestamp\":", ",");
  EXPECT_EQ(time.size(), 17U) << time;
  EXPECT_EQ(time.find('.'), 10U) << time;
  ReplaceBetween(body, "\"server_timestamp\":", ",", "TIME");
  return head + body;
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
    EXPECT_EQ(Neutral(from_dom, "drumline-echo-dom/1.0"), Neutral(from_echo, "drumline-echo/1.0"))
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
