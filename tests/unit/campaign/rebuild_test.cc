#include "controller/campaign/rebuild.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "controller/bundle/bundle.h"
#include "controller/bundle/posix_file.h"
#include "controller/campaign/assembly.h"
#include "controller/report/report_builder.h"
#include "controller/report/report_json.h"
#include "controller/run/run_totals.h"
#include "core/histogram.h"
#include "core/histogram_codec.h"
#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;
constexpr char kAgents[] = "ab";
constexpr uint64_t kSeconds = 3;
constexpr int kPerSecond = 100;

std::vector<std::string> ReasonsOf(const proto::Report& report, int run = 0) {
  const auto& reasons = report.runs(run).verdict().reasons();
  return {reasons.begin(), reasons.end()};
}

proto::Bound P99Below(double limit_ns, const std::string& text) {
  proto::Bound bound;
  bound.set_metric("p99");
  bound.set_quantile(0.99);
  bound.set_comparison(proto::COMPARISON_LESS);
  bound.set_limit(limit_ns);
  bound.set_text(text);
  return bound;
}

// A bundle of one run: two agents, three seconds of a hundred requests each.
class RebuildTest : public testing::Test {
 protected:
  RebuildTest() {
    plan_.set_scenario_name("small");
    plan_.mutable_engine()->set_pacing(proto::PACING_SPIN);
    *plan_.mutable_max_send_lag() = P99Below(10e6, "p99 < 10ms");
    *plan_.add_slo() = P99Below(2e6, "p99 < 2ms");
    proto::RunPlan& run = *plan_.add_runs();
    run.set_run_id(kSampleRun);
    run.set_target("echo");
    run.set_repeat(1);
    run.mutable_load()->set_measure_ns(kSeconds * kSecond);
    run.mutable_load()->set_beats(2 * kSeconds * kPerSecond);
    record_.set_run_id(kSampleRun);
    record_.set_started_unix_ns(1'783'762'200'000'000'000);
    record_.set_ended(true);
    for (int i = 0; i < 2; ++i) {
      proto::AgentRecord& agent = *record_.add_agents();
      agent.set_id(std::string(1, kAgents[i]));
      agent.set_host("here");
      agent.set_engine("io_uring");
      agent.set_clock_uncertainty_ns(40'000);
    }
    for (uint64_t number = 1; number <= kSeconds; ++number) {
      for (int i = 0; i < 2; ++i) {
        intervals_.push_back(
            SampleInterval(std::string(1, kAgents[i]), number, SampleBook(kPerSecond)));
        intervals_.back().set_last(number == kSeconds);
        Histogram hiccups;
        hiccups.RecordMany(50'000, 1'000);
        EncodeHistogram(hiccups, intervals_.back().mutable_hiccups());
      }
      scrapes_.emplace_back().set_run_id(kSampleRun);
      scrapes_.back().set_target("echo");
      scrapes_.back().set_at_ns(static_cast<int64_t>(number) * kSecond - 1);
      scrapes_.back().set_rss_bytes(1e6 * static_cast<double>(number));
    }
  }

  // Writes what the members hold; the run's record only if it is wanted.
  void Write(bool with_record = true) {
    const std::string results = absl::StrCat(testing::TempDir(), "/rebuild-", getpid());
    Bundle bundle = Bundle::Create(results, "small", absl::UnixEpoch()).value();
    path_ = bundle.path();
    ASSERT_TRUE(bundle.WriteScenario("name: small\n").ok());
    ASSERT_TRUE(bundle.WritePlan(plan_).ok());
    ASSERT_TRUE(bundle.WriteEnvironment(environment_).ok());
    for (const auto& interval : intervals_) ASSERT_TRUE(bundle.AppendInterval(interval).ok());
    for (const auto& scrape : scrapes_) ASSERT_TRUE(bundle.AppendScrape(scrape).ok());
    if (with_record) {
      ASSERT_TRUE(bundle.AppendRunRecord(record_).ok());
    }
    ASSERT_TRUE(bundle.Sync().ok());
  }

  std::string PathOf(const char* file) const { return path_ + "/" + file; }

  // The report as a campaign makes it, without a bundle.
  proto::Report Direct() const {
    RunTotals totals(kSampleRun);
    for (const auto& interval : intervals_) EXPECT_TRUE(totals.Add(interval).ok());
    const proto::RunReport run =
        BuildRunReport(AssembleRun(plan_.runs(0), totals, record_, scrapes_), ObjectivesOf(plan_));
    return BuildReport(FactsOf(plan_, environment_, {record_}), {run});
  }

  proto::Plan plan_;
  proto::Environment environment_;
  proto::RunRecord record_;
  std::vector<proto::Interval> intervals_;
  std::vector<proto::Scrape> scrapes_;
  std::string path_;
};

TEST_F(RebuildTest, TheReportIsTheOneThatTheCampaignMade) {
  Write();
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(MessageDifferencer::Equals(*report, Direct())) << report->DebugString();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::VALID);
  EXPECT_EQ(report->runs(0).ledger().ok(), 2 * kSeconds * kPerSecond);
  EXPECT_EQ(report->runs(0).hiccup().count(), 2 * kSeconds * 1'000);
  EXPECT_EQ(report->agents(0).engine(), "io_uring");
  EXPECT_EQ(report->generator().pacing(), "spin");
  EXPECT_EQ(report->runs(0).target_resources().scrapes(), kSeconds);
  EXPECT_EQ(ReadWholeFile(PathOf(kReportFile), 1 << 20).value(), ReportToJson(*report).value());
  // Nothing is taken from the report that is there now.
  EXPECT_TRUE(MessageDifferencer::Equals(RebuildReport(path_).value(), *report));
}

// Bundles from before agents measured hiccups and said which engine they used.
TEST_F(RebuildTest, ABundleWithoutHiccupsAndEnginesIsReadAllTheSame) {
  plan_.clear_engine();
  for (auto& agent : *record_.mutable_agents()) agent.clear_engine();
  for (auto& interval : intervals_) interval.clear_hiccups();
  Write();
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::VALID);
  EXPECT_EQ(report->runs(0).hiccup().count(), 0U);
  EXPECT_EQ(report->generator().pacing(), "");
}

TEST_F(RebuildTest, ATruncatedFileIsInvalidAndTheDamageIsNamed) {
  Write();
  const std::string intervals = PathOf(kIntervalsFile);
  std::filesystem::resize_file(intervals, std::filesystem::file_size(intervals) - 5);
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::INVALID);
  EXPECT_THAT(ReasonsOf(*report), Contains(HasSubstr("intervals.pb, byte ")));
  EXPECT_THAT(ReasonsOf(*report), Contains(HasSubstr("the 5 records before it are intact")));
  EXPECT_EQ(report->runs(0).ledger().ok(), 5U * kPerSecond) << "as far as it goes";
}

TEST_F(RebuildTest, AFlippedBitIsInvalidAndTheDamageIsNamed) {
  Write();
  const std::string intervals = PathOf(kIntervalsFile);
  std::string bytes = ReadWholeFile(intervals, 1 << 30).value();
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  ASSERT_TRUE(WriteFileAtomically(intervals, bytes).ok());
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::INVALID);
  EXPECT_THAT(ReasonsOf(*report), Contains(HasSubstr("intervals.pb, byte ")));
}

// A file that was cut between two records has no damage that a checksum could see. In a closed
// loop no count of beats shows it either.
TEST_F(RebuildTest, ALastIntervalThatIsMissingIsNamed) {
  plan_.mutable_runs(0)->mutable_load()->set_closed_loop(true);
  plan_.mutable_runs(0)->mutable_load()->clear_beats();
  intervals_.pop_back();
  Write();
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::INVALID);
  EXPECT_THAT(ReasonsOf(*report),
              ElementsAre("intervals.pb holds 2 intervals of agent b, but not its last one"));
  intervals_.clear();
  Write();
  EXPECT_THAT(ReasonsOf(RebuildReport(path_).value()),
              Contains("intervals.pb holds 0 intervals of agent a, but not its last one"));
}

TEST_F(RebuildTest, ALostAgentIsNotMissedASecondTime) {
  intervals_.pop_back();
  record_.mutable_agents(1)->set_lost_at_ns(2'100'000'000);
  record_.add_faults("agent b was lost at 2.1 s: killed");
  Write();
  EXPECT_TRUE(MessageDifferencer::Equals(RebuildReport(path_).value(), Direct()));
}

// One bad record used to make the whole bundle unreadable.
TEST_F(RebuildTest, AnIntervalThatDoesNotFitIsNamedAndTheRestReported) {
  intervals_.erase(intervals_.begin() + 3);  // the second of agent b
  Write();
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::INVALID);
  EXPECT_THAT(ReasonsOf(*report),
              Contains("intervals.pb: interval 3 of agent b: interval 2 is missing"));
  EXPECT_EQ(report->runs(0).ledger().ok(), 4U * kPerSecond);
}

TEST_F(RebuildTest, ARunThatWasCutOffIsReportedAsFarAsItGoes) {
  intervals_.resize(4);
  Write(/*with_record=*/false);
  const auto report = RebuildReport(path_);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->verdict().validity(), proto::Validity::INVALID);
  EXPECT_THAT(ReasonsOf(*report),
              Contains("the run was cut off: the controller ended before it did"));
  EXPECT_EQ(report->runs(0).ledger().ok(), 4U * kPerSecond);
  EXPECT_EQ(report->runs(0).agents_size(), 2);
}

TEST_F(RebuildTest, WhatIsNotABundleOrHoldsNoRunIsNotFound) {
  const auto nothing = RebuildReport("/nowhere/at/all");
  EXPECT_EQ(nothing.status().code(), absl::StatusCode::kNotFound);
  intervals_.clear();
  Write(/*with_record=*/false);
  const auto empty = RebuildReport(path_);
  EXPECT_EQ(empty.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(empty.status().message()), HasSubstr("holds no run that has begun"));
}

}  // namespace
}  // namespace drumline
