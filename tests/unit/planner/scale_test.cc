// Factors against their closed forms: a rate times a length is a count, whatever they are made of.
#include "controller/planner/scale.h"

#include <gtest/gtest.h>

namespace drumline {
namespace {

constexpr int64_t kPerSecond = int64_t{3'600} * 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;

proto::Scenario OpenLoop() {
  proto::Scenario scenario;
  scenario.mutable_agents()->set_count(4);
  scenario.mutable_agents()->set_workers(2);
  scenario.mutable_load()->mutable_rate()->set_micro_per_hour(100'000 * kPerSecond);
  scenario.mutable_load()->set_connections(10'000);
  scenario.mutable_load()->mutable_connect_over()->set_ns(100 * kSecond);
  scenario.mutable_warmup()->set_ns(300 * kSecond);
  scenario.mutable_measure()->set_ns(1'800 * kSecond);
  scenario.mutable_drain()->set_ns(5 * kSecond);
  scenario.mutable_pause()->set_ns(10 * kSecond);
  scenario.mutable_request()->mutable_timeout()->set_ns(5 * kSecond);
  return scenario;
}

proto::Scaling Factors(double load, double time) {
  proto::Scaling scaling;
  scaling.set_load(load);
  scaling.set_time(time);
  return scaling;
}

TEST(Scale, RatesAndConnectionsByOneLengthsByTheOther) {
  proto::Scenario scenario = OpenLoop();
  EXPECT_TRUE(ScaleScenario(Factors(0.05, 0.01), &scenario).empty());
  EXPECT_EQ(scenario.load().rate().micro_per_hour(), 5'000 * kPerSecond);
  EXPECT_EQ(scenario.load().connections(), 500u);
  EXPECT_EQ(scenario.load().connect_over().ns(), kSecond);
  EXPECT_EQ(scenario.warmup().ns(), 3 * kSecond);
  EXPECT_EQ(scenario.measure().ns(), 18 * kSecond);
  EXPECT_EQ(scenario.pause().ns(), kSecond / 10);
}

TEST(Scale, ASearchGoesFromAndToScaledRates) {
  proto::Scenario scenario = OpenLoop();
  proto::Capacity& capacity = *scenario.mutable_search()->mutable_capacity();
  capacity.mutable_from()->set_micro_per_hour(1'000 * kPerSecond);
  capacity.mutable_to()->set_micro_per_hour(200'000 * kPerSecond);
  EXPECT_TRUE(ScaleScenario(Factors(0.05, 0.01), &scenario).empty());
  EXPECT_EQ(capacity.from().micro_per_hour(), 50 * kPerSecond);
  EXPECT_EQ(capacity.to().micro_per_hour(), 10'000 * kPerSecond);
  EXPECT_EQ(scenario.load().rate().micro_per_hour(), 50 * kPerSecond);
  EXPECT_EQ(ScaleScenario(Factors(0.0001, 1), &scenario),
            (std::vector<std::string>{"connections at 8", "search.capacity.from at 1/s",
                                      "search.capacity.to at 2/s"}));
  EXPECT_EQ(capacity.to().micro_per_hour(), 2 * kPerSecond);
}

TEST(Scale, WhatBelongsToARequestStays) {
  proto::Scenario scenario = OpenLoop();
  ScaleScenario(Factors(0.05, 0.01), &scenario);
  EXPECT_EQ(scenario.request().timeout().ns(), 5 * kSecond);
  EXPECT_EQ(scenario.drain().ns(), 5 * kSecond);
  EXPECT_EQ(scenario.agents().count(), 4u);
}

TEST(Scale, ACountIsARateTimesALength) {
  proto::Scenario scenario;
  scenario.mutable_load()->set_concurrency(10);
  scenario.mutable_load()->set_requests(1'000'000);
  scenario.mutable_agents()->set_count(1);
  scenario.mutable_agents()->set_workers(1);
  EXPECT_TRUE(ScaleScenario(Factors(0.5, 0.01), &scenario).empty());
  EXPECT_EQ(scenario.load().concurrency(), 5u);
  EXPECT_EQ(scenario.load().requests(), 5'000u);
}

TEST(Scale, StagesKeepTheirShape) {
  proto::Scenario scenario = OpenLoop();
  proto::Stage& ramp = *scenario.mutable_load()->add_stages();
  ramp.mutable_to()->set_micro_per_hour(200 * kPerSecond);
  ramp.mutable_over()->set_ns(20 * kSecond);
  proto::Stage& burst = *scenario.mutable_load()->add_stages();
  burst.mutable_burst()->set_micro_per_hour(1'000 * kPerSecond);
  burst.mutable_for_()->set_ns(10 * kSecond);
  proto::Stage& rest = *scenario.mutable_load()->add_stages();
  rest.mutable_to()->set_micro_per_hour(0);
  ScaleScenario(Factors(0.1, 0.1), &scenario);
  const auto& stages = scenario.load().stages();
  EXPECT_EQ(stages[0].to().micro_per_hour(), 20 * kPerSecond);
  EXPECT_EQ(stages[0].over().ns(), 2 * kSecond);
  EXPECT_EQ(stages[1].burst().micro_per_hour(), 100 * kPerSecond);
  EXPECT_EQ(stages[1].for_().ns(), kSecond);
  EXPECT_EQ(stages[2].to().micro_per_hour(), 0);
  EXPECT_EQ(scenario.measure().ns(), 3 * kSecond);
}

TEST(Scale, NothingFallsBelowTheLeastAndThatIsTold) {
  proto::Scenario scenario = OpenLoop();
  const std::vector<std::string> held = ScaleScenario(Factors(1e-6, 1e-6), &scenario);
  EXPECT_EQ(scenario.load().connections(), 8u);
  EXPECT_EQ(scenario.measure().ns(), kSecond / 10);
  EXPECT_EQ(held, (std::vector<std::string>{"connect_over at 1ms", "connections at 8",
                                            "measure at 100ms"}));
}

TEST(Scale, OneChangesNothing) {
  proto::Scenario scenario = OpenLoop();
  EXPECT_TRUE(ScaleScenario(Factors(1, 1), &scenario).empty());
  proto::Scenario untouched = OpenLoop();
  // Fields that were absent are present now, with the value that they had.
  untouched.mutable_load()->set_concurrency(0);
  EXPECT_EQ(scenario.SerializeAsString(), untouched.SerializeAsString());
}

TEST(Scale, FactorsAreAboveZeroAndAtMostOne) {
  EXPECT_TRUE(ParseScaling("0.05", "1").ok());
  for (const char* text : {"0", "-0.1", "1.01", "nan", "inf", "", "x", "5%"}) {
    EXPECT_EQ(ParseScaling(text, "1").status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_NE(ParseScaling("1", text).status().message().find("--time-scale"), std::string::npos);
  }
}

}  // namespace
}  // namespace drumline
