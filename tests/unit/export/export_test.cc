// Stretches of time, and how a log and a table write them. That HdrHistogram's own library reads
// the log is for tests/e2e/exports_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "controller/export/interval_table.h"
#include "controller/export/latency_log.h"
#include "controller/export/stretch_merger.h"
#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int64_t kSecond = 1'000'000'000;

struct Seen {
  int64_t begin_s;
  std::string agent_id;
  uint32_t agents;
  uint64_t ok;
  friend bool operator==(const Seen&, const Seen&) = default;
};

class StretchMergerTest : public testing::Test {
 protected:
  void Add(const std::string& agent, uint64_t number, int answered,
           const std::string& run_id = kSampleRun) {
    proto::Interval interval = SampleInterval(agent, number, SampleBook(answered));
    interval.set_run_id(run_id);
    ASSERT_TRUE(merger_.Add(interval).ok());
  }

  std::vector<Seen> Finish() {
    EXPECT_TRUE(merger_.Finish().ok());
    return seen_;
  }

  std::vector<Seen> seen_;
  StretchMerger merger_{
      StretchMerger::Fleet::kMerged, [this](const Stretch& stretch) {
        seen_.push_back({stretch.begin_ns / kSecond, stretch.agent_id, stretch.agents,
                         stretch.measure.ledger().Count(Outcome::kOk)});
        return absl::OkStatus();
      }};
};

TEST_F(StretchMergerTest, AgentsOfOneSecondBecomeOneStretchInOrderOfTime) {
  Add("a", 1, 10);
  Add("a", 2, 20);
  Add("b", 1, 1);
  Add("b", 2, 2);
  EXPECT_THAT(Finish(), ElementsAre(Seen{0, "", 2, 11}, Seen{1, "", 2, 22}));
}

TEST_F(StretchMergerTest, AnIntervalThatWasKeptTwiceCountsOnce) {
  Add("a", 1, 10);
  Add("a", 1, 10);
  EXPECT_THAT(Finish(), ElementsAre(Seen{0, "", 1, 10}));
}

TEST_F(StretchMergerTest, AnAgentThatIsLateIsGivenOutByItself) {
  for (uint64_t number = 1; number <= StretchMerger::kMaxOpen + 1; ++number) Add("a", number, 1);
  Add("b", 1, 5);
  const std::vector<Seen> seen = Finish();
  uint64_t sum = 0;
  for (const Seen& stretch : seen) sum += stretch.ok;
  EXPECT_EQ(sum, StretchMerger::kMaxOpen + 1 + 5);
  EXPECT_EQ(seen[0], (Seen{0, "", 1, 1}));
  EXPECT_EQ(seen[1], (Seen{0, "", 1, 5}));
}

TEST_F(StretchMergerTest, RunsDoNotMix) {
  Add("a", 1, 10);
  Add("a", 1, 3, "002-echo-r2");
  EXPECT_THAT(Finish(), ElementsAre(Seen{0, "", 1, 10}, Seen{0, "", 1, 3}));
}

Stretch SampleStretch() {
  Stretch stretch;
  stretch.run_id = kSampleRun;
  stretch.begin_ns = 3 * kSecond;
  stretch.end_ns = 4 * kSecond;
  stretch.phase = proto::PHASE_MEASURE;
  stretch.agents = 2;
  stretch.measure = SampleBook(7);
  return stretch;
}

TEST(LatencyLogTest, ALineForEachTimeWithItsTagAndStamps) {
  const std::string text = LatencyLogLines(SampleStretch(), 100 * kSecond);
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u);
  // 0x1c849314 in base64 begins with HISTF, the sign of the format.
  EXPECT_THAT(lines[0], StartsWith("Tag=001-echo-r1:response_time,103.000,1.000,1.000,HISTF"));
  EXPECT_THAT(lines[1], StartsWith("Tag=001-echo-r1:service_time,103.000,1.000,0.998,HISTF"));
  EXPECT_THAT(lines[2], StartsWith("Tag=001-echo-r1:send_lag,103.000,1.000,0.002,HISTF"));
}

TEST(LatencyLogTest, NothingMeasuredIsNoLine) { EXPECT_EQ(LatencyLogLines(Stretch{}, 0), ""); }

TEST(LatencyLogTest, TheHeadNamesTheStartTwice) {
  const std::string head = LatencyLogHead(1'783'762'200'250'000'000);
  EXPECT_THAT(head, HasSubstr("#[StartTime: 1783762200.250 (seconds since epoch), 2026-07-11T"));
  EXPECT_THAT(head, HasSubstr("#[BaseTime: 1783762200.250 (seconds since epoch)]\n"));
}

TEST(IntervalTableTest, ARowHasACellForEachColumn) {
  proto::RunPlan run;
  run.set_target("a \"b\", c");
  run.set_repeat(2);
  (*run.mutable_point())["payload"] = "1KiB";
  const std::string row = IntervalTableRow(SampleStretch(), run);
  EXPECT_THAT(row, StartsWith("001-echo-r1,\"a \"\"b\"\", c\",payload=1KiB,2,,2,3.000000,4.000000,"
                              "measure,7,7,7,0,0,"));
  run.set_target("plain");
  const auto columns = [](const std::string& text) {
    return std::vector<std::string>(absl::StrSplit(text, ',')).size();
  };
  EXPECT_EQ(columns(IntervalTableRow(SampleStretch(), run)), columns(IntervalTableHead()));
  EXPECT_EQ(columns(IntervalTableRow(Stretch{}, run)), columns(IntervalTableHead()));
}

}  // namespace
}  // namespace drumline
