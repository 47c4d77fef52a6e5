#include "controller/planner/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/planner/planner.h"
#include "tests/unit/planner/small_scenario.h"

namespace drumline {
namespace {

using testing::HasSubstr;

std::string TextOf(const proto::Scenario& scenario) {
  const absl::StatusOr<proto::Plan> plan = MakePlan({scenario, "sha", "."});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return PlanToText(*plan, scenario);
}

TEST(PlanTextTest, AnOpenLoop) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_repeats()->set_count(2);
  scenario.mutable_agents()->set_count(3);
  scenario.mutable_agents()->set_workers(1);
  EXPECT_EQ(TextOf(scenario), R"(plan of small (seed 7)

  target alpha: a service of this project, started here
  target beta: http://10.0.0.2:8080/b?q=1
  request: POST, body 5 bytes
  load: open loop, constant arrivals, up to 100/s; warm-up 2s, measured window 10s
  agents: engine auto, pacing precise

runs, in order:
   1  beta                         repeat 1  12s
   2  alpha                        repeat 1  12s
   3  alpha                        repeat 2  12s
   4  beta                         repeat 2  12s

in each run (1 worker an agent):
  agent 1    3 connections, 400 requests, up to 33.3333/s, up to about 0.044 Mbit/s out
  agent 2    3 connections, 400 requests, up to 33.3333/s, up to about 0.044 Mbit/s out
  agent 3    2 connections, 400 requests, up to 33.3333/s, up to about 0.044 Mbit/s out

4 runs, 51s of load and pauses, drains apart
nothing was sent
)");
}

TEST(PlanTextTest, BitsAreGivenInTheUnitThatSuits) {
  proto::Scenario scenario = SmallScenario();
  // 165 bytes each: 132 and 1,320 Mbit/s of each of two agents.
  scenario.mutable_load()->mutable_rate()->set_micro_per_hour(PerSecond(200'000));
  EXPECT_THAT(TextOf(scenario), HasSubstr("up to 100000/s, up to about 132 Mbit/s out\n"));
  scenario.mutable_load()->mutable_rate()->set_micro_per_hour(PerSecond(2'000'000));
  EXPECT_THAT(TextOf(scenario), HasSubstr("up to 1e+06/s, up to about 1.32 Gbit/s out\n"));
}

TEST(PlanTextTest, ASearchSaysBetweenWhichBoundsItsLengthLies) {
  proto::Scenario scenario = SmallScenario();
  proto::Capacity& capacity = *scenario.mutable_search()->mutable_capacity();
  capacity.mutable_from()->set_micro_per_hour(PerSecond(100));
  capacity.mutable_to()->set_micro_per_hour(PerSecond(900));
  capacity.set_within_per_cent(2);
  // 100, 200, 400, 800; six halvings of the logarithm of 2 to reach that of 1.02; one more. A run
  // and its pause take 13 s, and there are two targets.
  EXPECT_THAT(TextOf(scenario),
              HasSubstr("\n1 to 11 runs of each target, 25s to 4m45s of load and pauses, drains "
                        "apart; where runs cannot be judged or a rate is not confirmed, 64 runs "
                        "and 27m43s at most\n"));
}

TEST(PlanTextTest, PairsTakeTheTimeOfOneRun) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_repeats()->set_count(2);
  scenario.mutable_agents()->set_count(2);
  scenario.set_order(proto::ORDER_PAIRED);
  scenario.set_restart(proto::RESTART_BETWEEN_REPEATS);
  const std::string text = TextOf(scenario);
  EXPECT_THAT(text, HasSubstr("  services: a new process for each repeat\n"));
  EXPECT_THAT(text, HasSubstr("repeat 2  at once, pair 2  12s\n"));
  // Each agent has the whole of one target's load.
  EXPECT_THAT(text, HasSubstr("  agent 2    8 connections, 1200 requests, up to 100/s"));
  EXPECT_THAT(text, HasSubstr("\n4 runs, 25s of load and pauses, drains apart\n"));
}

TEST(PlanTextTest, AClosedLoopByCount) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_targets()->erase("beta");
  scenario.mutable_load()->Clear();
  scenario.mutable_load()->set_concurrency(10);
  scenario.mutable_load()->set_requests(1001);
  scenario.mutable_warmup()->set_ns(0);
  scenario.clear_measure();
  AddPayload(256, "256B", &scenario);
  scenario.mutable_agents()->set_pacing(proto::PACING_COALESCED);
  scenario.mutable_agents()->set_engine(proto::ENGINE_CHOICE_IO_URING);
  EXPECT_EQ(TextOf(scenario), R"(plan of small (seed 7)

  target alpha: a service of this project, started here
  request: POST, body 256 bytes
  load: closed loop, 10 connections; warm-up 0s, measured window 1001 requests
  agents: engine io_uring, pacing coalesced with a tick of 250us

runs, in order:
   1  alpha                        repeat 1  payload 256B  until all are answered

in each run (3 workers an agent):
  agent 1    5 connections, 501 requests
  agent 2    5 connections, 500 requests

1 run, at least 0s of load and pauses, drains apart
nothing was sent
)");
}

}  // namespace
}  // namespace drumline
