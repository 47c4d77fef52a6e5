#include "controller/planner/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "controller/planner/planner.h"
#include "tests/unit/planner/small_scenario.h"

namespace drumline {
namespace {

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
