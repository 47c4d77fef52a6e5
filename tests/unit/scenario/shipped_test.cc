// The scenarios that are shipped load, and mean what their comments say.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "boost/json.hpp"
#include "controller/scenario/fault.h"
#include "controller/scenario/scenario_loader.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

proto::Scenario Load(const std::string& path) {
  LoadResult result = LoadScenario(path);
  if (auto* faults = std::get_if<std::vector<Fault>>(&result)) {
    for (const Fault& fault : *faults) ADD_FAILURE() << FormatFault(fault);
    return {};
  }
  return std::get<LoadedScenario>(result).scenario;
}

TEST(ShippedScenarios, AllLoad) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("configs")) {
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    EXPECT_EQ(Load(entry.path()).name(), entry.path().stem());
  }
  EXPECT_GE(files, 2);
}

TEST(ShippedScenarios, ServicesAreStarted) {
  const std::vector<std::pair<std::string, proto::Service>> services = {
      {"api", proto::SERVICE_API},
      {"items", proto::SERVICE_ITEMS},
      {"users", proto::SERVICE_USERS}};
  for (const auto& [name, service] : services) {
    const proto::Scenario scenario = Load("configs/" + name + ".yaml");
    EXPECT_EQ(scenario.targets().at(name).service(), service);
    EXPECT_GE(scenario.slo_size(), 2) << name;
  }
}

TEST(ShippedScenarios, Quickstart) {
  const proto::Scenario scenario = Load("configs/quickstart.yaml");
  EXPECT_EQ(scenario.targets().at("echo").service(), proto::SERVICE_ECHO);
  EXPECT_EQ(scenario.load().rate().micro_per_hour(), 5'000 * int64_t{3'600'000'000});
  EXPECT_EQ(scenario.load().connections(), 32u);
  EXPECT_EQ(scenario.warmup().ns(), 3 * kSecond);
  EXPECT_EQ(scenario.measure().ns(), 10 * kSecond);
  EXPECT_EQ(scenario.drain().ns(), 2 * kSecond);
  EXPECT_EQ(scenario.agents().count(), 2u);
  EXPECT_EQ(scenario.agents().max_send_lag().limit(), 20e6);
  EXPECT_EQ(scenario.slo_size(), 2);
}

TEST(ShippedScenarios, Echo100k) {
  const proto::Scenario scenario = Load("configs/echo-100k.yaml");
  EXPECT_EQ(scenario.targets_size(), 2);
  EXPECT_EQ(scenario.load().rate().micro_per_hour(), 100'000 * int64_t{3'600'000'000});
  EXPECT_EQ(scenario.repeats().count(), 3u);
  EXPECT_EQ(scenario.agents().count(), 4u);
  EXPECT_EQ(scenario.load().connections(), 10'000u);
  EXPECT_EQ(scenario.measure().ns(), 1800 * kSecond);
  EXPECT_EQ(scenario.warmup().ns(), 300 * kSecond);
}

TEST(ShippedScenarios, Echo100kOnAFleet) {
  const proto::Scenario scenario = Load("configs/echo-100k-fleet.yaml");
  EXPECT_EQ(scenario.targets().at("zero-copy").url(), "http://10.0.1.10:8080/echo");
  EXPECT_EQ(scenario.targets().at("dom").url(), "http://10.0.1.11:8080/echo");
  EXPECT_EQ(scenario.agents().count(), 4u);
}

// The names promise sizes, and the echo service reads this shape.
TEST(ShippedScenarios, PayloadsHaveTheirSizeAndShape) {
  const std::vector<std::pair<std::string, size_t>> payloads = {
      {"256B", 256}, {"512B", 512}, {"1KiB", 1024}};
  for (const auto& [name, size] : payloads) {
    std::ifstream file("configs/payloads/echo-" + name + ".json", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(text.size(), size) << name;
    boost::system::error_code error;
    const boost::json::value document = boost::json::parse(text, error);
    ASSERT_FALSE(error) << name << ": " << error.message();
    const boost::json::object& object = document.as_object();
    EXPECT_EQ(object.size(), 3u);
    EXPECT_GT(object.at("id").to_number<uint64_t>(), 0u);
    EXPECT_TRUE(object.at("user_agent").is_string());
    EXPECT_FALSE(object.at("metadata").as_array().empty());
    for (const boost::json::value& entry : object.at("metadata").as_array()) {
      EXPECT_TRUE(entry.is_string());
    }
  }
}

}  // namespace
}  // namespace drumline
