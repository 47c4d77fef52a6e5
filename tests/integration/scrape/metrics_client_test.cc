#include "controller/scrape/metrics_client.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/integration/scrape/scripted_server.h"

namespace drumline {
namespace {

using Reply = ScriptedServer::Reply;
using Then = ScriptedServer::Then;

constexpr auto kAmple = std::chrono::seconds(60);

class MetricsClientTest : public testing::Test {
 protected:
  MetricsUrl UrlOf(const ScriptedServer& server) { return {"127.0.0.1", server.port(), "/m"}; }

  // Runs the loop until the fetch has ended: the text of the page, or the error's in brackets.
  std::string Fetch(MetricsClient* client, std::chrono::nanoseconds timeout = kAmple) {
    std::optional<absl::StatusOr<std::string>> result;
    sent_ = 0;
    boost::asio::co_spawn(
        loop_, client->Fetch(std::chrono::steady_clock::now() + timeout, [this] { ++sent_; }),
        [&](const std::exception_ptr& error, absl::StatusOr<std::string> page) {
          EXPECT_EQ(error, nullptr);
          result = std::move(page);
        });
    loop_.restart();
    while (!result) loop_.run_one();
    return result->ok() ? **result : "[" + std::string(result->status().message()) + "]";
  }

  boost::asio::io_context loop_;
  int sent_ = 0;
};

TEST_F(MetricsClientTest, KeepsItsConnection) {
  ScriptedServer server(&loop_, {Reply{Page("one\n")}, Reply{Page("two\n")}, Reply{Page("")}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  EXPECT_EQ(Fetch(&client), "one\n");
  EXPECT_EQ(Fetch(&client), "two\n");
  EXPECT_EQ(Fetch(&client), "");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.requests()[0].substr(0, 16), "GET /m HTTP/1.1\r");
  EXPECT_NE(server.requests()[0].find("Host: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"),
            std::string::npos);
}

TEST_F(MetricsClientTest, LooksNamesUp) {
  ScriptedServer server(&loop_, {Reply{Page("one\n")}});
  MetricsClient client(&loop_, {"localhost", server.port(), "/m"}, 1000);
  EXPECT_EQ(Fetch(&client), "one\n");
}

TEST_F(MetricsClientTest, SendsAgainWhereTheServerHadClosedInTheMeantime) {
  ScriptedServer server(&loop_, {Reply{Page("one\n"), Then::kClose}, Reply{Page("two\n")}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  EXPECT_EQ(Fetch(&client), "one\n");
  EXPECT_EQ(Fetch(&client), "two\n");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(MetricsClientTest, OpensAnotherConnectionWhereTheServerSaysClose) {
  const std::string page = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\na\n";
  ScriptedServer server(&loop_, {Reply{page}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  EXPECT_EQ(Fetch(&client), "a\n");
  EXPECT_EQ(Fetch(&client), "a\n");
  EXPECT_EQ(sent_, 1);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(MetricsClientTest, ReadsChunksAndPagesThatEndWithTheConnection) {
  ScriptedServer server(
      &loop_,
      {Reply{
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na \r\n2\r\n1\n\r\n0\r\n\r\n"},
       Reply{"HTTP/1.0 200 OK\r\n\r\nb 1\n", Then::kClose},
       Reply{"HTTP/1.0 200 OK\r\n\r\nb 1", Then::kClose}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  EXPECT_EQ(Fetch(&client), "a 1\n");
  EXPECT_EQ(Fetch(&client), "b 1\n");
  // `b 1` may have been `b 12`.
  EXPECT_EQ(Fetch(&client), "[the server closed the connection mid-way]");
}

TEST_F(MetricsClientTest, SaysWhatWentWrongAndRecovers) {
  ScriptedServer server(
      &loop_, {Reply{"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nno\n"},
               Reply{"SSH-2.0-OpenSSH_9.2\r\n"}, Reply{"HTTP/1.1 200 OK\r\nConte", Then::kClose},
               Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Then::kClose},
               Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Then::kReset},
               Reply{"", Then::kClose}, Reply{Page("fine\n")}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  EXPECT_EQ(Fetch(&client), "[HTTP status 503]");
  EXPECT_EQ(Fetch(&client), "[not HTTP: bad version]");
  EXPECT_EQ(Fetch(&client), "[the server closed the connection mid-way]");
  EXPECT_EQ(Fetch(&client), "[the server closed the connection mid-way]");
  EXPECT_EQ(Fetch(&client), "[the server reset the connection]");
  EXPECT_EQ(Fetch(&client), "[the server closed the connection, no answer]");
  EXPECT_EQ(Fetch(&client), "fine\n");
}

TEST_F(MetricsClientTest, HoldsAnswersToTheirLimit) {
  ScriptedServer server(
      &loop_, {Reply{Page(std::string(1000, '\n'))}, Reply{Page(std::string(1001, '\n'))},
               Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                     std::string(1001, '\n') + "\r\n0\r\n\r\n"},
               Reply{"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')}, Reply{Page("fine\n")}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  EXPECT_EQ(Fetch(&client).size(), 1000U);
  EXPECT_EQ(Fetch(&client), "[larger than the limit of 1000 bytes]");
  EXPECT_EQ(Fetch(&client), "[larger than the limit of 1000 bytes]");
  EXPECT_EQ(Fetch(&client), "[HTTP header larger than the limit of 16384 bytes]");
  EXPECT_EQ(Fetch(&client), "fine\n");
}

TEST_F(MetricsClientTest, GivesUpAtTheDeadline) {
  for (const char* beginning : {"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"}) {
    ScriptedServer server(&loop_, {Reply{beginning}});
    MetricsClient client(&loop_, UrlOf(server), 1000);
    EXPECT_EQ(Fetch(&client, std::chrono::milliseconds(50)), "[timeout]");
    EXPECT_EQ(Fetch(&client, std::chrono::milliseconds(50)), "[timeout]");
    server.GoAway();
    ScriptedServer again(&loop_, {Reply{Page("fine\n")}}, server.port());
    EXPECT_EQ(Fetch(&client), "fine\n");
    again.GoAway();
    loop_.restart();
    loop_.run();
  }
}

TEST_F(MetricsClientTest, ServerGoesAwayAndComesBack) {
  auto server = std::make_unique<ScriptedServer>(&loop_, std::vector<Reply>{{Page("one\n")}});
  const uint16_t port = server->port();
  MetricsClient client(&loop_, UrlOf(*server), 1000);
  EXPECT_EQ(Fetch(&client), "one\n");
  server->GoAway();
  EXPECT_EQ(Fetch(&client), "[refused]");
  EXPECT_EQ(Fetch(&client), "[refused]");
  ScriptedServer again(&loop_, {Reply{Page("two\n")}}, port);
  EXPECT_EQ(Fetch(&client), "two\n");
}

TEST_F(MetricsClientTest, CloseEndsAFetchThatIsUnderWay) {
  ScriptedServer server(&loop_, {Reply{""}});
  MetricsClient client(&loop_, UrlOf(server), 1000);
  std::optional<absl::StatusOr<std::string>> result;
  boost::asio::co_spawn(loop_, client.Fetch(std::chrono::steady_clock::now() + kAmple, [] {}),
                        [&](const std::exception_ptr&, absl::StatusOr<std::string> page) {
                          result = std::move(page);
                        });
  while (server.requests().empty()) loop_.run_one();
  EXPECT_FALSE(result.has_value());
  client.Close();
  while (!result) loop_.run_one();
  EXPECT_EQ(result->status().message(), "stopped");
  EXPECT_EQ(Fetch(&client), "[stopped]");
}

}  // namespace
}  // namespace drumline
