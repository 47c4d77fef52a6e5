// The users service as the target of campaigns.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/integration/echo/service_under_test.h"
#include "tests/integration/users/postgres_under_test.h"

namespace drumline::target {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

class UsersCampaignTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresUnderTest::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    postgres_ = std::make_unique<PostgresUnderTest>();
    url_ = postgres_->url("test");
    setenv("DATABASE_URL", url_.c_str(), 1);
    std::string pattern = testing::TempDir() + "/campaign-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { unsetenv("DATABASE_URL"); }

  ServiceUnderTest::End Run(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"run", "--results", directory_ + "/results"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    ServiceUnderTest controller(all, "controller/controller");
    return controller.Wait();
  }

  // Of the one campaign.
  json::value Report() const {
    for (const auto& bundle : fs::directory_iterator(directory_ + "/results")) {
      std::ifstream file(bundle.path() / "report.json");
      std::stringstream text;
      text << file.rdbuf();
      return json::parse(text.str());
    }
    return nullptr;
  }

  std::unique_ptr<PostgresUnderTest> postgres_;
  std::string url_;
  std::string directory_;
};

// 64-bit counts are texts in JSON.
int64_t Count(const json::value& ledger, const char* name) {
  return std::stoll(std::string(ledger.at(name).as_string()));
}

void ExpectBalanced(const json::value& ledger) {
  EXPECT_EQ(Count(ledger, "scheduled"), Count(ledger, "sent") + Count(ledger, "unsent"));
  int64_t ended = 0;
  for (const char* outcome : {"ok", "bad_status", "bad_body", "timeout", "refused", "reset",
                              "protocol_error", "censored"}) {
    ended += Count(ledger, outcome);
  }
  EXPECT_EQ(Count(ledger, "sent"), ended);
}

// As a target that the controller starts, by the scenario's word for it.
TEST_F(UsersCampaignTest, IsATargetOfALocalFleet) {
  ServiceUnderTest service({"--threads", "1", "--database-url", url_},
                           "target-services/users/users");
  Client client(service.port());
  client.Send(MakeRequest("POST", "/users", R"({"email":"ada@example.org","name":"Ada"})"));
  ASSERT_EQ(client.Receive().status, 201);
  std::ofstream(directory_ + "/scenario.yaml")
      << "name: users\n"
         "target: {service: users}\n"
         "request: {expect: {status: 200, body_contains: ada@example.org}, timeout: 30s}\n"
         "load: {concurrency: 4, requests: 500}\n"
         "drain: 30s\n"
         // What the machine does to a tenth of a second is not this test's affair.
         "validity: {max_steal_percent: 100, max_throttled_percent: 100,\n"
         "           max_hiccup: p99 < 1m, max_start_skew: 10s}\n"
         "slo: [errors <= 0%]\n";
  const ServiceUnderTest::End end = Run({directory_ + "/scenario.yaml"});
  EXPECT_EQ(end.exit_code, 0) << end.more_output << end.errors;
  EXPECT_NE(end.more_output.find("ok 500"), std::string::npos) << end.more_output;
}

// Shipped scenarios, small. What a busy machine does to their times is not held against them.
class ShippedScenarioTest : public UsersCampaignTest {
 protected:
  void RunSmall(const std::string& name, const std::string& load, const std::string& time) {
    const ServiceUnderTest::End end =
        Run({"configs/" + name + ".yaml", "--scale", load, "--time-scale", time});
    const std::set<int> carried_out = {0, 1, 3, 4};
    ASSERT_EQ(carried_out.count(end.exit_code), 1U) << end.exit_code << end.errors;
    report_ = Report();
    ASSERT_TRUE(report_.is_object()) << end.errors;
    EXPECT_EQ(report_.at("name").as_string(), name + "-scaled");
    ASSERT_EQ(report_.at("runs").as_array().size(), 1U);
    const json::value& run = report_.at("runs").as_array()[0];
    ExpectBalanced(run.at("ledger"));
    EXPECT_EQ(Count(run.at("ledger"), "ok"), Count(run.at("ledger"), "sent")) << end.more_output;
    EXPECT_NE(run.at("verdict").at("validity").as_string(), "");
    // No request failed, be they enough to be sure of the service or not.
    for (const json::value& bound : run.at("slo").as_array()) {
      if (bound.at("expression").as_string().starts_with("errors")) {
        EXPECT_NE(bound.at("result").as_string(), "FAIL") << end.more_output;
      }
    }
  }

  json::value report_;
};

TEST_F(ShippedScenarioTest, UsersRunsSmall) { RunSmall("users", "0.1", "0.05"); }

TEST_F(ShippedScenarioTest, UsersCrudAsksEachOfTheTenEndpoints) {
  RunSmall("users-crud", "0.1", "0.02");
  const json::value& run = report_.at("runs").as_array()[0];
  std::map<std::string, int64_t> ok;
  int64_t sum = 0;
  for (const json::value& request : run.at("requests").as_array()) {
    ExpectBalanced(request.at("ledger"));
    ok[std::string(request.at("name").as_string())] = Count(request.at("ledger"), "ok");
    sum += Count(request.at("ledger"), "ok");
  }
  EXPECT_EQ(ok.size(), 10U);
  for (const auto& [name, count] : ok) EXPECT_GT(count, 0) << name;
  EXPECT_EQ(sum, Count(run.at("ledger"), "ok"));
  // 1,000 flows, in exact blocks of 100 but for those at either end of the window.
  EXPECT_NEAR(static_cast<double>(sum), 2'000, 200);
  // The database agrees: nobody's address was another's, and all but the imported are gone.
  Psql psql(url_);
  EXPECT_EQ(psql.Do("SELECT count(*) FROM users WHERE email NOT LIKE 'one-%' "
                    "AND email NOT LIKE 'two-%'"),
            "0");
  const std::string imported = psql.Do("SELECT count(*) / 2 FROM users");
  EXPECT_GE(std::stoll(imported), ok["batch"]);  // Those of the warm-up, too.
  ServiceUnderTest service({"--threads", "1"}, "target-services/users/users");
  Client client(service.port());
  client.Send(MakeRequest("GET", "/users/count"));
  EXPECT_EQ(client.Receive().body, "{\"count\":" + psql.Do("SELECT count(*) FROM users") + "}");
}

}  // namespace
}  // namespace drumline::target
