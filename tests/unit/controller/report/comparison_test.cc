#include "controller/report/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "controller/report/compared_metric.h"
#include "core/repeats.h"
#include "core/student_t.h"
#include "tests/unit/controller/report/sample_campaign.h"

namespace drumline {
namespace {

const proto::ComparisonResult& ResultOf(const proto::Report& report, const std::string& metric) {
  for (const proto::ComparisonResult& result : report.comparison()) {
    if (result.metric() == metric) return result;
  }
  ADD_FAILURE() << "no " << metric;
  return proto::ComparisonResult::default_instance();
}

TEST(AddComparison, OneRunOfOneTargetSaysNothing) {
  proto::Report report;
  *report.add_runs() = SampleRepeat("old", 1, 1);
  AddComparison(&report);
  EXPECT_TRUE(report.repeats().empty());
  EXPECT_TRUE(report.comparison().empty());
}

TEST(AddComparison, SummarisesTheRepeatsOfEachTarget) {
  proto::Report report = SampleCampaign(3, 0.65, 0.01);
  AddComparison(&report);
  ASSERT_EQ(report.repeats_size(), 2);
  const proto::TargetRepeats& old_target = report.repeats(0);
  EXPECT_EQ(old_target.target(), "old");
  EXPECT_EQ(old_target.point().at("payload"), "1KiB");
  EXPECT_EQ(old_target.repeats_size(), 3);
  // All but the cold start, which no run has.
  ASSERT_EQ(old_target.metrics_size(), static_cast<int>(ComparedMetrics().size()) - 1);
  const proto::MetricRepeats& p99 = old_target.metrics(2);
  EXPECT_EQ(p99.metric(), "p99");
  EXPECT_NEAR(p99.values(0), 4'000 * std::exp(-0.01), 1e-6);
  EXPECT_NEAR(p99.mean(), 4'000, 1e-6);
  EXPECT_NEAR(p99.spread(), 0.01, 1e-9);
  const double reach = StudentQuantile(0.975, 2) * 0.01 / std::sqrt(3.0);
  EXPECT_NEAR(p99.low(), 4'000 * std::exp(-reach), 1e-6);
  EXPECT_NEAR(p99.high(), 4'000 * std::exp(reach), 1e-6);
  EXPECT_NEAR(p99.smallest_effect_seen(), *SmallestEffect(0.01, 3, 3), 1e-9);
}

TEST(AddComparison, ComparesEachMetricWithTheFirstTarget) {
  proto::Report report = SampleCampaign(3, 0.65, 0.01);
  AddComparison(&report);
  ASSERT_EQ(report.comparison_size(), static_cast<int>(ComparedMetrics().size()) - 1);
  const double reach = StudentQuantile(0.975, 4) * 0.01 * std::sqrt(2.0 / 3);
  for (const char* metric : {"p50", "p95", "p99", "p99.9", "cpu_per_request", "rss"}) {
    const proto::ComparisonResult& result = ResultOf(report, metric);
    EXPECT_EQ(result.baseline(), "old");
    EXPECT_EQ(result.contender(), "new");
    EXPECT_EQ(result.finding(), proto::ComparisonFinding::BETTER) << metric;
    EXPECT_NEAR(result.ratio(), 0.65, 1e-9);
    EXPECT_NEAR(result.low(), 0.65 * std::exp(-reach), 1e-6);
    EXPECT_NEAR(result.high(), 0.65 * std::exp(reach), 1e-6);
    EXPECT_LT(result.difference_high(), 0);
    EXPECT_FALSE(result.paired());
  }
  EXPECT_EQ(ResultOf(report, "p50").words(), "faster by 35.0 % [33.5, 36.5]");
  EXPECT_EQ(ResultOf(report, "rss").words(), "smaller by 35.0 % [33.5, 36.5]");
  EXPECT_EQ(ResultOf(report, "throughput").finding(), proto::ComparisonFinding::ALIKE);
}

TEST(AddComparison, HigherThroughputIsBetter) {
  proto::Report report = SampleCampaign(3, 1, 0.01);
  for (proto::RunReport& run : *report.mutable_runs()) {
    if (run.target() == "new") run.set_achieved_rps(1'500);
  }
  AddComparison(&report);
  EXPECT_EQ(ResultOf(report, "throughput").finding(), proto::ComparisonFinding::BETTER);
  EXPECT_EQ(ResultOf(report, "throughput").words(), "higher by 50.00 % [49.90, 50.10]");
}

TEST(AddComparison, LeavesOutAndNamesWhatIsNotValid) {
  proto::Report report = SampleCampaign(3, 0.65, 0.01);
  report.mutable_runs(1)->mutable_verdict()->set_validity(proto::Validity::INVALID);
  report.mutable_runs(1)->mutable_response_time()->set_p50_us(1e9);
  AddComparison(&report);
  ASSERT_EQ(report.left_out_size(), 1);
  EXPECT_EQ(report.left_out(0).run_id(), "new-r1");
  EXPECT_EQ(report.left_out(0).validity(), proto::Validity::INVALID);
  const proto::ComparisonResult& p50 = ResultOf(report, "p50");
  EXPECT_EQ(p50.baseline_repeats(), 3u);
  EXPECT_EQ(p50.contender_repeats(), 2u);
  EXPECT_NEAR(p50.contender_mean(), 650 * std::exp(0.005), 1e-6);
}

TEST(AddComparison, TheFirstTargetIsTheBaselineEvenIfItsRunsAreInvalid) {
  proto::Report report = SampleCampaign(2, 0.65, 0.01);
  for (proto::RunReport& run : *report.mutable_runs()) {
    if (run.target() == "old") run.mutable_verdict()->set_validity(proto::Validity::INVALID);
  }
  AddComparison(&report);
  const proto::ComparisonResult& p50 = ResultOf(report, "p50");
  EXPECT_EQ(p50.baseline(), "old");
  EXPECT_EQ(p50.finding(), proto::ComparisonFinding::NOT_COMPARED);
  EXPECT_EQ(p50.words(), "not compared: needs two valid repeats of each");
}

TEST(AddComparison, PairsRepeatsOfTargetsThatTookTurns) {
  // The spread between repeats is large, and the same for both: only pairs see through it.
  proto::Report report = SampleCampaign(8, 0.97, 0.05);
  for (proto::RunReport& run : *report.mutable_runs()) {
    run.mutable_response_time()->set_p50_us(run.response_time().p50_us() *
                                            (run.repeat() % 2 == 0 ? 1.0005 : 0.9995));
  }
  proto::Report sequential = report;
  AddComparison(&report);
  EXPECT_TRUE(ResultOf(report, "p50").paired());
  EXPECT_EQ(ResultOf(report, "p50").finding(), proto::ComparisonFinding::BETTER);
  // The same figures, one target after the other: repeat k of the one has no neighbour.
  std::stable_sort(sequential.mutable_runs()->begin(), sequential.mutable_runs()->end(),
                   [](const auto& a, const auto& b) { return a.target() > b.target(); });
  AddComparison(&sequential);
  EXPECT_FALSE(ResultOf(sequential, "p50").paired());
  EXPECT_EQ(ResultOf(sequential, "p50").finding(), proto::ComparisonFinding::INCONCLUSIVE);
}

TEST(AddComparison, ARepeatWithoutItsPairIsNotCounted) {
  proto::Report report = SampleCampaign(8, 0.97, 0.05);
  report.mutable_runs(0)->mutable_verdict()->set_validity(proto::Validity::INVALID);
  AddComparison(&report);
  EXPECT_TRUE(ResultOf(report, "p50").paired());
  EXPECT_EQ(ResultOf(report, "p50").baseline_repeats(), 7u);
  EXPECT_EQ(ResultOf(report, "p50").contender_repeats(), 7u);
  EXPECT_NEAR(ResultOf(report, "p50").ratio(), 0.97, 1e-9);
}

TEST(AddComparison, ComparesWithinPointsAlone) {
  proto::Report report = SampleCampaign(3, 0.65, 0.01);
  const proto::Report other = SampleCampaign(3, 1.5, 0.01);
  for (proto::RunReport run : other.runs()) {
    (*run.mutable_point())["payload"] = "8KiB";
    *report.add_runs() = run;
  }
  AddComparison(&report);
  ASSERT_EQ(report.comparison_size(), 14);
  EXPECT_EQ(report.comparison(0).finding(), proto::ComparisonFinding::BETTER);
  EXPECT_EQ(report.comparison(7).point().at("payload"), "8KiB");
  EXPECT_EQ(report.comparison(7).words(), "slower by 50 % [47, 53]");
  EXPECT_EQ(report.comparison(7).finding(), proto::ComparisonFinding::WORSE);
}

TEST(AddComparison, ColdStartsAreComparedWhereRunsHaveThem) {
  proto::Report report = SampleCampaign(3, 0.65, 0.01);
  for (proto::RunReport& run : *report.mutable_runs()) {
    run.set_cold_start_us(run.target() == "old" ? 10'000 : 5'000);
  }
  AddComparison(&report);
  EXPECT_NEAR(ResultOf(report, "cold_start").ratio(), 0.5, 1e-9);
  EXPECT_EQ(ResultOf(report, "cold_start").words().substr(0, 13), "quicker by 50");
  report.clear_repeats();
  report.clear_comparison();
  report.mutable_runs(0)->clear_cold_start_us();
  AddComparison(&report);
  EXPECT_EQ(ResultOf(report, "cold_start").finding(), proto::ComparisonFinding::NOT_COMPARED);
}

// Of SampleCampaign, runs of equal repeats carried out at once.
proto::Report PairedCampaign(uint32_t repeats) {
  proto::Report report = SampleCampaign(repeats, 0.65, 0.01);
  for (proto::RunReport& run : *report.mutable_runs()) run.set_pair(run.repeat());
  return report;
}

TEST(AddComparison, RunsAtOnceAreComparedPairByPair) {
  proto::Report report = PairedCampaign(3);
  AddComparison(&report);
  const proto::ComparisonResult& p99 = ResultOf(report, "p99");
  EXPECT_TRUE(p99.paired());
  // All ratios are the same: the spread is the least that histograms can know.
  const double reach = StudentQuantile(0.975, 2) * kLeastLogDeviation / std::sqrt(3.0);
  EXPECT_NEAR(p99.high(), 0.65 * std::exp(reach), 1e-9);
}

TEST(AddComparison, OfRunsAtOnceBothCountOrNone) {
  proto::Report report = PairedCampaign(4);
  proto::RunReport& broken = *report.mutable_runs(0);
  broken.mutable_verdict()->set_validity(proto::Validity::INVALID);
  // The pair of the second repeat was cut off in one of its runs, and both were done again.
  std::vector<proto::RunReport> again;
  for (proto::RunReport& run : *report.mutable_runs()) {
    if (run.repeat() != 2) continue;
    again.push_back(run);
    again.back().set_run_id(run.run_id() + ".2");
    if (run.target() == "old") run.mutable_verdict()->set_validity(proto::Validity::INVALID);
  }
  for (const proto::RunReport& run : again) *report.add_runs() = run;
  AddComparison(&report);
  for (const proto::TargetRepeats& repeats : report.repeats()) {
    EXPECT_EQ((std::vector<uint32_t>(repeats.repeats().begin(), repeats.repeats().end())),
              (std::vector<uint32_t>{2, 3, 4}))
        << repeats.target();
  }
  ASSERT_EQ(report.left_out_size(), 4);
  int by_partner = 0;
  for (const proto::LeftOutRun& left : report.left_out()) {
    by_partner += left.why() == "the other of its pair does not count";
  }
  EXPECT_EQ(by_partner, 2);
}

// A controller that ended in mid-run may have written one of two records.
TEST(AddComparison, ARunWhosePartnerLeftNoReportDoesNotCount) {
  proto::Report report = PairedCampaign(4);
  // The first pair's other run is not there, nor is the second attempt at the second pair's.
  report.mutable_runs()->DeleteSubrange(1, 1);
  for (const proto::RunReport& run : std::vector(report.runs().begin(), report.runs().end())) {
    if (run.repeat() != 2 || run.target() != "old") continue;
    *report.add_runs() = run;
    report.mutable_runs()->rbegin()->set_run_id(run.run_id() + ".2");
  }
  AddComparison(&report);
  for (const proto::TargetRepeats& repeats : report.repeats()) {
    EXPECT_EQ((std::vector<uint32_t>(repeats.repeats().begin(), repeats.repeats().end())),
              (std::vector<uint32_t>{3, 4}))
        << repeats.target();
  }
  std::vector<std::string> alone;
  for (const proto::LeftOutRun& left : report.left_out()) {
    if (left.why() == "the other of its pair left no report") alone.push_back(left.run_id());
  }
  EXPECT_EQ(alone, (std::vector<std::string>{"old-r1", "old-r2.2"}));
  EXPECT_EQ(report.left_out_size(), 4);
}

TEST(AddComparison, ABoundIsNoValue) {
  proto::Report report = SampleCampaign(3, 0.65, 0.01);
  report.mutable_runs(1)->mutable_response_time()->set_lower_bound_from_us(5'000);
  report.mutable_runs(0)->mutable_target_resources()->set_cpu_not_known("was it restarted?");
  AddComparison(&report);
  EXPECT_EQ(ResultOf(report, "p99").finding(), proto::ComparisonFinding::BETTER);
  const proto::ComparisonResult& tail = ResultOf(report, "p99.9");
  EXPECT_EQ(tail.finding(), proto::ComparisonFinding::NOT_COMPARED);
  EXPECT_FALSE(tail.has_low());
  EXPECT_EQ(tail.words(),
            "not compared: new: it is a lower bound: requests without an answer are among them");
  EXPECT_EQ(ResultOf(report, "cpu_per_request").words(), "not compared: old: was it restarted?");
  EXPECT_EQ(report.repeats(0).metrics(5).not_known(), "was it restarted?");
}

}  // namespace
}  // namespace drumline
