#include "controller/report/fairness.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/controller/report/sample_campaign.h"

namespace drumline {
namespace {

proto::Report Sample() {
  proto::Report report = SampleCampaign(2, 1, 0.01);
  report.mutable_environment()->set_cpu_model("Xeon");
  report.mutable_environment()->set_cores(8);
  report.mutable_environment()->set_target_sha256("aaaa");
  report.mutable_generator()->set_pacing("precise");
  report.mutable_generator()->set_agents(2);
  proto::AgentReport& agent = *report.add_agents();
  agent.set_engine("epoll");
  agent.set_cores(4);
  for (proto::RunReport& run : *report.mutable_runs()) run.set_offered_rps(1'000);
  return report;
}

TEST(DifferingFacts, AReportDiffersFromItselfInNothing) {
  EXPECT_TRUE(DifferingFacts(Sample(), Sample()).empty());
}

TEST(DifferingFacts, ThoseThatMatterComeFirst) {
  proto::Report other = Sample();
  other.mutable_environment()->set_target_sha256("bbbb");
  other.mutable_environment()->set_cpu_model("Graviton");
  const auto facts = DifferingFacts(Sample(), other);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].name, "CPU");
  EXPECT_EQ(facts[0].baseline, "Xeon");
  EXPECT_EQ(facts[0].contender, "Graviton");
  EXPECT_TRUE(facts[0].matters);
  // It is what the comparison is about.
  EXPECT_EQ(facts[1].name, "target's program");
  EXPECT_FALSE(facts[1].matters);
}

TEST(DifferingFacts, TheGeneratorMatters) {
  proto::Report other = Sample();
  other.mutable_agents(0)->set_engine("io_uring");
  other.mutable_generator()->set_pacing("spin");
  const auto facts = DifferingFacts(Sample(), other);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_TRUE(facts[0].matters && facts[1].matters);
}

TEST(DifferingFacts, WhatIsNotKnownIsToldAndNotHeldAgainstAnyone) {
  proto::Report other = Sample();
  other.mutable_environment()->clear_cpu_model();
  const auto facts = DifferingFacts(Sample(), other);
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].contender, "not known");
  EXPECT_FALSE(facts[0].matters);
}

TEST(DifferingFacts, TheLoadOfEachTargetMatters) {
  proto::Report other = Sample();
  for (proto::RunReport& run : *other.mutable_runs()) {
    run.set_offered_rps(run.target() == "old" ? 1'009 : 1'011);
  }
  auto facts = DifferingFacts(Sample(), other);
  // One per cent of difference is what random arrivals have.
  ASSERT_EQ(facts.size(), 1u);
  EXPECT_EQ(facts[0].name, "offered rate of new payload 1KiB");
  EXPECT_EQ(facts[0].contender, "1,011/s");
  for (proto::RunReport& run : *other.mutable_runs()) run.set_closed_loop(true);
  facts = DifferingFacts(Sample(), other);
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[0].baseline, "open");
  EXPECT_EQ(facts[0].contender, "closed");
}

}  // namespace
}  // namespace drumline
