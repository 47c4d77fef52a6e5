#include "controller/bundle/bundle.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"

namespace drumline {
namespace {

using google::protobuf::util::MessageDifferencer;

const absl::Time kNow = absl::FromUnixSeconds(1'783'762'200);  // 2026-07-11 09:30:00 UTC

std::string FreshResults() {
  static int number = 0;
  return testing::TempDir() + "/results-" + std::to_string(getpid()) + "-" +
         std::to_string(++number) + "/nested";
}

std::string Read(const std::string& path) { return ReadWholeFile(path, 1 << 20).value(); }

proto::Plan SomePlan() {
  proto::Plan plan;
  plan.set_scenario_name("echo");
  plan.set_seed(42);
  proto::RunPlan* run = plan.add_runs();
  run->set_run_id("001-echo-payload=1KiB-r1");
  (*run->mutable_point())["payload"] = "1KiB";
  run->mutable_request()->set_body(std::string("\0\xff{}", 4));
  run->mutable_load()->set_beats(9'007'199'254'740'993);  // not a double
  return plan;
}

proto::Interval SomeInterval(uint64_t number) {
  proto::Interval interval;
  interval.set_agent_id("a1");
  interval.set_number(number);
  interval.mutable_measure()->set_scheduled(number * 10);
  return interval;
}

TEST(Bundle, IsADirectoryNamedAfterTheCampaignAndTheTime) {
  const std::string results = FreshResults();
  auto first = Bundle::Create(results, "echo", kNow);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->path(), results + "/echo-20260711T093000Z");
  auto second = Bundle::Create(results, "echo", kNow);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->path(), results + "/echo-20260711T093000Z-2");
  EXPECT_EQ(first->LogPath("agent-1"), first->path() + "/logs/agent-1.log");
  EXPECT_TRUE(std::filesystem::is_directory(first->path() + "/logs"));
}

TEST(Bundle, RefusesWhenTooManyBeginWithinOneSecond) {
  const std::string results = FreshResults();
  for (int i = 0; i < Bundle::kMaxPerSecond; ++i) {
    ASSERT_TRUE(Bundle::Create(results, "echo", kNow).ok()) << i;
  }
  EXPECT_EQ(Bundle::Create(results, "echo", kNow).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(Bundle, ReturnsWhatWasWritten) {
  auto bundle = Bundle::Create(FreshResults(), "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  const std::string scenario = "name: echo   # as it was read\r\n\ttabs, too\n";
  proto::Environment environment;
  environment.set_host("h");
  environment.set_memory_bytes(1ull << 40);
  ASSERT_TRUE(bundle->WriteScenario(scenario).ok());
  ASSERT_TRUE(bundle->WritePlan(SomePlan()).ok());
  ASSERT_TRUE(bundle->WriteEnvironment(environment).ok());
  ASSERT_TRUE(bundle->WriteReport("{}\n").ok());
  proto::Scrape scrape;
  scrape.set_gap("connection refused");
  for (uint64_t n = 1; n <= 3; ++n) ASSERT_TRUE(bundle->AppendInterval(SomeInterval(n)).ok());
  ASSERT_TRUE(bundle->AppendScrape(scrape).ok());
  ASSERT_TRUE(bundle->Sync().ok());

  auto reader = BundleReader::Open(bundle->path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(reader->scenario(), scenario);
  EXPECT_TRUE(MessageDifferencer::Equals(reader->plan(), SomePlan()));
  EXPECT_TRUE(MessageDifferencer::Equals(reader->environment(), environment));
  EXPECT_EQ(Read(bundle->path() + "/report.json"), "{}\n");
  uint64_t next = 0;
  auto intervals = reader->ForEachInterval([&](const proto::Interval& interval) {
    EXPECT_TRUE(MessageDifferencer::Equals(interval, SomeInterval(++next)));
    return absl::OkStatus();
  });
  ASSERT_TRUE(intervals.ok());
  EXPECT_EQ(intervals->records, 3u);
  EXPECT_FALSE(intervals->damage);
  std::vector<std::string> gaps;
  auto scrapes = reader->ForEachScrape([&](const proto::Scrape& read) {
    gaps.push_back(read.gap());
    return absl::OkStatus();
  });
  ASSERT_TRUE(scrapes.ok());
  EXPECT_EQ(gaps, std::vector<std::string>{"connection refused"});
}

TEST(Bundle, ThePlanIsJsonWithTheNamesOfTheContract) {
  auto bundle = Bundle::Create(FreshResults(), "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  ASSERT_TRUE(bundle->WritePlan(SomePlan()).ok());
  const std::string json = Read(bundle->path() + "/plan.json");
  EXPECT_TRUE(absl::StrContains(json, "\"scenario_name\": \"echo\"")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"beats\": \"9007199254740993\"")) << json;
}

TEST(Bundle, WritesOtherFilesWithinItselfOnly) {
  auto bundle = Bundle::Create(FreshResults(), "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  EXPECT_TRUE(bundle->WriteFile("report.html", "<html>").ok());
  EXPECT_EQ(Read(bundle->path() + "/report.html"), "<html>");
  EXPECT_FALSE(bundle->WriteFile("../escape", "").ok());
  EXPECT_FALSE(bundle->WriteFile("", "").ok());
}

TEST(Bundle, SaysWhyItCannotBeCreated) {
  const std::string results = FreshResults();
  auto bundle = Bundle::Create(results, "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  // A file stands where the results should go.
  ASSERT_TRUE(bundle->WriteFile("file", "").ok());
  const absl::Status status = Bundle::Create(bundle->path() + "/file", "echo", kNow).status();
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot create the directory")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), bundle->path() + "/file")) << status;
}

TEST(BundleReader, SaysWhatIsMissing) {
  const absl::Status nothing = BundleReader::Open(testing::TempDir() + "/nowhere").status();
  EXPECT_EQ(nothing.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(nothing.message(), "it has no scenario.yaml")) << nothing;

  auto bundle = Bundle::Create(FreshResults(), "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  ASSERT_TRUE(bundle->WriteScenario("name: echo\n").ok());
  const absl::Status no_plan = BundleReader::Open(bundle->path()).status();
  EXPECT_TRUE(absl::StrContains(no_plan.message(), "it has no plan.json")) << no_plan;
  ASSERT_TRUE(bundle->WriteFile("plan.json", "{\"seed\": \"x\"}").ok());
  EXPECT_EQ(BundleReader::Open(bundle->path()).status().code(), absl::StatusCode::kDataLoss);
  ASSERT_TRUE(bundle->WritePlan(SomePlan()).ok());
  EXPECT_TRUE(BundleReader::Open(bundle->path()).ok());  // the environment may be missing
}

TEST(BundleReader, ATornTailIsReportedAndTheRestDelivered) {
  auto bundle = Bundle::Create(FreshResults(), "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  ASSERT_TRUE(bundle->WriteScenario("name: echo\n").ok());
  ASSERT_TRUE(bundle->WritePlan(SomePlan()).ok());
  for (uint64_t n = 1; n <= 5; ++n) ASSERT_TRUE(bundle->AppendInterval(SomeInterval(n)).ok());
  const std::string path = bundle->path() + "/intervals.pb";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  auto reader = BundleReader::Open(bundle->path());
  ASSERT_TRUE(reader.ok());
  auto end = reader->ForEachInterval([](const proto::Interval&) { return absl::OkStatus(); });
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(end->records, 4u);
  ASSERT_TRUE(end->damage);
  EXPECT_TRUE(absl::StrContains(*end->damage, "the 4 records before it are intact"))
      << *end->damage;
}

TEST(BundleReader, AVisitorCanStopTheReading) {
  auto bundle = Bundle::Create(FreshResults(), "echo", kNow);
  ASSERT_TRUE(bundle.ok());
  ASSERT_TRUE(bundle->WriteScenario("name: echo\n").ok());
  ASSERT_TRUE(bundle->WritePlan(SomePlan()).ok());
  for (uint64_t n = 1; n <= 5; ++n) ASSERT_TRUE(bundle->AppendInterval(SomeInterval(n)).ok());
  int seen = 0;
  auto end = BundleReader::Open(bundle->path())->ForEachInterval([&](const proto::Interval&) {
    return ++seen == 2 ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(end.status(), absl::CancelledError("enough"));
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace drumline
