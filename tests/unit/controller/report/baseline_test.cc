#include "controller/report/baseline.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "controller/format/columns.h"
#include "controller/report/comparison.h"
#include "tests/unit/controller/report/sample_campaign.h"

namespace drumline {
namespace {

// One target, three repeats.
proto::Report Campaign(const std::string& target, double factor, double step) {
  proto::Report report;
  for (int repeat = 1; repeat <= 3; ++repeat) {
    const double wander = repeat == 1 ? 1 - step : repeat == 3 ? 1 + step : 1;
    *report.add_runs() = SampleRepeat(target, static_cast<uint32_t>(repeat), factor * wander);
  }
  return report;
}

TEST(CompareReports, FindsARegression) {
  const auto compared = CompareReports(Campaign("echo", 1, 0.01), Campaign("echo", 1.2, 0.01), 0);
  ASSERT_TRUE(compared.ok()) << compared.status();
  ASSERT_EQ(compared->pairs.size(), 1u);
  // All but throughput, which did not change.
  EXPECT_EQ(compared->regressions.size(), 6u);
  EXPECT_EQ(ExitCodeFor(*compared), 1);
  EXPECT_EQ(compared->regressions[0].metric(), "p50");
}

TEST(CompareReports, AnImprovementIsNoRegression) {
  const auto compared = CompareReports(Campaign("echo", 1.2, 0.01), Campaign("echo", 1, 0.01), 0);
  EXPECT_TRUE(compared->regressions.empty());
  EXPECT_EQ(ExitCodeFor(*compared), 0);
}

TEST(CompareReports, WhatIsToleratedIsNoRegression) {
  const proto::Report old_report = Campaign("echo", 1, 0.005);
  const proto::Report new_report = Campaign("echo", 1.04, 0.005);
  EXPECT_EQ(ExitCodeFor(*CompareReports(old_report, new_report, 0)), 1);
  EXPECT_EQ(ExitCodeFor(*CompareReports(old_report, new_report, 0.03)), 1);
  EXPECT_EQ(ExitCodeFor(*CompareReports(old_report, new_report, 0.05)), 0);
}

TEST(CompareReports, LowerThroughputIsARegression) {
  proto::Report slow = Campaign("echo", 1, 0.01);
  for (proto::RunReport& run : *slow.mutable_runs()) run.set_achieved_rps(900);
  const auto compared = CompareReports(Campaign("echo", 1, 0.01), slow, 0.05);
  ASSERT_EQ(compared->regressions.size(), 1u);
  EXPECT_EQ(compared->regressions[0].words(), "lower by 10.00 % [9.94, 10.06]");
}

TEST(CompareReports, NoiseIsInconclusive) {
  const auto compared = CompareReports(Campaign("echo", 1, 0.2), Campaign("echo", 1.05, 0.2), 0);
  EXPECT_TRUE(compared->regressions.empty());
  EXPECT_EQ(ExitCodeFor(*compared), 4);
}

TEST(CompareReports, WithoutRepeatsNothingCanBeSaid) {
  proto::Report one;
  *one.add_runs() = SampleRepeat("echo", 1, 1);
  EXPECT_EQ(ExitCodeFor(*CompareReports(one, one, 0)), 4);
}

TEST(CompareReports, TargetsAreMatchedByNameUnlessThereIsOneOfEach) {
  EXPECT_EQ(CompareReports(Campaign("old", 1, 0.01), Campaign("new", 1, 0.01), 0)->pairs.size(),
            1u);
  const proto::Report both = SampleCampaign(3, 1, 0.01);
  const auto compared = CompareReports(both, Campaign("new", 1, 0.01), 0);
  ASSERT_TRUE(compared.ok());
  EXPECT_EQ(compared->pairs.size(), 1u);
  ASSERT_EQ(compared->remarks.size(), 1u);
  EXPECT_EQ(compared->remarks[0], "only the baseline has old at payload 1KiB");
  EXPECT_FALSE(CompareReports(both, Campaign("other", 1, 0.01), 0).ok());
  EXPECT_FALSE(CompareReports(proto::Report(), both, 0).ok());
}

TEST(CompareReports, InvalidRunsAreNamed) {
  proto::Report other = Campaign("echo", 1, 0.01);
  other.mutable_runs(1)->mutable_verdict()->set_validity(proto::Validity::INVALID);
  const auto compared = CompareReports(Campaign("echo", 1, 0.01), other, 0);
  ASSERT_EQ(compared->remarks.size(), 1u);
  EXPECT_EQ(compared->remarks[0], "run echo-r2 of the contender is INVALID and left out");
  EXPECT_EQ(compared->pairs[0][0].contender_repeats(), 2u);
}

TEST(BaselineToText, SaysWhatRegressedAndWhetherItIsFair) {
  proto::Report baseline = Campaign("echo", 1, 0.01);
  proto::Report contender = Campaign("echo", 1.2, 0.01);
  baseline.mutable_environment()->set_governor("performance");
  contender.mutable_environment()->set_governor("powersave");
  contender.mutable_environment()->set_target_sha256(std::string(64, 'f'));
  const auto compared = CompareReports(baseline, contender, 0.05);
  for (size_t columns : {60u, 80u, 100u}) {
    const std::string text = BaselineToText(*compared, "results/a", "results/b", columns);
    EXPECT_TRUE(absl::StrContains(text, "NOT a fair comparison")) << text;
    EXPECT_TRUE(absl::StrContains(text, "! governor: performance → powersave\n")) << text;
    EXPECT_TRUE(absl::StrContains(text, "target's program: not known → ffffffffffff…\n")) << text;
    EXPECT_TRUE(absl::StrContains(text, "REGRESSION beyond 5.0 %\n")) << text;
    EXPECT_TRUE(absl::StrContains(text, "  - echo CPU a request: dearer by 20 % [17, 23]\n"))
        << text;
    for (const auto& line : absl::StrSplit(text, '\n')) EXPECT_LE(DisplayWidth(line), 100u) << line;
  }
}

TEST(BaselineToText, SaysThatNothingIsToBeFeared) {
  const auto same = CompareReports(Campaign("echo", 1, 0.001), Campaign("echo", 1, 0.001), 0);
  const std::string text = BaselineToText(*same, "a", "b", 80);
  EXPECT_TRUE(absl::StrContains(text, "fair comparison: no fact that is known differs\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "\nno regression seen\n")) << text;
  const auto noisy = CompareReports(Campaign("echo", 1, 0.2), Campaign("echo", 1, 0.2), 0);
  EXPECT_TRUE(absl::StrContains(BaselineToText(*noisy, "a", "b", 80), "\nINCONCLUSIVE: "));
}

proto::NoiseFloor FloorOfTenPerCent() {
  proto::NoiseFloor floor;
  floor.set_measured_at("2026-11-01T00:00:00Z");
  proto::MetricFloor& p50 = *floor.add_metrics();
  p50.set_metric("p50");
  p50.set_largest_difference(0.1);
  return floor;
}

TEST(CompareReports, SaysOfADifferenceThatItIsBelowTheFloor) {
  const proto::NoiseFloor floor = FloorOfTenPerCent();
  const auto compared =
      CompareReports(Campaign("echo", 1, 0.005), Campaign("echo", 1.08, 0.005), 0.05, &floor);
  ASSERT_TRUE(compared.ok());
  // It has regressed all the same: the floor is no second test.
  EXPECT_EQ(ExitCodeFor(*compared), 1);
  EXPECT_TRUE(compared->pairs[0][0].below_noise_floor());
  EXPECT_FALSE(compared->pairs[0][1].has_noise_floor());
  const std::string text = BaselineToText(*compared, "a", "b", 100);
  EXPECT_TRUE(absl::StrContains(text, "but below the noise floor of 10 %")) << text;
  EXPECT_TRUE(absl::StrContains(text, "held against the noise floor of 2026-11-01T00:00:00Z\n"));
}

TEST(CompareReports, LeavesAFloorOfAnotherFleetAside) {
  proto::NoiseFloor floor = FloorOfTenPerCent();
  floor.mutable_environment()->set_cpu_model("A");
  proto::Report contender = Campaign("echo", 1.08, 0.005);
  contender.mutable_environment()->set_cpu_model("B");
  const auto compared = CompareReports(Campaign("echo", 1, 0.005), contender, 0.05, &floor);
  ASSERT_TRUE(compared.ok());
  EXPECT_FALSE(compared->pairs[0][0].has_noise_floor());
  ASSERT_EQ(compared->remarks.size(), 1u);
  EXPECT_TRUE(absl::StrContains(compared->remarks[0], "is left aside: ")) << compared->remarks[0];
}

TEST(NoiseFloorText, IsTheLargestDifferenceThatIsNotExcluded) {
  proto::Report report = SampleCampaign(3, 1, 0.01);
  AddComparison(&report);
  const std::string text = NoiseFloorText(report, 80);
  // Student's t of 4 degrees · 0.01 · sqrt(2 / 3) is 0.02267: exp of it is 2.3 % above 1.
  EXPECT_TRUE(absl::StrContains(text, "p99 payload 1KiB")) << text;
  EXPECT_TRUE(absl::StrContains(text, "2.3 %  no difference larger than 2.3 % seen")) << text;
  EXPECT_TRUE(absl::StrContains(text, "0 of 7 metrics seem to differ")) << text;
  EXPECT_EQ(NoiseFloorText(proto::Report(), 80), "");
}

}  // namespace
}  // namespace drumline
