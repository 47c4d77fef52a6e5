#include "controller/report/report_json.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

constexpr int kWatched = 40;

std::string NameOf(int i) { return absl::StrCat("metric_", 100 + i); }

// The same report, whatever the order in which its maps were filled.
TEST(ReportToJson, IsTheSameTextForTheSameReport) {
  proto::Report forwards;
  proto::Report backwards;
  auto* forwards_watched = forwards.add_runs()->mutable_target_resources()->mutable_watched();
  auto* backwards_watched = backwards.add_runs()->mutable_target_resources()->mutable_watched();
  for (int i = 0; i < kWatched; ++i) {
    (*forwards_watched)[NameOf(i)] = i;
    (*backwards_watched)[NameOf(kWatched - 1 - i)] = kWatched - 1 - i;
  }
  const absl::StatusOr<std::string> json = ReportToJson(forwards);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(ReportToJson(backwards).value(), *json);
  for (int i = 1; i < kWatched; ++i) {
    EXPECT_LT(json->find(NameOf(i - 1)), json->find(NameOf(i))) << i;
  }
}

TEST(ReportToJson, ComesBackAsItWas) {
  proto::Report report;
  report.set_name("sample");
  report.set_seed(18'446'744'073'709'551'615U);
  auto* run = report.add_runs();
  run->mutable_ledger()->set_sent(9'007'199'254'740'993);  // more than a double can count
  (*run->mutable_point())["payload"] = "1KiB";
  const absl::StatusOr<std::string> json = ReportToJson(report);
  ASSERT_TRUE(json.ok()) << json.status();
  const absl::StatusOr<proto::Report> back = ReportFromJson(*json);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->name(), "sample");
  EXPECT_EQ(back->seed(), 18'446'744'073'709'551'615U);
  EXPECT_EQ(back->runs(0).ledger().sent(), 9'007'199'254'740'993U);
  EXPECT_EQ(back->runs(0).point().at("payload"), "1KiB");
}

}  // namespace
}  // namespace drumline
