#include "controller/planner/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/plan.h"
#include "tests/unit/planner/small_scenario.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

proto::Plan PlanOf(const proto::Scenario& scenario) {
  absl::StatusOr<proto::Plan> plan = MakePlan({scenario, "sha", "."});
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : proto::Plan();
}

std::vector<std::string> RunIds(const proto::Plan& plan) {
  std::vector<std::string> ids;
  for (const proto::RunPlan& run : plan.runs()) ids.push_back(run.run_id());
  return ids;
}

proto::Stage& AddStage(proto::Scenario* scenario) {
  return *scenario->mutable_load()->add_stages();
}

// From, to (a second) and length (s) of each segment.
std::vector<std::vector<int64_t>> SegmentsOf(const proto::LoadPlan& load) {
  std::vector<std::vector<int64_t>> segments;
  for (const proto::RateSegment& segment : load.segments()) {
    segments.push_back({segment.from().micro_per_hour() / PerSecond(1),
                        segment.to().micro_per_hour() / PerSecond(1),
                        segment.length_ns() / kSecond});
  }
  return segments;
}

TEST(PlannerTest, TheTickIsPlannedOnlyWhereItIsUsed) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_agents()->set_engine(proto::ENGINE_CHOICE_EPOLL);
  EXPECT_EQ(PlanOf(scenario).engine().engine(), proto::ENGINE_CHOICE_EPOLL);
  EXPECT_EQ(PlanOf(scenario).engine().pacing(), proto::PACING_PRECISE);
  EXPECT_EQ(PlanOf(scenario).engine().tick_ns(), 0);
  scenario.mutable_agents()->set_pacing(proto::PACING_COALESCED);
  EXPECT_EQ(PlanOf(scenario).engine().pacing(), proto::PACING_COALESCED);
  EXPECT_EQ(PlanOf(scenario).engine().tick_ns(), 250'000);
}

TEST(PlannerTest, InterleavedRunsTurnRoundAtEachRepeat) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_repeats()->set_count(3);
  EXPECT_THAT(RunIds(PlanOf(scenario)), ElementsAre("001-beta-r1", "002-alpha-r1", "003-alpha-r2",
                                                    "004-beta-r2", "005-alpha-r3", "006-beta-r3"));
}

// Whoever begins in one repeat ends the next one; who that is differs from seed to seed, and from
// two repeats to two repeats.
TEST(PlannerTest, TheSeedDrawsWhoBegins) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_repeats()->set_count(10);
  int alpha_begins = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    scenario.set_seed(seed);
    const proto::Plan plan = PlanOf(scenario);
    for (int repeat = 0; repeat < 10; repeat += 2) {
      const std::string& first = plan.runs(2 * repeat).target();
      ASSERT_NE(plan.runs(2 * repeat + 1).target(), first);
      ASSERT_NE(plan.runs(2 * repeat + 2).target(), first);
      ASSERT_EQ(plan.runs(2 * repeat + 3).target(), first);
      if (first == "alpha") ++alpha_begins;
    }
  }
  // Of 1,000 draws, within five standard deviations of a half.
  EXPECT_NEAR(alpha_begins, 500, 80);
}

TEST(PlannerTest, TheBaselineComesFirstInSequence) {
  proto::Scenario scenario = SmallScenario();
  scenario.set_baseline("beta");
  scenario.set_order(proto::ORDER_SEQUENTIAL);
  EXPECT_THAT(RunIds(PlanOf(scenario)), ElementsAre("001-beta-r1", "002-alpha-r1"));
  EXPECT_EQ(PlanOf(scenario).baseline(), "beta");
}

TEST(PlannerTest, AProbeIsTheFirstRunAtAnotherRate) {
  proto::Scenario scenario = SmallScenario();
  proto::Capacity& capacity = *scenario.mutable_search()->mutable_capacity();
  capacity.mutable_from()->set_micro_per_hour(PerSecond(100));
  capacity.mutable_to()->set_micro_per_hour(PerSecond(900));
  capacity.set_within_per_cent(2);
  const proto::Plan plan = PlanOf(scenario);
  EXPECT_THAT(RunIds(plan), ElementsAre("001-alpha-r1", "002-beta-r1"));
  EXPECT_EQ(plan.capacity().from_rps(), 100);
  EXPECT_EQ(plan.capacity().to_rps(), 900);
  EXPECT_DOUBLE_EQ(plan.capacity().within(), 0.02);
  const absl::StatusOr<proto::RunPlan> probe = ProbeOf(plan.runs(0), 250, 7, "bisect");
  ASSERT_TRUE(probe.ok()) << probe.status();
  EXPECT_EQ(probe->run_id(), "008-alpha-250rps");
  EXPECT_EQ(probe->step(), "bisect");
  EXPECT_THAT(SegmentsOf(probe->load()),
              ElementsAre(ElementsAre(250, 250, 2), ElementsAre(250, 250, 10)));
  EXPECT_EQ(probe->load().beats(), 3'000U);
}

TEST(PlannerTest, PairsRunAtOnceByHalvesThatChange) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_agents()->set_count(6);
  scenario.mutable_repeats()->set_count(40);
  scenario.set_order(proto::ORDER_PAIRED);
  const proto::Plan plan = PlanOf(scenario);
  ASSERT_EQ(plan.runs_size(), 80);
  int alpha_first = 0;
  for (int i = 0; i < plan.runs_size(); i += 2) {
    const proto::RunPlan& one = plan.runs(i);
    const proto::RunPlan& other = plan.runs(i + 1);
    EXPECT_EQ(one.pair(), static_cast<uint32_t>(i / 2 + 1));
    EXPECT_EQ(other.pair(), one.pair());
    EXPECT_NE(one.target(), other.target());
    EXPECT_EQ(one.repeat(), other.repeat());
    // One schedule.
    EXPECT_EQ(one.load().SerializeAsString(), other.load().SerializeAsString());
    // Disjoint halves that are all.
    EXPECT_EQ(one.crew().first() + other.crew().first(), 3u);
    EXPECT_EQ(one.crew().count(), 3u);
    EXPECT_EQ(other.crew().count(), 3u);
    if (one.crew().first() == 0 && one.target() == "alpha") ++alpha_first;
  }
  // In each two repeats each target has each half.
  EXPECT_EQ(alpha_first, 20);
}

TEST(PlannerTest, SequentialRunsTakeOneTargetAfterTheOther) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_repeats()->set_count(2);
  scenario.set_order(proto::ORDER_SEQUENTIAL);
  EXPECT_THAT(RunIds(PlanOf(scenario)),
              ElementsAre("001-alpha-r1", "002-alpha-r2", "003-beta-r1", "004-beta-r2"));
}

TEST(PlannerTest, EachRepeatGoesThroughTheWholeMatrix) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_repeats()->set_count(2);
  AddPayload(256, "256B", &scenario);
  AddPayload(1024, "1KiB", &scenario);
  const proto::Plan plan = PlanOf(scenario);
  EXPECT_THAT(RunIds(plan), ElementsAre("001-beta-payload=256B-r1", "002-alpha-payload=256B-r1",
                                        "003-beta-payload=1KiB-r1", "004-alpha-payload=1KiB-r1",
                                        "005-alpha-payload=256B-r2", "006-beta-payload=256B-r2",
                                        "007-alpha-payload=1KiB-r2", "008-beta-payload=1KiB-r2"));
  for (int i = 0; i < plan.runs_size(); ++i) {
    const proto::RunPlan& run = plan.runs(i);
    EXPECT_EQ(run.index(), static_cast<uint32_t>(i));
    const std::string& payload = run.point().at("payload");
    EXPECT_THAT(run.request().body(), SizeIs(payload == "256B" ? 256 : 1024));
  }
  scenario.set_order(proto::ORDER_SEQUENTIAL);
  EXPECT_THAT(RunIds(PlanOf(scenario)),
              ElementsAre("001-alpha-payload=256B-r1", "002-alpha-payload=256B-r2",
                          "003-alpha-payload=1KiB-r1", "004-alpha-payload=1KiB-r2",
                          "005-beta-payload=256B-r1", "006-beta-payload=256B-r2",
                          "007-beta-payload=1KiB-r1", "008-beta-payload=1KiB-r2"));
}

TEST(PlannerTest, AConstantRateIsWarmUpAndWindow) {
  const proto::LoadPlan load = PlanOf(SmallScenario()).runs(0).load();
  EXPECT_THAT(SegmentsOf(load), ElementsAre(ElementsAre(100, 100, 2), ElementsAre(100, 100, 10)));
  EXPECT_EQ(load.beats(), 1200U);
  EXPECT_EQ(load.warmup_ns(), 2 * kSecond);
  EXPECT_EQ(load.measure_ns(), 10 * kSecond);
  EXPECT_EQ(load.drain_ns(), 5 * kSecond);
  EXPECT_EQ(load.connections(), 8U);
  EXPECT_FALSE(load.closed_loop());
}

TEST(PlannerTest, StagesBecomeSegmentsWithExactlyTheirBeats) {
  proto::Scenario scenario = SmallScenario();
  scenario.clear_measure();
  proto::Stage& ramp = AddStage(&scenario);
  ramp.mutable_to()->set_micro_per_hour(PerSecond(300));
  ramp.mutable_over()->set_ns(4 * kSecond);
  AddStage(&scenario).mutable_hold()->set_ns(5 * kSecond);
  proto::Stage& burst = AddStage(&scenario);
  burst.mutable_burst()->set_micro_per_hour(PerSecond(1000));
  burst.mutable_for_()->set_ns(kSecond);
  AddStage(&scenario).mutable_hold()->set_ns(2 * kSecond);
  AddStage(&scenario).mutable_to()->set_micro_per_hour(PerSecond(50));  // a step
  AddStage(&scenario).mutable_hold()->set_ns(2 * kSecond);
  const proto::LoadPlan load = PlanOf(scenario).runs(0).load();
  EXPECT_THAT(SegmentsOf(load), ElementsAre(ElementsAre(100, 100, 2), ElementsAre(100, 300, 4),
                                            ElementsAre(300, 300, 5), ElementsAre(1000, 1000, 1),
                                            ElementsAre(300, 300, 2), ElementsAre(50, 50, 2)));
  EXPECT_EQ(load.measure_ns(), 14 * kSecond);
  EXPECT_EQ(load.beats(), 200U + 800U + 1500U + 1000U + 600U + 100U);
}

TEST(PlannerTest, StagesWithoutARateStartFromNothing) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_load()->clear_rate();
  scenario.mutable_warmup()->set_ns(0);
  proto::Stage& ramp = AddStage(&scenario);
  ramp.mutable_to()->set_micro_per_hour(PerSecond(100));
  ramp.mutable_over()->set_ns(10 * kSecond);
  const proto::LoadPlan load = PlanOf(scenario).runs(0).load();
  EXPECT_THAT(SegmentsOf(load), ElementsAre(ElementsAre(0, 100, 10)));
  EXPECT_EQ(load.beats(), 500U);
}

TEST(PlannerTest, AClosedLoopHasNoBeats) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_load()->Clear();
  scenario.mutable_load()->set_concurrency(10);
  scenario.mutable_load()->set_requests(1'000'001);
  scenario.clear_measure();
  const proto::RunPlan run = PlanOf(scenario).runs(0);
  EXPECT_TRUE(run.load().closed_loop());
  EXPECT_EQ(run.load().connections(), 10U);
  EXPECT_EQ(run.load().requests(), 1'000'001U);
  EXPECT_EQ(run.load().segments_size(), 0);
  EXPECT_EQ(run.load().beats(), 0U);
  EXPECT_EQ(run.load().measure_ns(), 0);
}

TEST(PlannerTest, EachRepeatHasASeedOfItsOwnAndAllTargetsHaveTheSame) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_load()->set_arrivals(proto::ARRIVALS_POISSON);
  scenario.mutable_repeats()->set_count(3);
  const proto::Plan plan = PlanOf(scenario);
  std::set<uint64_t> seeds;
  for (const proto::RunPlan& run : plan.runs()) {
    seeds.insert(run.load().seed());
    EXPECT_EQ(run.load().seed(), 7U + run.repeat() - 1);
    const absl::StatusOr<LoadProfile> profile = ProfileOf(run.load());
    ASSERT_TRUE(profile.ok());
    EXPECT_EQ(run.load().beats(),
              Schedule::CountBeats(*profile, Schedule::Arrivals::kPoisson, run.load().seed()));
  }
  EXPECT_THAT(seeds, SizeIs(3));
  EXPECT_EQ(plan.SerializeAsString(), PlanOf(scenario).SerializeAsString()) << "the same again";
}

TEST(PlannerTest, TheRequestIsComplete) {
  proto::Scenario scenario = SmallScenario();
  (*scenario.mutable_request()->mutable_headers())["x-b"] = "2";
  (*scenario.mutable_request()->mutable_headers())["x-a"] = "1";
  scenario.mutable_request()->mutable_expect()->set_body_contains("ok");
  const proto::Plan plan = PlanOf(scenario);
  const proto::RequestPlan& alpha = plan.runs(1).request();
  EXPECT_EQ(alpha.path(), "/echo") << "the service that is started here";
  EXPECT_EQ(plan.runs(0).request().path(), "/b?q=1");
  EXPECT_EQ(alpha.method(), "POST");
  EXPECT_EQ(alpha.body(), "hello");
  EXPECT_EQ(alpha.expect_status(), 200U);
  EXPECT_EQ(alpha.expect_body_contains(), "ok");
  EXPECT_EQ(alpha.timeout_ns(), 5 * kSecond);
  ASSERT_EQ(alpha.headers_size(), 2);
  EXPECT_EQ(alpha.headers(0).name(), "x-a") << "in an order that does not depend on a map";
}

TEST(PlannerTest, EachStartedServiceHasItsPath) {
  proto::Scenario scenario = SmallScenario();
  const std::map<proto::Service, std::string> paths = {
      {proto::SERVICE_ECHO, "/echo"},   {proto::SERVICE_ORACLE, "/"},
      {proto::SERVICE_API, "/api"},     {proto::SERVICE_ECHO_DOM, "/echo"},
      {proto::SERVICE_ITEMS, "/items"}, {proto::SERVICE_USERS, "/users"},
  };
  EXPECT_EQ(paths.size() + 1, static_cast<size_t>(proto::Service_ARRAYSIZE));
  for (const auto& [service, path] : paths) {
    (*scenario.mutable_targets())["alpha"].set_service(service);
    EXPECT_EQ(PlanOf(scenario).runs(1).request().path(), path);
  }
}

TEST(PlannerTest, WhatIsJudgedComesAlong) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_agents()->mutable_max_send_lag()->set_text("p99 < 10ms");
  scenario.add_slo()->set_text("p99 < 100ms");
  const proto::Plan plan = PlanOf(scenario);
  EXPECT_EQ(plan.scenario_name(), "small");
  EXPECT_EQ(plan.scenario_sha256(), "sha");
  EXPECT_EQ(plan.agent_count(), 2U);
  EXPECT_EQ(plan.workers_per_agent(), 3U);
  EXPECT_EQ(plan.pause_ns(), kSecond);
  EXPECT_EQ(plan.max_send_lag().text(), "p99 < 10ms");
  ASSERT_EQ(plan.slo_size(), 1);
}

TEST(PlannerTest, ABodyThatIsNotThereEndsThePlan) {
  proto::Scenario scenario = SmallScenario();
  scenario.mutable_request()->mutable_body()->set_file("missing.json");
  const absl::StatusOr<proto::Plan> plan = MakePlan({scenario, "sha", "/nowhere"});
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(plan.status().message()), testing::HasSubstr("/nowhere/missing.json"));
}

}  // namespace
}  // namespace drumline
