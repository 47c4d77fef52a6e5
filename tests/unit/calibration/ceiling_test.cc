// The rule of seven tenths against its closed form.
#include "controller/calibration/ceiling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "core/rate.h"

namespace drumline {
namespace {

using proto::Finding;

proto::Plan PlanOf(int64_t rate, uint32_t agents) {
  proto::Plan plan;
  plan.set_agent_count(agents);
  plan.set_workers_per_agent(1);
  proto::RunPlan& run = *plan.add_runs();
  run.mutable_request()->set_method("GET");
  run.mutable_load()->set_connections(8);
  proto::RateSegment& up = *run.mutable_load()->add_segments();
  up.mutable_to()->set_micro_per_hour(Rate::PerSecond(rate).micro_per_hour());
  return plan;
}

std::vector<proto::Join> Crew(uint32_t agents) {
  std::vector<proto::Join> crew(agents);
  for (uint32_t i = 0; i < agents; ++i) {
    crew[i].set_agent_id("gen-" + std::to_string(i + 1));
    crew[i].set_host("lab");
    crew[i].set_binary_sha256("b1");
  }
  return crew;
}

proto::Calibration Calibrated(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                              double ceiling_rps) {
  proto::Calibration kept;
  for (const ShapeDemand& demand : DemandByShape(plan)) {
    const Conditions conditions = ConditionsOf(plan, demand.shape.sha256);
    for (const proto::Join& agent : crew) {
      proto::AgentCalibration& one = *kept.add_agents();
      one.set_agent_id(agent.agent_id());
      one.set_host(agent.host());
      one.set_binary_sha256(agent.binary_sha256());
      one.set_workers(conditions.workers);
      one.set_engine_choice(conditions.engine_choice);
      one.set_pacing(conditions.pacing);
      one.set_shape_sha256(conditions.shape_sha256);
      one.set_ceiling_rps(ceiling_rps);
    }
  }
  return kept;
}

proto::Preflight Judge(const proto::Plan& plan, const std::vector<proto::Join>& crew,
                       const proto::Calibration& kept, const CeilingTerms& terms = {}) {
  proto::Preflight preflight;
  preflight.add_hosts()->set_role("controller");
  for (const proto::Join& agent : crew) {
    preflight.add_hosts()->set_role("agent " + agent.agent_id());
  }
  JudgeCeilings(plan, crew, kept, terms, &preflight);
  return preflight;
}

Finding::Value FindingOf(const proto::Preflight& preflight, int agent) {
  return preflight.hosts(agent + 1).checks(0).finding();
}

TEST(Ceiling, AgentsNeededIsTheLeastNumberThatIsEnough) {
  EXPECT_EQ(AgentsNeeded(0, 1000), 1u);
  EXPECT_EQ(AgentsNeeded(700, 1000), 1u);
  EXPECT_EQ(AgentsNeeded(701, 1000), 2u);
  EXPECT_EQ(AgentsNeeded(2'100, 1000), 3u) << "three times 70 % exactly";
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const double rps = static_cast<double>(random() % 10'000'000 + 1);
    const double ceiling = static_cast<double>(random() % 500'000 + 1);
    const auto n = static_cast<double>(AgentsNeeded(rps, ceiling));
    EXPECT_LE(rps / n, kUsableShare * ceiling * (1 + 1e-8)) << rps << " of " << ceiling;
    EXPECT_TRUE(n == 1 || rps / (n - 1) > kUsableShare * ceiling) << rps << " of " << ceiling;
  }
}

TEST(Ceiling, APlanIsRefusedBeyondSeventyPerCentAndNotBefore) {
  for (const uint32_t agents : {1u, 3u, 7u}) {
    const auto crew = Crew(agents);
    for (const int64_t rate : {700 * int64_t{agents}, 700 * int64_t{agents} + 1}) {
      const proto::Plan plan = PlanOf(rate, agents);
      const auto preflight = Judge(plan, crew, Calibrated(plan, crew, 1000));
      for (uint32_t i = 0; i < agents; ++i) {
        EXPECT_EQ(FindingOf(preflight, static_cast<int>(i)),
                  rate == 700 * int64_t{agents} ? Finding::OK : Finding::FATAL);
      }
      EXPECT_EQ(preflight.hosts(0).checks_size(), 0) << "no load comes from the controller";
    }
  }
}

TEST(Ceiling, SaysHowManyAgentsItWouldTakeByTheWeakest) {
  const auto crew = Crew(2);
  const proto::Plan plan = PlanOf(10'000, 2);
  proto::Calibration kept = Calibrated(plan, crew, 9'000);
  kept.mutable_agents(1)->set_ceiling_rps(2'000);
  const auto preflight = Judge(plan, crew, kept);
  EXPECT_EQ(FindingOf(preflight, 0), Finding::OK) << "5,000 of 9,000";
  EXPECT_EQ(FindingOf(preflight, 1), Finding::FATAL) << "5,000 of 2,000";
  // ceil(10,000 / (0.7 · 2,000)) = ceil(7.14).
  const proto::PreflightCheck& check = preflight.hosts(2).checks(0);
  EXPECT_EQ(check.remedy().substr(0, 26), "it would take 8 agents lik") << check.remedy();
  EXPECT_EQ(check.found(), "2,000/s, of ");
  EXPECT_EQ(check.wanted(), "at least 7,143/s: 5,000/s are 70 %");
}

TEST(Ceiling, EachShapeIsHeldToItsOwn) {
  const auto crew = Crew(1);
  proto::Plan plan = PlanOf(600, 1);
  *plan.add_runs() = plan.runs(0);
  plan.mutable_runs(1)->mutable_request()->set_method("PUT");
  proto::Calibration kept = Calibrated(plan, crew, 1000);
  EXPECT_EQ(FindingOf(Judge(plan, crew, kept), 0), Finding::OK);
  kept.mutable_agents(1)->set_ceiling_rps(800);
  EXPECT_EQ(FindingOf(Judge(plan, crew, kept), 0), Finding::FATAL);
  // What is known to be too much is refused, whatever else is not known.
  kept.mutable_agents()->DeleteSubrange(0, 1);
  EXPECT_EQ(FindingOf(Judge(plan, crew, kept), 0), Finding::FATAL);
  kept.mutable_agents(0)->set_ceiling_rps(1000);
  EXPECT_EQ(FindingOf(Judge(plan, crew, kept), 0), Finding::WARNING);
}

TEST(Ceiling, CountsStepsCrewsAndTheEndOfASearch) {
  proto::Plan plan = PlanOf(900, 4);
  EXPECT_DOUBLE_EQ(DemandByShape(plan)[0].rps_each, 225);
  plan.mutable_runs(0)->add_more_requests()->set_follows(true);
  EXPECT_DOUBLE_EQ(DemandByShape(plan)[0].rps_each, 450) << "flows of two steps";
  plan.mutable_runs(0)->mutable_crew()->set_count(2);
  EXPECT_DOUBLE_EQ(DemandByShape(plan)[0].rps_each, 900) << "half of the agents";
  plan.mutable_capacity()->set_to_rps(1'800);
  EXPECT_DOUBLE_EQ(DemandByShape(plan)[0].rps_each, 1'800);
  plan.mutable_runs(0)->mutable_load()->set_closed_loop(true);
  EXPECT_DOUBLE_EQ(DemandByShape(plan)[0].rps_each, 0);
}

TEST(Ceiling, AClosedLoopIsNeverRefused) {
  const auto crew = Crew(1);
  proto::Plan plan = PlanOf(1'000'000, 1);
  plan.mutable_runs(0)->mutable_load()->set_closed_loop(true);
  EXPECT_EQ(FindingOf(Judge(plan, crew, Calibrated(plan, crew, 1)), 0), Finding::OK);
}

TEST(Ceiling, WhatDoesNotHoldIsNamedAndNotUsed) {
  const auto crew = Crew(1);
  const proto::Plan plan = PlanOf(1'000'000, 1);
  proto::Calibration kept = Calibrated(plan, crew, 1);
  EXPECT_EQ(WhatHolds(plan, crew, kept).agents_size(), 1);
  kept.mutable_agents(0)->set_binary_sha256("b0");
  auto preflight = Judge(plan, crew, kept);
  EXPECT_EQ(FindingOf(preflight, 0), Finding::WARNING);
  EXPECT_NE(preflight.hosts(1).checks(0).found().find("another executable"), std::string::npos);
  EXPECT_EQ(WhatHolds(plan, crew, kept).agents_size(), 0);
  preflight = Judge(plan, crew, {});
  EXPECT_EQ(FindingOf(preflight, 0), Finding::NOT_KNOWN);
  EXPECT_EQ(preflight.hosts(1).checks(0).found(), "not calibrated");
  EXPECT_EQ(FindingOf(Judge(plan, crew, Calibrated(plan, crew, 1), {.tls = true}), 0),
            Finding::NOT_KNOWN);
}

TEST(Ceiling, AFleetThatNobodyGatheredIsThatOfTheNewestCalibrations) {
  const proto::Plan plan = PlanOf(900, 2);
  proto::Calibration kept = Calibrated(plan, Crew(3), 1000);
  for (int i = 0; i < 3; ++i)
    kept.mutable_agents(i)->set_measured_at("2026-07-1" + std::to_string(i));
  *kept.add_agents() = kept.agents(2);
  kept.mutable_agents(3)->set_workers(2);
  const auto crew = CrewOf(plan, kept);
  ASSERT_EQ(crew.size(), 2u);
  EXPECT_EQ(crew[0].agent_id(), "gen-2");
  EXPECT_EQ(crew[1].agent_id(), "gen-3");
}

}  // namespace
}  // namespace drumline
