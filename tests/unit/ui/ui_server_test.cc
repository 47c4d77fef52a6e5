#include "controller/ui/ui_server.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A server whose loop has a thread of its own, and blocking clients.
class UiServerTest : public testing::Test {
 protected:
  // Runs it on the server's thread, and waits.
  template <typename Action>
  auto OnLoop(Action action) {
    std::packaged_task<decltype(action())()> task(std::move(action));
    auto result = task.get_future();
    asio::post(loop_, [&task] { task(); });
    return result.get();
  }

  void Open(UiServer::Options options, UiServer::Actions actions) {
    auto server = UiServer::Start(&loop_, std::move(options), std::move(actions));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    port_ = server_->port();
    thread_ = std::thread([this] {
      const auto guard = asio::make_work_guard(loop_);
      loop_.run();
    });
  }

  ~UiServerTest() override {
    if (!thread_.joinable()) return;
    OnLoop([this] { server_.reset(); });
    loop_.stop();
    thread_.join();
  }

  // Waits for something to happen on the loop.
  void WaitFor(const std::function<bool()>& condition) {
    while (!OnLoop(condition)) std::this_thread::yield();
  }

  tcp::socket Connect() {
    tcp::socket socket(clients_);
    socket.connect({asio::ip::address_v4::loopback(), port_});
    return socket;
  }

  void Send(tcp::socket* socket, const std::string& method, const std::string& target,
            const std::string& headers = "") {
    asio::write(*socket, asio::buffer(absl::StrCat(method, " ", target,
                                                   " HTTP/1.1\r\nHost: 127.0.0.1:", port_, "\r\n",
                                                   headers, "\r\n")));
  }

  // Until the server closes.
  static std::string ReadAll(tcp::socket* socket) {
    std::string answer;
    boost::system::error_code error;
    asio::read(*socket, asio::dynamic_buffer(answer), error);
    return answer;
  }

  // Up to and including `end`.
  static std::string ReadUntil(tcp::socket* socket, const std::string& end) {
    std::string text;
    boost::system::error_code error;
    const size_t size = asio::read_until(*socket, asio::dynamic_buffer(text), end, error);
    return text.substr(0, error ? text.size() : size);
  }

  std::string Ask(const std::string& method, const std::string& target,
                  const std::string& headers = "") {
    tcp::socket socket = Connect();
    Send(&socket, method, target, headers);
    return ReadAll(&socket);
  }

  asio::io_context loop_;
  asio::io_context clients_;
  std::unique_ptr<UiServer> server_;
  uint16_t port_ = 0;
  std::thread thread_;
};

TEST_F(UiServerTest, GivesThePageWithWhatProtectsIt) {
  Open({}, {});
  const std::string answer = Ask("GET", "/");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer.substr(0, 200);
  for (const char* part : {"X-Frame-Options: DENY", "X-Content-Type-Options: nosniff",
                           "Cache-Control: no-store", "default-src 'none'"}) {
    EXPECT_NE(answer.find(part), std::string::npos) << part;
  }
  EXPECT_TRUE(Ask("GET", "/events").starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(Ask("GET", "/bundles").find("[]") != std::string::npos);
}

TEST_F(UiServerTest, StopsForTheTokenOfThePageAlone) {
  int stops = 0;
  Open({}, {.snapshot = [] { return "{}"; }, .stop = [&stops] { ++stops; }});
  const std::string page = Ask("GET", "/");
  const std::string before = "\"token\":\"";
  const std::string token = page.substr(page.find(before) + before.size(), 32);
  EXPECT_TRUE(Ask("POST", "/stop").starts_with("HTTP/1.1 403"));
  EXPECT_TRUE(Ask("GET", "/stop", "X-Drumline-Token: " + token + "\r\n").starts_with("HTTP/1.1 4"));
  EXPECT_EQ(OnLoop([&stops] { return stops; }), 0);
  EXPECT_TRUE(
      Ask("POST", "/stop", "X-Drumline-Token: " + token + "\r\n").starts_with("HTTP/1.1 202"));
  EXPECT_EQ(OnLoop([&stops] { return stops; }), 1);
}

// A page that is loaded again and again, and left each time without a word.
TEST_F(UiServerTest, SurvivesAThousandReconnects) {
  constexpr int kReconnects = 1'000;
  Open({}, {.snapshot = [] { return R"({"kind":"snapshot"})"; }});
  for (int i = 0; i < kReconnects; ++i) {
    // The server learns of the end on its own time; it never has more than its limit.
    WaitFor([this] { return server_->connections() < UiServer::Options{}.max_connections; });
    tcp::socket socket = Connect();
    Send(&socket, "GET", "/events");
    ASSERT_NE(ReadUntil(&socket, "\n\n").find("text/event-stream"), std::string::npos) << i;
  }
  WaitFor([this] { return server_->connections() == 0; });
  tcp::socket last = Connect();
  Send(&last, "GET", "/events");
  ReadUntil(&last, "snapshot\"}\n\n");
  OnLoop([this] { server_->Publish("news"); });
  EXPECT_EQ(ReadUntil(&last, "\n\n"), "data: news\n\n");
}

TEST_F(UiServerTest, ClosesWhatIsBeyondItsLimit) {
  Open({.max_connections = 2}, {.snapshot = [] { return "{}"; }});
  tcp::socket first = Connect();
  tcp::socket second = Connect();
  for (tcp::socket* socket : {&first, &second}) {
    Send(socket, "GET", "/events");
    ReadUntil(socket, "{}\n\n");
  }
  tcp::socket third = Connect();
  EXPECT_EQ(ReadAll(&third), "");
  first.close();
  WaitFor([this] { return server_->connections() == 1; });
  EXPECT_TRUE(Ask("GET", "/").starts_with("HTTP/1.1 200"));
}

// Who does not read is dropped once so many messages wait, and holds nothing up.
TEST_F(UiServerTest, DropsAWatcherWhoDoesNotRead) {
  Open({.max_messages = 4}, {.snapshot = [] { return "{}"; }});
  tcp::socket slow = Connect();
  Send(&slow, "GET", "/events");
  ReadUntil(&slow, "{}\n\n");
  const std::string large(1 << 20, 'x');
  WaitFor([&] {
    server_->Publish(large);
    return server_->connections() == 0;
  });
}

TEST_F(UiServerTest, RefusesARequestThatIsTooLarge) {
  Open({.max_request_bytes = 1024}, {});
  EXPECT_EQ(Ask("GET", "/", "X-Long: " + std::string(4096, 'x') + "\r\n").find("200"),
            std::string::npos);
  EXPECT_TRUE(Ask("GET", "/").starts_with("HTTP/1.1 200"));
}

TEST_F(UiServerTest, ClosesAfterTheLastNews) {
  Open({}, {.snapshot = [] { return "{}"; }});
  tcp::socket watcher = Connect();
  Send(&watcher, "GET", "/events");
  ReadUntil(&watcher, "{}\n\n");
  OnLoop([this] {
    server_->Publish("end");
    server_->Close();
  });
  EXPECT_EQ(ReadAll(&watcher), "data: end\n\n");
}

TEST(UiServer, SaysThatAPortIsTaken) {
  asio::io_context loop;
  auto first = UiServer::Start(&loop, {}, {});
  ASSERT_TRUE(first.ok());
  auto second = UiServer::Start(&loop, {.port = (*first)->port()}, {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(UiServer::Start(&loop, {.host = "no-address"}, {}).ok());
}

}  // namespace
}  // namespace drumline
