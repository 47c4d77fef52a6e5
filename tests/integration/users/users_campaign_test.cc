// The users service as the target of a campaign.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/integration/echo/service_under_test.h"
#include "tests/integration/users/postgres_under_test.h"

namespace drumline::target {
namespace {

// As a target that the controller starts, by the scenario's word for it.
TEST(UsersCampaignTest, IsATargetOfALocalFleet) {
  if (!PostgresUnderTest::Installed()) GTEST_SKIP() << "PostgreSQL is not installed";
  PostgresUnderTest postgres;
  const std::string url = postgres.url("test");
  ServiceUnderTest service({"--threads", "1", "--database-url", url},
                           "target-services/users/users");
  Client client(service.port());
  client.Send(MakeRequest("POST", "/users", R"({"email":"ada@example.org","name":"Ada"})"));
  ASSERT_EQ(client.Receive().status, 201);
  const std::string directory = testing::TempDir();
  std::ofstream(directory + "/scenario.yaml")
      << "name: users\n"
         "target: {service: users}\n"
         "request: {expect: {status: 200, body_contains: ada@example.org}, timeout: 30s}\n"
         "load: {concurrency: 4, requests: 500}\n"
         "drain: 30s\n"
         "slo: [errors <= 0%]\n";
  setenv("DATABASE_URL", url.c_str(), 1);
  ServiceUnderTest controller(
      {"run", directory + "/scenario.yaml", "--results", directory + "/results"},
      "controller/controller");
  const ServiceUnderTest::End end = controller.Wait();
  unsetenv("DATABASE_URL");
  EXPECT_EQ(end.exit_code, 0) << end.more_output << end.errors;
  EXPECT_NE(end.more_output.find("ok 500"), std::string::npos) << end.more_output;
}

}  // namespace
}  // namespace drumline::target
