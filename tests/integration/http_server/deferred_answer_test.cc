// Answers that a service gives after its callback has returned, on a server inside the test.
#include "target-services/http_server/deferred_answer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "target-services/http_server/server.h"
#include "tests/integration/echo/service_under_test.h"

namespace drumline::target {
namespace {

struct Debt {
  std::string query;
  DeferredAnswer answer;
};

// What the service under test owes, for the test to answer.
class Debts {
 public:
  void Put(Debt debt) {
    const std::lock_guard lock(mutex_);
    debts_.push_back(std::move(debt));
    news_.notify_all();
  }
  Debt Take() {
    std::unique_lock lock(mutex_);
    news_.wait(lock, [this] { return !debts_.empty(); });
    Debt debt = std::move(debts_.front());
    debts_.pop_front();
    return debt;
  }

 private:
  std::mutex mutex_;
  std::condition_variable news_;
  std::deque<Debt> debts_;
};

class DeferredAnswerTest : public testing::Test {
 protected:
  void Start(const ServerConfig& config = {}) {
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Listen(config, [this](boost::asio::io_context&) { return MakeRoutes(); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
    server_->Start();
  }

  Routes MakeRoutes() {
    Routes routes;
    routes.Add(Method::kGet, "/now", [](const Request& request, ResponseWriter& writer) {
      writer.Respond(200, "text/plain", request.query());
    });
    routes.Add(Method::kGet, "/later", [this](const Request& request, ResponseWriter& writer) {
      debts_.Put({std::string(request.query()), writer.Defer()});
    });
    routes.Add(Method::kGet, "/large", [](const Request& request, ResponseWriter& writer) {
      writer.Respond(200, "text/plain", std::string(1 << 20, 'x').append(request.query()));
    });
    return routes;
  }

  uint16_t port() const {
    const std::string address = server_->address();
    return static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }

  std::string Metrics() {
    Client client(port());
    client.Send(MakeRequest("GET", "/metrics"));
    return client.Receive().body;
  }

  Debts debts_;
  std::unique_ptr<Server> server_;
};

TEST_F(DeferredAnswerTest, ComesFromAnotherThreadAndIsCountedOnce) {
  Start();
  Client client(port());
  client.Send(MakeRequest("GET", "/later?a"));
  Debt debt = debts_.Take();
  EXPECT_EQ(SumOf(Metrics(), "http_requests_total", R"(path="/later")"), 0);
  debt.answer.Respond(201, "text/plain", debt.query);
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 201);
  EXPECT_TRUE(answer.Says("Content-Type: text/plain"));
  EXPECT_EQ(answer.body, "a");
  debt.answer.Respond(200, "text/plain", "a second one does nothing");
  client.Send(MakeRequest("GET", "/now?b"));
  EXPECT_EQ(client.Receive().body, "b");
  const std::string metrics = Metrics();
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/later",method="GET",status="201")"), 1);
  EXPECT_EQ(SumOf(metrics, "http_requests_total", R"(path="/later")"), 1);
}

TEST_F(DeferredAnswerTest, RequestsBehindItWait) {
  Start();
  Client client(port());
  client.Send(MakeRequest("GET", "/now?1") + MakeRequest("GET", "/later?2") +
              MakeRequest("GET", "/now?3") + MakeRequest("GET", "/later?4"));
  EXPECT_EQ(client.Receive().body, "1");
  Debt second = debts_.Take();
  second.answer.Respond(200, "text/plain", second.query);
  EXPECT_EQ(client.Receive().body, "2");
  EXPECT_EQ(client.Receive().body, "3");
  Debt fourth = debts_.Take();
  fourth.answer.Respond(200, "text/plain", fourth.query);
  EXPECT_EQ(client.Receive().body, "4");
}

TEST_F(DeferredAnswerTest, APromiseDroppedIsOurFault) {
  Start();
  Client client(port());
  client.Send(MakeRequest("GET", "/later"));
  debts_.Take();
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"error":"service: gave no answer"})");
}

TEST_F(DeferredAnswerTest, AClientThatLeftDoesNoHarm) {
  Start();
  for (int i = 0; i < 50; ++i) {
    Client client(port());
    client.Send(MakeRequest("GET", "/later") + MakeRequest("GET", "/now"));
    Debt debt = debts_.Take();
    client.Close();
    debt.answer.Respond(200, "text/plain", std::string(1 << 20, 'x'));
  }
  Client client(port());
  client.Send(MakeRequest("GET", "/now?b"));
  EXPECT_EQ(client.Receive().body, "b");
}

TEST_F(DeferredAnswerTest, KnowsWhatTheRequestWas) {
  Start();
  Client head(port());
  head.Send(MakeRequest("HEAD", "/later"));
  debts_.Take().answer.Respond(200, "text/plain", "four");
  const Answer answer = head.Receive(/*head_only=*/true);
  EXPECT_TRUE(answer.Says("Content-Length: 4"));
  Client old(port());
  for (int i = 0; i < 2; ++i) {
    old.Send("GET /later HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    debts_.Take().answer.Respond(200, "text/plain", "four");
    EXPECT_TRUE(old.Receive().Says("Connection: keep-alive"));
  }
  Client last(port());
  last.Send(MakeRequest("GET", "/later", "", "Connection: close\r\n"));
  debts_.Take().answer.Respond(200, "text/plain", "four");
  EXPECT_TRUE(last.Receive().Says("Connection: close"));
  EXPECT_TRUE(last.AtEnd());
}

// The answers before it are more than the kernel takes, so that they wait while it is delivered.
TEST_F(DeferredAnswerTest, ComesBehindAnswersThatAreNotReadYet) {
  ServerConfig config;
  config.max_gathered_bytes = size_t{64} << 20;
  Start(config);
  constexpr int kLarge = 16;
  Client client(port());
  std::string requests;
  for (int i = 0; i < kLarge; ++i) requests += MakeRequest("GET", "/large?" + std::to_string(i));
  client.Send(requests + MakeRequest("GET", "/later") + MakeRequest("GET", "/now?end"));
  debts_.Take().answer.Respond(200, "text/plain", "later");
  for (int i = 0; i < kLarge; ++i) {
    ASSERT_EQ(client.Receive().body, std::string(1 << 20, 'x').append(std::to_string(i)));
  }
  EXPECT_EQ(client.Receive().body, "later");
  EXPECT_EQ(client.Receive().body, "end");
}

TEST_F(DeferredAnswerTest, AClientThatLeavesAnswersUnreadDoesNoHarm) {
  ServerConfig config;
  config.max_gathered_bytes = size_t{64} << 20;
  Start(config);
  Client client(port());
  std::string requests;
  for (int i = 0; i < 16; ++i) requests += MakeRequest("GET", "/large");
  client.Send(requests + MakeRequest("GET", "/later"));
  Debt debt = debts_.Take();
  client.Close();
  while (Metrics().find("\nhttp_connections_open 1\n") == std::string::npos) {
  }
  debt.answer.Respond(200, "text/plain", "to nobody");
  Client next(port());
  next.Send(MakeRequest("GET", "/now?b"));
  EXPECT_EQ(next.Receive().body, "b");
}

TEST_F(DeferredAnswerTest, ADrainWaitsForIt) {
  Start();
  Client client(port());
  client.Send(MakeRequest("GET", "/later"));
  Debt debt = debts_.Take();
  const uint16_t port = this->port();
  server_->Drain();
  while (Client(port).connected()) {
  }
  debt.answer.Respond(200, "text/plain", "still");
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.body, "still");
  EXPECT_TRUE(answer.Says("Connection: close"));
  EXPECT_TRUE(client.AtEnd());
  client.Close();
  server_->Join();
}

TEST_F(DeferredAnswerTest, ADrainIsNotHeldUpForEver) {
  ServerConfig config;
  config.drain_timeout = std::chrono::seconds(0);
  Start(config);
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<Debt> debts;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->Send(MakeRequest("GET", "/later"));
    debts.push_back(debts_.Take());
  }
  server_.reset();
  for (const auto& client : clients) EXPECT_TRUE(client->AtEnd());
  for (Debt& debt : debts) debt.answer.Respond(200, "text/plain", "to nobody");
}

TEST_F(DeferredAnswerTest, OneThatNeverComesIsAnsweredForTheService) {
  ServerConfig config;
  config.stall_timeout = std::chrono::seconds(1);
  Start(config);
  Client client(port());
  client.Send(MakeRequest("GET", "/later"));
  Debt debt = debts_.Take();
  const Answer answer = client.Receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.Says("Connection: close"));
  EXPECT_TRUE(client.AtEnd());
  debt.answer.Respond(200, "text/plain", "too late");
}

// Whatever is answered when, and however the requests were cut: each client reads its own answers,
// in order.
TEST_F(DeferredAnswerTest, OrderHoldsInAnyMixture) {
  ServerConfig config;
  config.threads = 2;
  Start(config);
  constexpr int kClients = 6;
  constexpr int kRequests = 400;
  std::atomic<int> owed = 0;
  std::vector<std::thread> clients;
  for (int seed = 0; seed < kClients; ++seed) {
    clients.emplace_back([this, seed, &owed] {
      std::mt19937_64 random(static_cast<uint64_t>(seed));
      std::string requests;
      for (int i = 0; i < kRequests; ++i) {
        const bool later = random() % 2 == 0;
        owed += later ? 1 : 0;
        requests += MakeRequest("GET", (later ? "/later?" : "/now?") + std::to_string(i));
      }
      Client client(port());
      std::thread sender([&] {
        for (size_t begin = 0; begin < requests.size();) {
          const size_t size = 1 + random() % 300;
          client.Send(std::string_view(requests).substr(begin, size));
          begin += size;
        }
      });
      for (int i = 0; i < kRequests; ++i) EXPECT_EQ(client.Receive().body, std::to_string(i));
      sender.join();
      debts_.Put({"end", DeferredAnswer()});
    });
  }
  int ended = 0;
  int answered = 0;
  while (ended < kClients) {
    Debt debt = debts_.Take();
    (debt.query == "end" ? ended : answered) += 1;
    debt.answer.Respond(200, "text/plain", debt.query);
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, owed);
}

}  // namespace
}  // namespace drumline::target
