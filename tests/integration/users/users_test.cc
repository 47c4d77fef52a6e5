// The users service with a real PostgreSQL: its ten endpoints, and a model of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/echo/service_under_test.h"
#include "tests/integration/users/postgres_under_test.h"

namespace drumline::target {
namespace {

namespace json = boost::json;

constexpr const char* kUsers = "target-services/users/users";

std::string Body(const std::string& email, const std::string& name) {
  return json::serialize(json::object{{"email", email}, {"name", name}});
}

std::string TextOf(const json::value& object, const char* field) {
  return object.at(field).as_string().c_str();
}

// One PostgreSQL for all tests, a database for each.
class UsersTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (PostgresUnderTest::Installed()) postgres_ = new PostgresUnderTest();
  }
  static void TearDownTestSuite() {
    delete postgres_;
    postgres_ = nullptr;
  }

  void SetUp() override {
    if (postgres_ == nullptr) GTEST_SKIP() << "PostgreSQL is not installed";
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    std::string database = "db_" + name;
    std::transform(database.begin(), database.end(), database.begin(), ::tolower);
    url_ = postgres_->url(database);
    service_ = std::make_unique<ServiceUnderTest>(
        std::vector<std::string>{"--threads", "2", "--database-url", url_}, kUsers);
    client_ = std::make_unique<Client>(service_->port());
  }

  Answer Ask(std::string_view method, const std::string& target, std::string_view body = "") {
    client_->Send(MakeRequest(method, target, body));
    return client_->Receive();
  }
  json::value Read(const Answer& answer) { return json::parse(answer.body); }

  static PostgresUnderTest* postgres_;
  std::string url_;
  std::unique_ptr<ServiceUnderTest> service_;
  std::unique_ptr<Client> client_;
};

PostgresUnderTest* UsersTest::postgres_ = nullptr;

TEST_F(UsersTest, AUserLivesAndDies) {
  const Answer created = Ask("POST", "/users", Body("Ada@Example.org", "Ada Lovelace"));
  ASSERT_EQ(created.status, 201) << created.body;
  const json::value ada = Read(created);
  EXPECT_EQ(ada.at("id").to_number<int>(), 1);
  EXPECT_EQ(TextOf(ada, "email"), "ada@example.org");
  EXPECT_EQ(TextOf(ada, "name"), "Ada Lovelace");
  EXPECT_EQ(TextOf(ada, "created_at"), TextOf(ada, "updated_at"));
  EXPECT_EQ(TextOf(ada, "created_at").size(), 27U);

  EXPECT_EQ(Ask("GET", "/users/1").body, created.body);
  EXPECT_EQ(Ask("GET", "/users/by-email/ADA%40example.org").body, created.body);
  EXPECT_EQ(Ask("GET", "/users/count").body, R"({"count":1})");
  EXPECT_EQ(Ask("GET", "/users").body,
            R"({"users":[)" + created.body + R"(],"page":1,"limit":10})");

  const json::value renamed = Read(Ask("PATCH", "/users/1", R"({"name":"Countess"})"));
  EXPECT_EQ(TextOf(renamed, "email"), "ada@example.org");
  EXPECT_EQ(TextOf(renamed, "name"), "Countess");
  EXPECT_EQ(TextOf(renamed, "created_at"), TextOf(ada, "created_at"));
  EXPECT_GT(TextOf(renamed, "updated_at"), TextOf(ada, "updated_at"));
  const Answer replaced = Ask("PUT", "/users/1", Body("al@example.org", "A. L."));
  EXPECT_EQ(replaced.status, 200);
  EXPECT_EQ(TextOf(Read(replaced), "email"), "al@example.org");
  EXPECT_EQ(Ask("GET", "/users/by-email/ada@example.org").status, 404);

  const Answer gone = Ask("DELETE", "/users/1");
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.body, "");
  for (const char* method : {"GET", "DELETE"}) EXPECT_EQ(Ask(method, "/users/1").status, 404);
  EXPECT_EQ(Ask("PUT", "/users/1", Body("a@b.org", "AB")).status, 404);
  EXPECT_EQ(Ask("PATCH", "/users/1", R"({"name":"AB"})").status, 404);
  EXPECT_EQ(Ask("GET", "/users/count").body, R"({"count":0})");
}

TEST_F(UsersTest, EmailsAreUniqueWhateverTheirCase) {
  ASSERT_EQ(Ask("POST", "/users", Body("a@example.org", "First")).status, 201);
  ASSERT_EQ(Ask("POST", "/users", Body("b@example.org", "Second")).status, 201);
  const Answer taken = Ask("POST", "/users", Body("A@EXAMPLE.ORG", "Third"));
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(taken.body, R"({"error":"email: already taken"})");
  const std::string id =
      "/users/" +
      std::to_string(Read(Ask("GET", "/users/by-email/b@example.org")).at("id").to_number<int>());
  EXPECT_EQ(Ask("PUT", id, Body("a@example.org", "Second")).status, 409);
  EXPECT_EQ(Ask("PATCH", id, R"({"email":"a@example.org"})").status, 409);
  EXPECT_EQ(Ask("PATCH", id, R"({"email":"B@example.org"})").status, 200);  // Its own.
}

TEST_F(UsersTest, ABatchIsAllOrNothing) {
  json::array users;
  for (int i = 0; i < 100; ++i) {
    const std::string number = std::to_string(i);
    users.push_back({{"email", "u" + number + "@example.org"}, {"name", "{\"\\,} " + number}});
  }
  const Answer created = Ask("POST", "/users/batch", json::serialize(users));
  ASSERT_EQ(created.status, 201) << created.body;
  const json::value rows = Read(created);
  ASSERT_EQ(rows.at("users").as_array().size(), 100U);
  for (size_t i = 0; i < 100; ++i) {
    const json::value& row = rows.at("users").as_array()[i];
    EXPECT_EQ(TextOf(row, "email"), TextOf(users[i], "email"));
    EXPECT_EQ(TextOf(row, "name"), TextOf(users[i], "name"));
    EXPECT_EQ(row.at("id").to_number<size_t>(), i + 1);
  }
  const std::string taken =
      R"([{"email":"new@example.org","name":"New"},{"email":"U7@example.org","name":"Old"}])";
  EXPECT_EQ(Ask("POST", "/users/batch", taken).status, 409);
  const std::string twice =
      R"([{"email":"new@example.org","name":"New"},{"email":"NEW@example.org","name":"New"}])";
  EXPECT_EQ(Ask("POST", "/users/batch", twice).status, 409);
  const Answer unfit =
      Ask("POST", "/users/batch",
          R"([{"email":"new@example.org","name":"N"},7,{"email":1,"name":"New"}])");
  EXPECT_EQ(unfit.status, 400);
  EXPECT_EQ(unfit.body,
            R"({"error":"[0].name: expected 2 to 100 characters, none a control character; )"
            R"([1]: expected a JSON object; )"
            R"([2].email: expected an address such as ada@example.org"})");
  users.push_back(users.front());
  EXPECT_EQ(Ask("POST", "/users/batch", json::serialize(users)).status, 400);
  EXPECT_EQ(Ask("POST", "/users/batch", "[]").status, 400);
  EXPECT_EQ(Ask("GET", "/users/count").body, R"({"count":100})");
}

TEST_F(UsersTest, PagesShowTheNewestFirst) {
  for (int i = 1; i <= 25; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_EQ(Ask("POST", "/users", Body("u" + number + "@example.org", "User " + number)).status,
              201);
  }
  const auto ids = [&](const std::string& query) {
    std::vector<int> found;
    const json::value page = Read(Ask("GET", "/users" + query));
    for (const json::value& user : page.at("users").as_array()) {
      found.push_back(user.at("id").to_number<int>());
    }
    return found;
  };
  EXPECT_EQ(ids(""), (std::vector<int>{25, 24, 23, 22, 21, 20, 19, 18, 17, 16}));
  EXPECT_EQ(ids("?page=3"), (std::vector<int>{5, 4, 3, 2, 1}));
  EXPECT_EQ(ids("?limit=7&page=4"), (std::vector<int>{4, 3, 2, 1}));
  EXPECT_EQ(ids("?limit=100").size(), 25U);
  EXPECT_EQ(ids("?page=4").size(), 0U);
  EXPECT_EQ(ids("?limit=1&other=x"), (std::vector<int>{25}));
}

TEST_F(UsersTest, SaysWhatIsWrong) {
  const std::string email = "email: expected an address such as ada@example.org";
  const std::string name = "name: expected 2 to 100 characters, none a control character";
  const struct {
    const char* method;
    const char* target;
    std::string body;
    std::string error;
  } cases[] = {
      {"POST", "/users", "", "body: expected one JSON object with \"email\" and \"name\""},
      {"POST", "/users", "[]", "body: expected one JSON object with \"email\" and \"name\""},
      {"POST", "/users", "{}", email + "; " + name},
      {"POST", "/users", Body("a@b", "Ada"), email},
      {"PUT", "/users/1", Body("a@b.c", "A"), name},
      {"PUT", "/users/1", R"({"name":"Ada"})", email},
      {"PATCH", "/users/1", "{}", "body: expected \"email\" or \"name\" or both"},
      {"PATCH", "/users/1", R"({"name":null})", name},
      {"GET", "/users/x", "", "id: expected a number from 1 on"},
      {"DELETE", "/users/0", "", "id: expected a number from 1 on"},
      {"GET", "/users/by-email/nobody", "", email},
      {"GET", "/users/by-email/%zz", "", "expected two hexadecimal digits behind %"},
      {"GET", "/users?page=0", "", "page: expected a number from 1 to 1000000"},
      {"GET", "/users?limit=101&page=x", "",
       "page: expected a number from 1 to 1000000; limit: expected a number from 1 to 100"},
  };
  for (const auto& c : cases) {
    const Answer answer = Ask(c.method, c.target, c.body);
    EXPECT_EQ(answer.status, 400) << c.method << " " << c.target << " " << c.body;
    EXPECT_EQ(TextOf(Read(answer), "error"), c.error)
        << c.method << " " << c.target << " " << c.body;
  }
  EXPECT_EQ(Ask("DELETE", "/users").status, 405);
  EXPECT_EQ(Ask("GET", "/users/1/more").status, 404);
  EXPECT_EQ(Ask("GET", "/users/count").body, R"({"count":0})");
}

TEST_F(UsersTest, HealthAsksTheDatabaseAndMetricsCountByRoute) {
  const Answer health = Ask("GET", "/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, R"({"status":"healthy","database":"connected"})");
  for (int i = 1; i <= 3; ++i) Ask("GET", "/users/" + std::to_string(i));
  const std::string metrics = Ask("GET", "/metrics").body;
  EXPECT_EQ(
      SumOf(metrics, "http_requests_total", R"(path="/users/{id}",method="GET",status="404")"), 3);
}

// Users by id; what a request answers follows from them.
class Model {
 public:
  struct User {
    std::string email;
    std::string name;
    bool operator==(const User&) const = default;
  };

  int Create(const User& user) {
    if (!emails_.insert(user.email).second) {
      ++last_id_;  // PostgreSQL takes the number before it finds the key taken.
      return 409;
    }
    users_[++last_id_] = user;
    return 201;
  }
  int Change(int id, const User& user) {
    const auto found = users_.find(id);
    if (found == users_.end()) return 404;
    if (user.email != found->second.email && emails_.count(user.email) > 0) return 409;
    emails_.erase(found->second.email);
    emails_.insert(user.email);
    found->second = user;
    return 200;
  }
  int Delete(int id) {
    const auto found = users_.find(id);
    if (found == users_.end()) return 404;
    emails_.erase(found->second.email);
    users_.erase(found);
    return 204;
  }
  const std::map<int, User>& users() const { return users_; }
  int last_id() const { return last_id_; }

 private:
  std::map<int, User> users_;
  std::set<std::string> emails_;
  int last_id_ = 0;
};

std::string RandomName(std::mt19937_64& random) {
  constexpr const char* kPieces[] = {"a", "Z",  " ", "'", "\"", "\\",   "é", "🥁",
                                     "%", "--", ";", "{", ",",  "NULL", "$1"};
  std::string name = "n";
  for (size_t i = 1 + random() % 8; i > 0; --i) name += kPieces[random() % std::size(kPieces)];
  return name;
}

TEST_F(UsersTest, AgreesWithAModel) {
  std::mt19937_64 random(2);
  Model model;
  for (int i = 0; i < 1'500; ++i) {
    // Few addresses, so that many are taken.
    const Model::User user{"u" + std::to_string(random() % 30) + "@example.org",
                           RandomName(random)};
    const int id = static_cast<int>(random() % static_cast<uint64_t>(model.last_id() + 2)) + 1;
    const std::string target = "/users/" + std::to_string(id);
    switch (random() % 5) {
      case 0:
        ASSERT_EQ(Ask("POST", "/users", Body(user.email, user.name)).status, model.Create(user));
        break;
      case 1:
        ASSERT_EQ(Ask("PUT", target, Body(user.email, user.name)).status, model.Change(id, user));
        break;
      case 2: {
        const auto found = model.users().find(id);
        Model::User changed = user;
        if (found != model.users().end()) changed.email = found->second.email;
        const std::string body = json::serialize(json::object{{"name", user.name}});
        ASSERT_EQ(Ask("PATCH", target, body).status, model.Change(id, changed));
        break;
      }
      case 3:
        ASSERT_EQ(Ask("DELETE", target).status, model.Delete(id));
        break;
      default: {
        const Answer answer = Ask("GET", target);
        const auto found = model.users().find(id);
        ASSERT_EQ(answer.status, found == model.users().end() ? 404 : 200);
        if (answer.status != 200) break;
        const json::value read = Read(answer);
        ASSERT_EQ(TextOf(read, "email"), found->second.email);
        ASSERT_EQ(TextOf(read, "name"), found->second.name);
      }
    }
  }
  std::map<int, Model::User> listed;
  for (int number = 1; number <= 4; ++number) {
    const json::value page = Read(Ask("GET", "/users?limit=10&page=" + std::to_string(number)));
    for (const json::value& user : page.at("users").as_array()) {
      listed[user.at("id").to_number<int>()] = {user.at("email").as_string().c_str(),
                                                user.at("name").as_string().c_str()};
    }
  }
  EXPECT_EQ(listed, model.users());
  EXPECT_GT(model.users().size(), 5U);
}

// Many at once want the same addresses: each is given once.
TEST_F(UsersTest, OneOfManyGetsTheAddress) {
  constexpr int kClients = 8;
  constexpr int kAddresses = 60;
  std::atomic<int> created = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      Client client(service_->port());
      for (int i = 0; i < kAddresses; ++i) {
        const int number = (i + c * 7) % kAddresses;
        client.Send(MakeRequest("POST", "/users",
                                Body("u" + std::to_string(number) + "@example.org", "Name")));
        const int status = client.Receive().status;
        (status == 201 ? created : taken) += 1;
        EXPECT_TRUE(status == 201 || status == 409) << status;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(created, kAddresses);
  EXPECT_EQ(taken, kAddresses * (kClients - 1));
  EXPECT_EQ(Ask("GET", "/users/count").body, R"({"count":60})");
}

// Pipelined on one connection, and so on their way to the database one behind the other.
TEST_F(UsersTest, AnswersComeInOrder) {
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests +=
        MakeRequest("POST", "/users", Body("u" + std::to_string(i) + "@example.org", "Name"));
    requests += MakeRequest("GET", "/users/by-email/u" + std::to_string(i) + "@example.org");
  }
  std::thread sender([&] { client_->Send(requests); });
  for (int i = 0; i < 200; ++i) {
    const Answer created = client_->Receive();
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(client_->Receive().body, created.body);
  }
  sender.join();
}

}  // namespace
}  // namespace drumline::target
