// Environments load or are refused with their place, and scenarios take from them what they name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "controller/planner/environment_text.h"
#include "controller/scenario/cpu_list.h"
#include "controller/scenario/environment_loader.h"
#include "controller/scenario/price.h"
#include "controller/scenario/scenario_loader.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr char kEnvironment[] = R"(name: lab
prices_as_of: 2026-11-01
machines:
  big: {cpu: Xeon, architecture: x86_64, cores: 8, threads: 16, memory: 64GiB, price: 1.25 USD/h}
  small: {cpu: Graviton, architecture: arm64, cores: 4, memory: 8GiB, price: 0.1 USD/h}
hosts:
  t1: {role: target, machine: big, address: 10.9.0.10, ports: {echo: 8080, api: 8081}, cores: 2-5}
  t2: {role: target, machine: big, address: "fd00::2", ports: {echo-dom: 80, metrics: 9000}}
  t3: {role: target, machine: big, address: shop.example, ports: {shop: 80}}
  g1: {role: generator, machine: small, address: 10.9.0.21}
  g2: {role: generator, machine: small, address: 10.9.0.22}
  c: {role: controller, machine: small, address: 10.9.0.2, ports: {agents: 7070}}
)";

std::vector<std::string> Words(const std::vector<Fault>& faults) {
  std::vector<std::string> words;
  for (const Fault& fault : faults) words.push_back(FormatFault(fault));
  return words;
}

proto::EnvironmentFile Load(const std::string& text) {
  EnvironmentResult result = LoadEnvironmentText(text, "lab.yaml");
  if (auto* faults = std::get_if<std::vector<Fault>>(&result)) {
    ADD_FAILURE() << absl::StrJoin(Words(*faults), "\n");
    return {};
  }
  return std::get<proto::EnvironmentFile>(result);
}

// The faults of the environment above with one text in the place of another.
std::vector<std::string> FaultsWith(absl::string_view old, absl::string_view replacement) {
  const std::string text = absl::StrReplaceAll(kEnvironment, {{old, replacement}});
  EXPECT_NE(text, kEnvironment) << old << " is not there";
  const EnvironmentResult result = LoadEnvironmentText(text, "lab.yaml");
  const auto* faults = std::get_if<std::vector<Fault>>(&result);
  return faults == nullptr ? std::vector<std::string>() : Words(*faults);
}

TEST(LoadEnvironment, KnowsHostsMachinesAndPrices) {
  const proto::EnvironmentFile lab = Load(kEnvironment);
  EXPECT_EQ(lab.hosts_size(), 6);
  EXPECT_EQ(lab.hosts().at("t1").ports().at("api"), 8081u);
  EXPECT_EQ(lab.machines().at("big").price().micro_per_hour(), 1'250'000);
  EXPECT_EQ(lab.machines().at("big").threads(), 16u);
  EXPECT_EQ(lab.machines().at("small").threads(), 4u) << "as many as cores where it names none";
  EXPECT_EQ(lab.machines().at("big").memory().bytes(), int64_t{64} << 30);
  // 3 × 1.25 + 3 × 0.1
  EXPECT_EQ(EnvironmentLine(lab),
            "lab: 1 controller, 2 generators, 3 targets; 4.05 USD/h (prices of 2026-11-01)");
}

TEST(LoadEnvironment, WhatHasNoPriceIsSaid) {
  std::string text = absl::StrReplaceAll(kEnvironment, {{", price: 0.1 USD/h", ""}});
  EXPECT_THAT(EnvironmentLine(Load(text)),
              HasSubstr("3.75 USD/h (prices of 2026-11-01), without 3 whose price is not known"));
  text = absl::StrReplaceAll(text, {{", price: 1.25 USD/h", ""}});
  EXPECT_THAT(EnvironmentLine(Load(text)), HasSubstr("no price is known"));
}

TEST(LoadEnvironment, FaultsHaveTheirPlace) {
  EXPECT_THAT(FaultsWith("arm64", "arm"),
              ElementsAre(HasSubstr("lab.yaml:5:40: `machines.small.architecture`: expected one of "
                                    "x86_64, arm64; `arm` is not known")));
  EXPECT_THAT(FaultsWith("machine: small, address: 10.9.0.22", "machine: smal, address: 10.9.0.22"),
              ElementsAre("lab.yaml:11:34: `hosts.g2.machine`: `smal` is none of `machines`; did "
                          "you mean `small`?"));
  EXPECT_THAT(FaultsWith("10.9.0.22", "10.9.0.21"),
              ElementsAre(HasSubstr("`10.9.0.21` is the address of `g1` already")));
  EXPECT_THAT(FaultsWith("prices_as_of: 2026-11-01", "description: x"),
              ElementsAre(HasSubstr("lab.yaml:4:"), HasSubstr("has no date")));
  EXPECT_THAT(FaultsWith("2026-11-01", "2026-11-31"), ElementsAre(HasSubstr("is no day")));
  EXPECT_THAT(FaultsWith("0.1 USD/h", "0.1 EUR/h"), ElementsAre(HasSubstr("cannot be added")));
  EXPECT_THAT(FaultsWith("0.1 USD/h", "0.1/h"), ElementsAre(HasSubstr("has no currency")));
  EXPECT_THAT(FaultsWith("threads: 16", "threads: 7"), ElementsAre(HasSubstr("fewer than its 8")));
  EXPECT_THAT(FaultsWith("cores: 2-5", "cores: 2-16"),
              ElementsAre(HasSubstr("logical CPUs 0 to 15; 16 is not one of them")));
  EXPECT_THAT(FaultsWith("cores: 2-5", "cores: 7-2"), ElementsAre(HasSubstr("goes down")));
  EXPECT_THAT(FaultsWith("10.9.0.21", "10.9.0.21, ports: {echo: 80}"),
              ElementsAre(HasSubstr("a generator listens nowhere")));
  EXPECT_THAT(FaultsWith(", ports: {shop: 80}", ""), ElementsAre(HasSubstr("has no port")));
  EXPECT_THAT(FaultsWith("agents: 7070", "agent: 7070"),
              ElementsAre(HasSubstr("without the port at which agents dial in")));
  EXPECT_THAT(FaultsWith("role: generator, machine: small, address: 10.9.0.22",
                         "role: controller, machine: small, address: 10.9.0.22, "
                         "ports: {agents: 1}"),
              ElementsAre(HasSubstr("second controller")));
  EXPECT_THAT(FaultsWith("address: shop.example", "address: http://shop"),
              ElementsAre(HasSubstr("is neither a name nor an address")));
  EXPECT_THAT(FaultsWith("shop: 80", "shop: 0"), ElementsAre(HasSubstr("must be at least 1")));
  EXPECT_THAT(
      FaultsWith("role: generator, machine: small, address: 10.9.0.22", "rolle: generator"),
      UnorderedElementsAre(HasSubstr("did you mean `role`?"), HasSubstr("`hosts.g2.machine`"),
                           HasSubstr("`hosts.g2.address`")));
}

constexpr char kCosts[] = R"(name: lab
costs: {rate: 9k/s, replicas: 2, developer_rate: 90 USD/h,
        sla: {promise: errors < 0.1%, penalty: 500 USD/h}}
)";

TEST(LoadEnvironment, CostsAreOptionalInputsInOneCurrency) {
  const std::string text = absl::StrReplaceAll(kEnvironment, {{"name: lab\n", kCosts}});
  const proto::Costs costs = Load(text).costs();
  EXPECT_EQ(costs.rate().micro_per_hour(), int64_t{9'000} * 3'600'000'000);
  EXPECT_EQ(costs.zones(), 0u);
  EXPECT_EQ(costs.sla().promise().limit(), 0.001);
  EXPECT_FALSE(Load(kEnvironment).has_costs());
  const auto faults_with = [&](absl::string_view old, absl::string_view replacement) {
    const EnvironmentResult result =
        LoadEnvironmentText(absl::StrReplaceAll(text, {{old, replacement}}), "lab.yaml");
    return std::holds_alternative<std::vector<Fault>>(result)
               ? Words(std::get<std::vector<Fault>>(result))
               : std::vector<std::string>();
  };
  EXPECT_THAT(faults_with("500 USD/h", "500 EUR/h"),
              ElementsAre(HasSubstr("cannot be added: convert one of them")));
  EXPECT_THAT(faults_with("errors < 0.1%", "p99 < 1s"),
              ElementsAre(HasSubstr("`p99 < 1s` is no availability")));
  EXPECT_THAT(faults_with("replicas: 2", "replicas: 0"), ElementsAre(HasSubstr("at least 1")));
}

TEST(LoadEnvironment, WhatIsNoMappingIsRefusedAsAnEnvironment) {
  const EnvironmentResult result = LoadEnvironmentText("[1]", "lab.yaml");
  ASSERT_TRUE(std::holds_alternative<std::vector<Fault>>(result));
  EXPECT_THAT(Words(std::get<std::vector<Fault>>(result)),
              ElementsAre(HasSubstr("an environment is a mapping")));
}

TEST(Price, IsExactAndComesBackAsItWas) {
  for (const char* text : {"0.58 USD/h", "0 EUR/h", "1000000 USD/h", "0.000001 USD/h"}) {
    const absl::StatusOr<proto::Price> price = ParsePrice(text);
    ASSERT_TRUE(price.ok()) << price.status();
    EXPECT_EQ(FormatPrice(*price), text);
  }
  for (const char* text : {"", "USD/h", "1 usd/h", "1 USD", "1 USD/d", "-1 USD/h", "1 USDX/h",
                           "0.0000001 USD/h", "1000001 USD/h", "1e3 USD/h"}) {
    EXPECT_FALSE(ParsePrice(text).ok()) << text;
  }
}

TEST(Money, IsExactAndAnAmountIsNoPrice) {
  EXPECT_EQ(ParseMoney("12000 USD").value_or(proto::Money()).micro(), 12'000'000'000);
  EXPECT_EQ(ParseMoney("0.5EUR").value_or(proto::Money()).currency(), "EUR");
  for (const char* text : {"", "12000", "1 USD/h", "1 usd", "0.0000001 USD", "1000000001 USD"}) {
    EXPECT_FALSE(ParseMoney(text).ok()) << text;
  }
}

TEST(CpuList, HighestOrWhy) {
  EXPECT_EQ(HighestCpu("0").value_or(99), 0u);
  EXPECT_EQ(HighestCpu("32-47,0-15").value_or(99), 47u);
  for (const char* text : {"", ",", "1,", "a", "1-", "-1", "3-1", "1,1", "0-5,5", "4096", "1--2"}) {
    EXPECT_FALSE(HighestCpu(text).ok()) << text;
  }
}

// A scenario in a tree of its own, with the environment above as configs/environments/lab.yaml.
class ScenarioWithEnvironment : public testing::Test {
 protected:
  ScenarioWithEnvironment() {
    std::filesystem::remove_all(root_);
    Write("configs/environments/lab.yaml", kEnvironment);
    std::filesystem::create_directories(root_ + "/configs/scenarios");
  }

  void Write(const std::string& file, const std::string& text) const {
    const std::filesystem::path path = root_ + "/" + file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  LoadResult LoadIt(const std::string& head) const {
    return LoadScenarioText(
        absl::StrCat("name: x\n", head, "\nrequest: {}\nload: {rate: 1k/s}\nmeasure: 10s\n"),
        "x.yaml", root_ + "/configs/scenarios");
  }

  LoadedScenario Right(const std::string& head) const {
    LoadResult result = LoadIt(head);
    if (auto* faults = std::get_if<std::vector<Fault>>(&result)) {
      ADD_FAILURE() << absl::StrJoin(Words(*faults), "\n");
      return {};
    }
    return std::get<LoadedScenario>(std::move(result));
  }

  std::vector<std::string> Wrong(const std::string& head) const {
    LoadResult result = LoadIt(head);
    const auto* faults = std::get_if<std::vector<Fault>>(&result);
    return faults == nullptr ? std::vector<std::string>() : Words(*faults);
  }

  const std::string root_ = testing::TempDir() + "/environment_test";
};

TEST_F(ScenarioWithEnvironment, TargetsAreWhereTheirHostsAre) {
  const LoadedScenario loaded = Right(
      "environment: lab\ntargets: {a: {host: t1, service: api}, b: {host: t2}, c: {host: t1, "
      "service: echo, metrics: \"http://other:1/m\"}}");
  const auto& targets = loaded.scenario.targets();
  EXPECT_EQ(targets.at("a").url(), "http://10.9.0.10:8081/api");
  EXPECT_EQ(targets.at("a").metrics().url(), "http://10.9.0.10:8081/metrics");
  EXPECT_EQ(targets.at("a").metrics().histogram(), "http_request_duration_seconds");
  EXPECT_EQ(targets.at("a").service(), proto::SERVICE_UNSPECIFIED) << "nothing is started";
  EXPECT_EQ(targets.at("b").url(), "http://[fd00::2]:80/echo");
  EXPECT_EQ(targets.at("b").metrics().url(), "http://[fd00::2]:9000/metrics");
  EXPECT_EQ(targets.at("c").metrics().url(), "http://other:1/m");
  ASSERT_TRUE(loaded.environment.has_value());
  EXPECT_EQ(loaded.environment->hosts_size(), 6);
}

TEST_F(ScenarioWithEnvironment, AgentsAreAsManyAsGenerators) {
  const std::string cluster =
      "environment: lab\ntarget: {host: t2}\ncluster: {listen: "
      "\"127.0.0.1:0\"}\n";
  EXPECT_EQ(Right(cluster).scenario.agents().count(), 2u);
  EXPECT_EQ(Right(cluster + "agents: {count: 1}").scenario.agents().count(), 1u);
  EXPECT_THAT(Wrong(cluster + "agents: {count: 3}"),
              ElementsAre(HasSubstr("`lab` has 2 generators, fewer than 3")));
  EXPECT_EQ(Right("environment: lab\ntarget: {host: t2}").scenario.agents().count(), 1u)
      << "a local fleet brings its own";
}

TEST_F(ScenarioWithEnvironment, FilesAreFoundBesideAroundAndByPath) {
  const std::string target = "\ntarget: {host: t2}";
  const LoadedScenario by_path = Right("environment: ../environments/lab.yaml" + target);
  EXPECT_EQ(by_path.scenario.targets_size(), 1);
  EXPECT_EQ(by_path.scenario.environment(), "lab") << "the label is the name, not the path";
  Write("configs/scenarios/environments/lab.yaml",
        absl::StrReplaceAll(kEnvironment, {{"fd00::2", "fd00::3"}}));
  EXPECT_EQ(Right("environment: lab" + target).scenario.targets().begin()->second.url(),
            "http://[fd00::3]:80/echo")
      << "the one beside the scenario comes first";
  EXPECT_THAT(Wrong("environment: ./none.yaml\ntarget: {service: echo}"),
              ElementsAre(HasSubstr("none.yaml: cannot be read")));
}

TEST_F(ScenarioWithEnvironment, ANameWithoutAFileIsALabel) {
  const LoadedScenario loaded = Right("environment: laptop\ntarget: {service: echo}");
  EXPECT_EQ(loaded.scenario.environment(), "laptop");
  EXPECT_FALSE(loaded.environment.has_value());
  EXPECT_THAT(Wrong("environment: laptop\ntarget: {host: t1}"),
              ElementsAre(HasSubstr("x.yaml:3:16: `target.host`: there is no file for the "
                                    "environment `laptop`")));
}

TEST_F(ScenarioWithEnvironment, WrongHostsAreNamed) {
  const std::string lab = "environment: lab\ntarget: ";
  EXPECT_THAT(Wrong("target: {host: t1}"),
              ElementsAre(HasSubstr("the scenario names no environment")));
  EXPECT_THAT(Wrong(lab + "{host: g1}"),
              ElementsAre(HasSubstr("`g1` is no target of `lab`, which has t1, t2, t3")));
  EXPECT_THAT(Wrong(lab + "{host: t1}"), ElementsAre(HasSubstr("`t1` has api, echo: say which")));
  EXPECT_THAT(Wrong(lab + "{host: t1, service: users}"),
              ElementsAre(HasSubstr("`users` does not listen on `t1`")));
  EXPECT_THAT(Wrong(lab + "{host: t3}"), ElementsAre(HasSubstr("write the url")));
  EXPECT_THAT(Wrong(lab + "{host: t2, url: \"http://a/\"}"),
              ElementsAre(HasSubstr("has a url and a host")));
  EXPECT_THAT(Wrong(lab + "{host: t2, threads: 2}"), ElementsAre(HasSubstr("`target.threads`")));
}

TEST_F(ScenarioWithEnvironment, CostsOfATargetAreInTheCurrencyOfThePrices) {
  const std::string costs = ", costs: {developer_hours: 480, yearly_bug_cost: 12000 USD}}";
  const LoadedScenario loaded = Right("environment: lab\ntarget: {host: t2" + costs);
  const proto::TargetCosts& read = loaded.scenario.targets().begin()->second.costs();
  EXPECT_EQ(read.developer_hours(), 480u);
  EXPECT_EQ(read.yearly_bug_cost().micro(), 12'000'000'000);
  EXPECT_THAT(Wrong("target: {service: echo" + costs),
              ElementsAre(HasSubstr("name an `environment` whose machines have prices")));
  EXPECT_THAT(
      Wrong("environment: lab\ntarget: {host: t2" + absl::StrReplaceAll(costs, {{"USD", "EUR"}})),
      ElementsAre(HasSubstr("is in EUR, and the environment's prices in USD")));
  EXPECT_THAT(Wrong("environment: lab\ntarget: {host: t2, costs: {developer_hours: 1}}"),
              ElementsAre(HasSubstr("yearly_bug_cost")));
}

TEST_F(ScenarioWithEnvironment, FaultsOfTheEnvironmentAreItsOwn) {
  Write("configs/environments/lab.yaml",
        absl::StrReplaceAll(kEnvironment, {{"8080", "80800"}, {"arm64", "arm"}}));
  EXPECT_THAT(Wrong("environment: lab\ntarget: {host: t1}"),
              ElementsAre(HasSubstr("lab.yaml:5:40: "), HasSubstr("lab.yaml:7:")));
}

TEST(ShippedEnvironments, AllLoadUnderTheirNames) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("configs/environments")) {
    ++files;
    const EnvironmentResult result = LoadEnvironment(entry.path().string());
    const auto* environment = std::get_if<proto::EnvironmentFile>(&result);
    ASSERT_NE(environment, nullptr) << entry.path();
    EXPECT_EQ(environment->name(), entry.path().stem());
    EXPECT_THAT(EnvironmentLine(*environment), HasSubstr("4 generators, 2 targets"));
  }
  EXPECT_EQ(files, 2);
}

}  // namespace
}  // namespace drumline
