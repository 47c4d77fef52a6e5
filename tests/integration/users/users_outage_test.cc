// The users service and a database that goes away, is slow, or is not what it should be.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "target-services/http_server/server.h"
#include "target-services/users/migrations.h"
#include "target-services/users/users_service.h"
#include "tests/integration/echo/service_under_test.h"
#include "tests/integration/users/postgres_under_test.h"

namespace drumline::target {
namespace {

constexpr const char* kUsers = "target-services/users/users";
constexpr const char* kAda = R"({"email":"ada@example.org","name":"Ada"})";
constexpr const char* kNotThere = R"({"error":"database: not available, try again later"})";

Answer Ask(uint16_t port, std::string_view method, const std::string& target,
           std::string_view body = "") {
  Client client(port);
  client.Send(MakeRequest(method, target, body));
  return client.Receive();
}

// Each event loop comes back by itself.
Answer AskUntilThere(uint16_t port, std::string_view method, const std::string& target,
                     std::string_view body = "") {
  Answer answer;
  do {
    answer = Ask(port, method, target, body);
  } while (answer.status == 503);
  return answer;
}

class UsersOutageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresUnderTest::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    postgres_ = std::make_unique<PostgresUnderTest>();
    url_ = postgres_->url("test");
  }

  std::vector<std::string> Flags() const {
    return {"--threads", "2", "--pool-size", "4", "--database-url", url_};
  }

  std::unique_ptr<PostgresUnderTest> postgres_;
  std::string url_;
};

TEST_F(UsersOutageTest, AnswersThatItIsAwayAndGoesOnOnceItIsBack) {
  ServiceUnderTest service(Flags(), kUsers);
  ASSERT_EQ(Ask(service.port(), "POST", "/users", kAda).status, 201);
  for (int round = 0; round < 2; ++round) {
    postgres_->Stop();
    while (Ask(service.port(), "GET", "/health").status == 200) {
    }
    const Answer health = Ask(service.port(), "GET", "/health");
    EXPECT_EQ(health.status, 503);
    EXPECT_EQ(health.body, R"({"status":"unhealthy","database":"not available"})");
    const Answer away = Ask(service.port(), "GET", "/users/1");
    EXPECT_EQ(away.status, 503);
    EXPECT_EQ(away.body, kNotThere);
    // What is wrong with a request needs no database to be said.
    EXPECT_EQ(Ask(service.port(), "POST", "/users", "{}").status, 400);
    postgres_->Start();
    EXPECT_EQ(AskUntilThere(service.port(), "GET", "/users/1").status, 200);
    EXPECT_EQ(AskUntilThere(service.port(), "GET", "/users/count").body, R"({"count":1})");
    EXPECT_EQ(AskUntilThere(service.port(), "POST", "/users", kAda).status, 409);
  }
  service.Signal(SIGTERM);
  const ServiceUnderTest::End end = service.Wait();
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_NE(end.errors.find("users: database: no connection, trying again: "), std::string::npos);
  EXPECT_NE(end.errors.find("users: database: connected again\n"), std::string::npos);
}

TEST_F(UsersOutageTest, EndsWhenToldWithoutItsDatabase) {
  ServiceUnderTest service(Flags(), kUsers);
  postgres_->Stop();
  while (Ask(service.port(), "GET", "/health").status == 200) {
  }
  service.Signal(SIGTERM);
  EXPECT_EQ(service.Wait().exit_code, 0);
}

TEST_F(UsersOutageTest, ConnectionsThatAreCutAreMadeAnew) {
  ServiceUnderTest service(Flags(), kUsers);
  Psql psql(url_);
  ASSERT_EQ(Ask(service.port(), "POST", "/users", kAda).status, 201);
  for (int round = 0; round < 5; ++round) {
    psql.Do(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'drumline-users'");
    for (int good = 0; good < 20;) {
      const Answer answer = Ask(service.port(), "GET", "/users/1");
      ASSERT_TRUE(answer.status == 200 || answer.status == 503) << answer.status;
      good += answer.status == 200 ? 1 : 0;
    }
  }
}

// A service within the test, so that its limits can be small.
class UsersLimitsTest : public UsersOutageTest {
 protected:
  void SetUp() override {
    UsersOutageTest::SetUp();
    if (IsSkipped()) return;
    const absl::Status status = Migrate(url_, UsersMigrations());
    ASSERT_TRUE(status.ok()) << status;
    config_.url = url_;
    psql_ = std::make_unique<Psql>(url_);
  }

  void Start() {
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Listen(
        ServerConfig(),
        [this](boost::asio::io_context& loop) { return MakeUsersRoutes(config_, loop); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = std::move(*server);
    server_->Start();
    const std::string address = server_->address();
    port_ = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    while (Ask(port_, "GET", "/health").status != 200) {
    }
  }

  // All statements on users wait from here on.
  void Lock() {
    psql_->Do("BEGIN");
    psql_->Do("LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
  }
  void Unlock() { psql_->Do("COMMIT"); }

  // Until so many statements wait for the lock.
  void AwaitBlocked(int count) {
    Psql watcher(url_);
    while (watcher.Do("SELECT count(*) FROM pg_locks WHERE NOT granted") != std::to_string(count)) {
    }
  }

  PgConfig config_;
  std::unique_ptr<Psql> psql_;
  std::unique_ptr<Server> server_;
  uint16_t port_ = 0;
};

TEST_F(UsersLimitsTest, OneTooManyThatWaitsIsRefusedAndTheRestAnswered) {
  config_.max_in_flight = 1;
  config_.max_waiting = 2;
  config_.max_wait = std::chrono::hours(1);
  config_.query_timeout = config_.statement_timeout = std::chrono::hours(1);
  Start();
  Lock();
  constexpr int kClients = 8;
  std::atomic<int> good = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const Answer answer = Ask(port_, "GET", "/users/count");
      if (answer.status == 200) ++good;
      if (answer.body == R"({"error":"database: too many requests wait, try again later"})") {
        ++refused;
      }
    });
  }
  // One is on its way and two wait; the others are told at once.
  while (refused < kClients - 3) {
  }
  EXPECT_EQ(good, 0);
  Unlock();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 3);
  EXPECT_EQ(refused, kClients - 3);
}

TEST_F(UsersLimitsTest, WhoWaitsTooLongIsToldSo) {
  config_.max_in_flight = 1;
  config_.max_wait = std::chrono::milliseconds(1);
  config_.query_timeout = config_.statement_timeout = std::chrono::hours(1);
  Start();
  Lock();
  Client first(port_);
  first.Send(MakeRequest("GET", "/users/count"));
  AwaitBlocked(1);
  for (int i = 0; i < 3; ++i) {
    const Answer answer = Ask(port_, "GET", "/users/count");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, kNotThere);
  }
  Unlock();
  EXPECT_EQ(first.Receive().status, 200);
}

TEST_F(UsersLimitsTest, AStatementThatTakesTooLongIsGivenUpByTheDatabase) {
  config_.statement_timeout = std::chrono::milliseconds(20);
  Start();
  Lock();
  EXPECT_EQ(Ask(port_, "GET", "/users/count").status, 503);
  Unlock();
  EXPECT_EQ(Ask(port_, "GET", "/users/count").status, 200);
}

// As if the network were gone: nothing comes back, and nobody says so.
TEST_F(UsersLimitsTest, AConnectionThatSaysNothingIsGivenUp) {
  config_.query_timeout = std::chrono::milliseconds(20);
  config_.statement_timeout = std::chrono::hours(1);
  Start();
  Lock();
  EXPECT_EQ(Ask(port_, "GET", "/users/count").status, 503);
  Unlock();
  while (Ask(port_, "GET", "/users/count").status != 200) {
  }
}

TEST_F(UsersOutageTest, MigrationsAreMadeOnce) {
  ServiceUnderTest first(Flags(), kUsers);
  ServiceUnderTest second(Flags(), kUsers);
  ASSERT_NE(second.port(), 0);
  EXPECT_EQ(Ask(first.port(), "POST", "/users", kAda).status, 201);
  EXPECT_EQ(Ask(second.port(), "GET", "/users/count").body, R"({"count":1})");
  Psql psql(url_);
  EXPECT_EQ(psql.Do("SELECT string_agg(version::text, ',' ORDER BY version) "
                    "FROM schema_migrations"),
            "1");
  psql.Do("INSERT INTO schema_migrations (version) VALUES (99)");
  ServiceUnderTest old(Flags(), kUsers);
  const ServiceUnderTest::End end = old.Wait();
  EXPECT_EQ(end.exit_code, 5);
  EXPECT_NE(end.errors.find("it has migration 99, but this program knows 1"), std::string::npos)
      << end.errors;
}

TEST_F(UsersOutageTest, ServicesThatStartTogetherTakeTurns) {
  std::vector<std::unique_ptr<ServiceUnderTest>> services(6);
  std::vector<std::thread> starters;
  for (auto& service : services) {
    starters.emplace_back([&] { service = std::make_unique<ServiceUnderTest>(Flags(), kUsers); });
  }
  for (std::thread& starter : starters) starter.join();
  for (const auto& service : services) EXPECT_NE(service->port(), 0);
}

TEST_F(UsersOutageTest, StepsAreMadeInOrderAndNoneHalf) {
  const Migration good[] = {"CREATE TABLE a (n int)",
                            "ALTER TABLE a ADD m int; INSERT INTO a "
                            "VALUES (1, 2)"};
  const Migration bad[] = {good[0], good[1], "CREATE TABLE b (n int); SELECT 1/0"};
  EXPECT_TRUE(Migrate(url_, {good, 1}).ok());
  EXPECT_TRUE(Migrate(url_, good).ok());
  EXPECT_TRUE(Migrate(url_, good).ok());
  const absl::Status status = Migrate(url_, bad);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message().substr(0, 13), "migration 3: ");
  Psql psql(url_);
  EXPECT_EQ(psql.Do("SELECT count(*) FROM a WHERE n = 1 AND m = 2"), "1");
  EXPECT_EQ(psql.Do("SELECT max(version) FROM schema_migrations"), "2");
  EXPECT_EQ(psql.Do("SELECT to_regclass('b') IS NULL"), "t");
}

// These need no database, and so are never skipped.
TEST(UsersStartTest, WrongCommandLinesAreNamed) {
  const std::vector<std::pair<std::vector<std::string>, int>> wrong = {
      {{}, 2},
      {{"--database-url", "postgresql://[x"}, 2},
      {{"--database-url", "no such keyword=1"}, 2},
      {{"--pool-size", "0"}, 2},
      {{"--database-url", "host=/nowhere dbname=none"}, 5},
  };
  unsetenv("DATABASE_URL");
  for (const auto& [flags, code] : wrong) {
    ServiceUnderTest service(flags, kUsers);
    const ServiceUnderTest::End end = service.Wait();
    EXPECT_EQ(end.exit_code, code) << end.errors;
    EXPECT_EQ(end.errors.rfind("users: ", 0), 0U) << end.errors;
    EXPECT_EQ(service.first_line() + end.more_output, "");
  }
  setenv("DATABASE_URL", "host=/elsewhere", 1);
  ServiceUnderTest service({}, kUsers);
  EXPECT_NE(service.Wait().errors.find("/elsewhere"), std::string::npos);
  unsetenv("DATABASE_URL");
}

TEST(UsersStartTest, HelpNamesEveryFlagAndNoSecret) {
  setenv("DATABASE_URL", "postgresql://u:hidden@h/d", 1);
  ServiceUnderTest service({"--help"}, kUsers);
  const ServiceUnderTest::End end = service.Wait();
  unsetenv("DATABASE_URL");
  EXPECT_EQ(end.exit_code, 0);
  const std::string help = service.first_line() + end.more_output;
  for (const char* flag : {"--host", "--port", "--threads", "--database-url", "--pool-size"}) {
    EXPECT_NE(help.find(flag), std::string::npos) << flag;
  }
  EXPECT_EQ(help.find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace drumline::target
