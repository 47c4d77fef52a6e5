#include "controller/twin_scenario.h"

#include <gtest/gtest.h>

namespace drumline {
namespace {

proto::Scenario Sample() {
  proto::Scenario scenario;
  scenario.set_name("echo");
  scenario.mutable_repeats()->set_count(3);
  scenario.set_order(proto::ORDER_SEQUENTIAL);
  (*scenario.mutable_targets())["zoe"].set_url("http://127.0.0.1:1/");
  (*scenario.mutable_targets())["dom"].set_url("http://127.0.0.1:2/");
  scenario.add_slo()->set_text("p99 < 1ms");
  return scenario;
}

TEST(MakeTwins, TheFirstTargetByNameAndItsTwin) {
  proto::Scenario scenario = Sample();
  ASSERT_TRUE(MakeTwins(&scenario).ok());
  ASSERT_EQ(scenario.targets_size(), 2);
  EXPECT_EQ(scenario.targets().at("dom").url(), "http://127.0.0.1:2/");
  EXPECT_EQ(scenario.targets().at("dom-again").url(), "http://127.0.0.1:2/");
  EXPECT_EQ(scenario.order(), proto::ORDER_INTERLEAVED);
  EXPECT_EQ(scenario.name(), "echo-aa");
  EXPECT_TRUE(scenario.slo().empty());
  EXPECT_EQ(scenario.repeats().count(), 3u);
}

TEST(MakeTwins, OneRepeatIsRefused) {
  proto::Scenario scenario = Sample();
  scenario.mutable_repeats()->set_count(1);
  EXPECT_EQ(MakeTwins(&scenario).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(scenario.name(), "echo");
}

}  // namespace
}  // namespace drumline
