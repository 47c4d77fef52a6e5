// What is left of a campaign of pairs, whose runs are carried out at once: both or none.
#include "controller/campaign/resume.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "controller/bundle/bundle.h"

namespace drumline {
namespace {

struct Kept {
  std::string run_id;
  bool ended;
};

class ResumeOfPairsTest : public testing::Test {
 protected:
  ResumeOfPairsTest() {
    plan_.set_scenario_name("small");
    for (uint32_t pair = 1; pair <= 2; ++pair) {
      for (const char* target : {"a", "b"}) {
        proto::RunPlan& run = *plan_.add_runs();
        run.set_run_id(absl::StrCat("00", plan_.runs_size(), "-", target, "-r", pair));
        run.set_target(target);
        run.set_repeat(pair);
        run.set_pair(pair);
        run.mutable_load()->set_measure_ns(1'000'000'000);
      }
    }
  }

  // Writes a bundle with these records, and closes it again. Returns its path.
  std::string Write(const std::vector<Kept>& records) {
    const std::string results = absl::StrCat(testing::TempDir(), "/resume-", getpid());
    Bundle bundle = Bundle::Create(results, "small", absl::UnixEpoch()).value();
    EXPECT_TRUE(bundle.WriteScenario("name: small\n").ok());
    EXPECT_TRUE(bundle.WriteScenarioMessage(proto::Scenario()).ok());
    EXPECT_TRUE(bundle.WriteFile(kDirectoryFile, ".").ok());
    EXPECT_TRUE(bundle.WritePlan(plan_).ok());
    EXPECT_TRUE(bundle.WriteEnvironment(proto::Environment()).ok());
    for (const Kept& kept : records) {
      proto::RunRecord record;
      record.set_run_id(kept.run_id);
      record.set_started_unix_ns(1);
      record.set_ended(kept.ended);
      EXPECT_TRUE(bundle.AppendRunRecord(record).ok());
    }
    EXPECT_TRUE(bundle.Sync().ok());
    return bundle.path();
  }

  Resumption Read(const std::vector<Kept>& records) {
    absl::StatusOr<Resumption> left = ReadResumption(Write(records));
    EXPECT_TRUE(left.ok()) << left.status();
    return left.ok() ? *std::move(left) : Resumption();
  }

  static std::vector<std::string> Standing(const Resumption& left) {
    std::vector<std::string> ids;
    for (const proto::RunRecord& record : left.records) {
      if (left.Stands(record)) ids.push_back(record.run_id());
    }
    return ids;
  }

  proto::Plan plan_;
};

TEST_F(ResumeOfPairsTest, APairOfWhichOneRunWasCutOffIsDoneAgainWhole) {
  const Resumption left =
      Read({{"001-a-r1", true}, {"002-b-r1", true}, {"003-a-r2", true}, {"004-b-r2", false}});
  EXPECT_EQ(left.finished, (std::set<std::string>{"001-a-r1", "002-b-r1"}));
  EXPECT_EQ(Standing(left), (std::vector<std::string>{"001-a-r1", "002-b-r1"}));
  EXPECT_EQ(left.Next(plan_.runs(2)).run_id(), "003-a-r2.2");
  EXPECT_EQ(left.Next(plan_.runs(3)).run_id(), "004-b-r2.2");
}

// The controller was killed before the second of them had written a word.
TEST_F(ResumeOfPairsTest, BothGetTheSameAttempt) {
  const Resumption left = Read({{"001-a-r1", false}});
  EXPECT_TRUE(left.finished.empty());
  EXPECT_EQ(left.Next(plan_.runs(0)).run_id(), "001-a-r1.2");
  EXPECT_EQ(left.Next(plan_.runs(1)).run_id(), "002-b-r1.2");
  EXPECT_EQ(left.Next(plan_.runs(2)).run_id(), "003-a-r2");
}

TEST_F(ResumeOfPairsTest, OfSeveralAttemptsTheNewestStands) {
  const Resumption left = Read({{"001-a-r1", true}, {"001-a-r1.2", true}, {"002-b-r1.2", true}});
  EXPECT_EQ(Standing(left), (std::vector<std::string>{"001-a-r1.2", "002-b-r1.2"}));
  ASSERT_EQ(left.records.size(), 3u);
}

}  // namespace
}  // namespace drumline
