// The oracle's binary keeps its word. Nothing here measures how long a thing takes, but for the one
// bound that no machine can break: an answer never comes before it is due.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Asleep between answers: a test shares its cores with others.
ServiceUnderTest Oracle(std::vector<std::string> flags) {
  flags.insert(flags.end(), {"--port", "0", "--wait", "sleep"});
  return ServiceUnderTest(flags, kOracleBinary);
}

Answer Ask(Client& client, std::string_view target = "/") {
  client.Send(MakeRequest("GET", target));
  return client.Receive();
}

// The value of the metric whose name, with its labels, is that.
double Metric(const ServiceUnderTest& service, const std::string& name) {
  Client client(service.port());
  const std::string text = "\n" + Ask(client, "/metrics").body;
  const size_t at = text.find("\n" + name + " ");
  return at == text.npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

double Ended(const ServiceUnderTest& service, const std::string& fate) {
  return Metric(service, "oracle_answers_total{fate=\"" + fate + "\"}");
}

TEST(OracleTest, AnswersWithTheBodyThatWasAskedFor) {
  ServiceUnderTest service = Oracle({"--response-bytes", "2048"});
  Client client(service.port());
  for (const char* target : {"/", "/echo", "/a/b?c"}) {
    const Answer answer = Ask(client, target);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, std::string(2048, 'x'));
    EXPECT_NE(answer.head.find("\r\nDate: "), std::string::npos);
  }
  client.Send(MakeRequest("POST", "/", std::string(100'000, 'b')));
  EXPECT_EQ(client.Receive().body.size(), 2048U);
  client.Send(MakeRequest("HEAD", "/"));
  EXPECT_TRUE(client.Receive(/*head_only=*/true).Says("Content-Length: 2048"));
  EXPECT_EQ(Ask(client, "/health").body, R"({"status":"healthy"})");
  EXPECT_EQ(Metric(service, "oracle_requests_total"), 5);
  EXPECT_EQ(Ended(service, "ok"), 5);
  EXPECT_EQ(Metric(service, "oracle_unstamped_total"), 0);
  EXPECT_EQ(Metric(service, R"(http_requests_total{path="/",method="GET",status="200"})"), 3);
}

TEST(OracleTest, NoAnswerComesBeforeItIsDue) {
  ServiceUnderTest service = Oracle({"--delay", "fixed:30ms"});
  Client client(service.port());
  const auto begin = Clock::now();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Ask(client).status, 200);
  EXPECT_GE(Clock::now() - begin, milliseconds(150));
  EXPECT_GE(Metric(service, "oracle_delay_made_seconds_sum"), 0.15);
  EXPECT_DOUBLE_EQ(Metric(service, "oracle_delay_chosen_seconds_sum"), 0.15);
  EXPECT_EQ(Metric(service, "oracle_delay_made_seconds_count"), 5);
}

TEST(OracleTest, DelaysOverlap) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/delays";
  std::ofstream(path) << "60m\n1ms\n";
  ServiceUnderTest service = Oracle({"--delay", "file:" + path});
  Client first(service.port());
  first.Send(MakeRequest("GET", "/"));
  while (Metric(service, "oracle_requests_total") < 1) {
  }
  Client second(service.port());
  EXPECT_EQ(Ask(second).status, 200);
  EXPECT_EQ(Ended(service, "ok"), 1);
}

TEST(OracleTest, PipelinedAnswersKeepTheirOrder) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/delays";
  std::ofstream(path) << "50ms\n1ms\n";
  ServiceUnderTest service = Oracle({"--delay", "file:" + path});
  Client client(service.port());
  const std::string get = MakeRequest("GET", "/");
  const auto begin = Clock::now();
  client.Send(get + get + MakeRequest("GET", "/health"));
  EXPECT_EQ(client.Receive().body, "xx");
  EXPECT_GE(Clock::now() - begin, milliseconds(50));
  EXPECT_EQ(client.Receive().body, "xx");
  EXPECT_EQ(client.Receive().body, R"({"status":"healthy"})");
}

// More than are taken at once.
TEST(OracleTest, APipelineLongerThanItsLimitIsAnsweredToItsEnd) {
  constexpr int kRequests = 1'000;
  ServiceUnderTest service = Oracle({"--delay", "fixed:1ms", "--slow-body", "10us"});
  Client client(service.port());
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += MakeRequest("GET", "/");
  client.Send(requests);
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(client.Receive().body, "xx") << i;
  EXPECT_EQ(Ended(service, "ok"), kRequests);
}

TEST(OracleTest, ASlowReaderGetsAllOfLargeAnswers) {
  constexpr size_t kBytes = 8'000'000;
  ServiceUnderTest service = Oracle({"--response-bytes", std::to_string(kBytes)});
  Client client(service.port());
  const std::string get = MakeRequest("GET", "/");
  client.Send(get + get + get);
  while (Ended(service, "ok") < 3) {  // All are due before the first is read.
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Receive().body.size(), kBytes);
}

TEST(OracleFateTest, ErrorsHaveTheStatusThatWasAskedFor) {
  ServiceUnderTest service = Oracle({"--errors", "1:429"});
  Client client(service.port());
  EXPECT_EQ(Ask(client).status, 429);
  EXPECT_EQ(Ask(client).status, 429);
  EXPECT_EQ(Ended(service, "error"), 2);
  EXPECT_EQ(Metric(service, R"(http_requests_total{path="/",method="GET",status="429"})"), 2);
}

TEST(OracleFateTest, ResetsReset) {
  ServiceUnderTest service = Oracle({"--resets", "1"});
  Client client(service.port());
  EXPECT_EQ(Ask(client).status, 0);
  EXPECT_EQ(Ended(service, "reset"), 1);
  EXPECT_EQ(Ended(service, "ok"), 0);
}

TEST(OracleFateTest, TruncatedBodiesEndInTheMiddle) {
  ServiceUnderTest service = Oracle({"--truncate", "1", "--response-bytes", "100"});
  Client client(service.port());
  client.Send(MakeRequest("GET", "/") + MakeRequest("GET", "/"));
  const std::string received = client.ReceiveToEnd();
  const size_t head_end = received.find("\r\n\r\n");
  ASSERT_NE(head_end, std::string::npos);
  EXPECT_NE(received.find("Content-Length: 100\r\n"), std::string::npos);
  EXPECT_EQ(received.substr(head_end + 4), std::string(50, 'x'));
  client.Close();
  EXPECT_EQ(Ended(service, "truncated"), 1);
  EXPECT_EQ(Ended(service, "unsent"), 1);
}

TEST(OracleFateTest, ASlowBodyIsTheWholeBody) {
  ServiceUnderTest service = Oracle({"--slow-body", "40ms", "--response-bytes", "101"});
  Client client(service.port());
  const auto begin = Clock::now();
  EXPECT_EQ(Ask(client).body, std::string(101, 'x'));
  EXPECT_GE(Clock::now() - begin, milliseconds(40));
  EXPECT_DOUBLE_EQ(Metric(service, "oracle_delay_chosen_seconds_sum"), 0.04);
}

TEST(OracleFateTest, TheSameSeedMakesTheSameChoices) {
  std::vector<std::string> runs;
  for (const char* seed : {"1", "1", "2"}) {
    ServiceUnderTest service = Oracle({"--errors", "0.5:500", "--seed", seed});
    Client client(service.port());
    std::string statuses;
    for (int i = 0; i < 64; ++i) statuses += std::to_string(Ask(client).status) + " ";
    runs.push_back(statuses);
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
}

// The first request begins the stop, so that its answer is due at the stop's end.
TEST(OracleStopTest, WhatComesInAStopIsAnsweredAfterIt) {
  ServiceUnderTest service = Oracle({"--stop-at", "0ms", "--stop-for", "100ms"});
  Client client(service.port());
  const auto begin = Clock::now();
  EXPECT_EQ(Ask(client).status, 200);
  EXPECT_GE(Clock::now() - begin, milliseconds(100));
  EXPECT_EQ(Ask(client).status, 200);
  EXPECT_EQ(Metric(service, "oracle_stops_total"), 1);
  EXPECT_DOUBLE_EQ(Metric(service, "oracle_stopped_seconds_total"), 0.1);
  EXPECT_GE(Metric(service, "oracle_delay_made_seconds_sum"), 0.1);
}

TEST(OracleStopTest, StopsComeAgain) {
  ServiceUnderTest service = Oracle({"--pause", "5ms", "--every", "10ms"});
  Client client(service.port());
  while (Metric(service, "oracle_stops_total") < 3) EXPECT_EQ(Ask(client).status, 200);
}

TEST(OracleLifeTest, ASignalEndsAStop) {
  ServiceUnderTest service = Oracle({"--stop-at", "0ms", "--stop-for", "60m"});
  Client client(service.port());
  client.Send(MakeRequest("GET", "/"));
  service.Signal(SIGTERM);  // Before the stop or in it, whichever it meets.
  EXPECT_EQ(service.Wait().exit_code, 0);
}

TEST(OracleLifeTest, ADrainGivesTheAnswersThatAreDue) {
  ServiceUnderTest service = Oracle({"--delay", "fixed:50ms"});
  Client idle(service.port());
  EXPECT_EQ(Ask(idle, "/health").status, 200);
  Client client(service.port());
  client.Send(MakeRequest("GET", "/"));
  while (Metric(service, "oracle_requests_total") < 1) {
  }
  service.Signal(SIGTERM);
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(idle.AtEnd());
  client.Close();
  const ServiceUnderTest::End end = service.Wait();
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.errors, "");
}

TEST(OracleLifeTest, AnAnswerThatIsDueTooLateDoesNotHoldUpADrain) {
  ServiceUnderTest service = Oracle({"--delay", "fixed:60m"});
  Client client(service.port());
  client.Send(MakeRequest("GET", "/"));
  service.Signal(SIGTERM);
  EXPECT_EQ(service.Wait().exit_code, 0);
  EXPECT_TRUE(client.AtEnd());
}

TEST(OracleLifeTest, StartsWithALineAndSaysWhatItWillDo) {
  ServiceUnderTest service({"--delay", "fixed:2ms"}, kOracleBinary);
  EXPECT_EQ(service.first_line(), "listening on 127.0.0.1:" + std::to_string(service.port()));
  ServiceUnderTest taken({"--port", std::to_string(service.port())}, kOracleBinary);
  EXPECT_EQ(taken.Wait().exit_code, 5);
  service.Signal(SIGINT);
  const ServiceUnderTest::End end = service.Wait();
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.more_output, "delay fixed:2ms, seed 1, 2 bytes, spinning\n");
  ServiceUnderTest wrong({"--delay", "2"}, kOracleBinary);
  const ServiceUnderTest::End refused = wrong.Wait();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_EQ(refused.errors.rfind("oracle: --delay: ", 0), 0U) << refused.errors;
}

TEST(OracleRefusalTest, WhatIsNoRequestIsRefusedBehindWhatIsDue) {
  ServiceUnderTest service = Oracle({"--delay", "fixed:5ms"});
  Client client(service.port());
  client.Send(MakeRequest("GET", "/") + "GET / HTTP/1.1\r\n\r\n" + MakeRequest("GET", "/"));
  EXPECT_EQ(client.Receive().status, 200);
  const Answer refusal = client.Receive();
  EXPECT_EQ(refusal.status, 400);
  EXPECT_TRUE(refusal.Says("Connection: close"));
  EXPECT_TRUE(client.AtEnd());
  Client other(service.port());
  other.Send(MakeRequest("BREW", "/"));
  EXPECT_EQ(other.Receive().status, 501);
  other.Send(MakeRequest("POST", "/metrics", "x"));
  const Answer not_allowed = other.Receive();
  EXPECT_EQ(not_allowed.status, 405);
  EXPECT_TRUE(not_allowed.Says("Allow: GET, HEAD"));
  EXPECT_EQ(Metric(service, "oracle_requests_total"), 1);
}

TEST(OracleRefusalTest, ABodyThatAwaitsPermissionGetsIt) {
  ServiceUnderTest service = Oracle({});
  Client client(service.port());
  client.Send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("abc");
  EXPECT_EQ(client.Receive().status, 200);
}

TEST(OracleRefusalTest, AClientThatHasGoneIsCounted) {
  ServiceUnderTest service = Oracle({"--delay", "fixed:20ms"});
  auto client = std::make_unique<Client>(service.port());
  client->Send(MakeRequest("GET", "/"));
  while (Metric(service, "oracle_requests_total") < 1) {
  }
  // Unread bytes would be lost with an orderly end, so this one resets.
  client.reset();
  while (Ended(service, "unsent") + Ended(service, "ok") < 1) {
  }
}

}  // namespace
}  // namespace drumline::target
