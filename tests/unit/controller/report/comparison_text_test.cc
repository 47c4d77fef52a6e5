#include "controller/report/comparison_text.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "controller/format/columns.h"
#include "controller/report/comparison.h"
#include "tests/unit/controller/report/sample_campaign.h"

namespace drumline {
namespace {

proto::Report Compared(uint32_t repeats, double ratio, double step) {
  proto::Report report = SampleCampaign(repeats, ratio, step);
  AddComparison(&report);
  return report;
}

TEST(RepeatsText, IsThisText) {
  const std::string text = RepeatsText(Compared(3, 0.65, 0.01), 100);
  EXPECT_EQ(text.substr(0, text.find("repeats of new")),
            R"(repeats of old · payload 1KiB · 3 valid runs
  metric         repeat 1  repeat 2  repeat 3      mean        95 % interval  spread
  p50              990 µs   1.00 ms   1.01 ms   1.00 ms     975 µs … 1.03 ms   1.0 %
  p95             1.98 ms   2.00 ms   2.02 ms   2.00 ms    1.95 ms … 2.05 ms   1.0 %
  p99             3.96 ms   4.00 ms   4.04 ms   4.00 ms    3.90 ms … 4.10 ms   1.0 %
  p99.9           7.92 ms   8.00 ms   8.08 ms   8.00 ms    7.80 ms … 8.20 ms   1.0 %
  throughput      1,000/s   1,000/s   1,000/s   1,000/s      999/s … 1,001/s   0.0 %
  CPU a request   19.8 µs   20.0 µs   20.2 µs   20.0 µs    19.5 µs … 20.5 µs   1.0 %
  RSS            9.90 MiB  10.0 MiB  10.1 MiB  10.0 MiB  9.75 MiB … 10.3 MiB   1.0 %
  could see      p50 3.6 % · p95 3.6 % · p99 3.6 % · p99.9 3.6 % · throughput 0.11 %
                  · CPU a request 3.6 % · RSS 3.6 %

)");
}

TEST(ComparisonText, IsThisText) {
  proto::Report report = Compared(3, 0.65, 0.01);
  EXPECT_EQ(ComparisonText(report, 100),
            R"(new compared with old · payload 1KiB · 3 and 3 runs
  metric              old       new  new is (95 % interval)
  p50             1.00 ms    650 µs  faster by 35.0 % [33.5, 36.5]
  p95             2.00 ms   1.30 ms  faster by 35.0 % [33.5, 36.5]
  p99             4.00 ms   2.60 ms  faster by 35.0 % [33.5, 36.5]
  p99.9           8.00 ms   5.20 ms  faster by 35.0 % [33.5, 36.5]
  throughput      1,000/s   1,000/s  no difference larger than 0.07 % seen
  CPU a request   20.0 µs   13.0 µs  cheaper by 35.0 % [33.5, 36.5]
  RSS            10.0 MiB  6.50 MiB  smaller by 35.0 % [33.5, 36.5]
  could see      p50 3.6 % · p95 3.6 % · p99 3.6 % · p99.9 3.6 % · throughput 0.11 %
                  · CPU a request 3.6 % · RSS 3.6 %

)");
}

TEST(ComparisonText, IsNeverWiderThanAskedFor) {
  proto::Report report = SampleCampaign(3, 1.01, 0.2);
  for (proto::RunReport& run : *report.mutable_runs()) run.set_achieved_rps(99'998.26);
  report.mutable_runs(1)->mutable_response_time()->set_lower_bound_from_us(5'000);
  report.mutable_runs(2)->mutable_verdict()->set_validity(proto::Validity::INVALID);
  AddComparison(&report);
  for (size_t width : {80u, 88u, 100u}) {
    const std::string text = RepeatsText(report, width) + ComparisonText(report, width);
    for (const auto& line : absl::StrSplit(text, '\n')) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
    EXPECT_TRUE(absl::StrContains(text, "new-r2 (INVALID)")) << text;
  }
}

TEST(RepeatsText, ManyRepeatsAreShownByTheirExtremes) {
  const std::string text = RepeatsText(Compared(9, 0.65, 0.01), 100);
  EXPECT_TRUE(absl::StrContains(text, "lowest")) << text;
  EXPECT_FALSE(absl::StrContains(text, "repeat 1")) << text;
  // exp(± 0.04) of 4 ms.
  EXPECT_TRUE(absl::StrContains(text, "3.84 ms   4.16 ms   4.00 ms")) << text;
}

TEST(RepeatsText, OneRunOfEachIsNotRepeatedHere) {
  const proto::Report report = Compared(1, 0.65, 0.01);
  EXPECT_EQ(RepeatsText(report, 100), "");
  EXPECT_TRUE(absl::StrContains(ComparisonText(report, 100),
                                "not compared: needs two valid repeats of each"));
}

TEST(ComparisonText, EqualAndLongNamesBecomeRoles) {
  proto::Report report = Compared(3, 0.65, 0.01);
  for (proto::ComparisonResult& result : *report.mutable_comparison()) result.set_contender("old");
  EXPECT_TRUE(absl::StrContains(ComparisonText(report, 80), "baseline  contender"));
}

}  // namespace
}  // namespace drumline
