#include "controller/campaign/plan_difference.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "controller/campaign/run_queue.h"
#include "controller/planner/planner.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PlanDifferenceTest : public testing::Test {
 protected:
  // Two requests, of which the first has a file for each payload, and a feed.
  PlanDifferenceTest() {
    for (const char* name : {"plain", "filled"}) scenario_.add_requests()->set_name(name);
    scenario_.mutable_requests(0)->mutable_body()->set_file("body-{payload}.json");
    (*scenario_.mutable_feeds())["users"].set_file("users.csv");
    scenario_.set_environment("lab");
    kept_.set_scenario_name("small");
    kept_.mutable_validity()->mutable_max_start_skew()->set_ns(50'000'000);
    for (const char* payload : {"1KiB", "2KiB"}) {
      for (uint32_t repeat = 1; repeat <= 2; ++repeat) {
        proto::RunPlan& run = *kept_.add_runs();
        run.set_run_id(absl::StrCat("00", kept_.runs_size(), "-a-", payload, "-r", repeat));
        run.set_target("a");
        run.set_repeat(repeat);
        (*run.mutable_point())["payload"] = payload;
        run.mutable_request()->set_body(payload);
        run.add_more_requests()->set_body("{{users.name}}");
        run.mutable_load()->set_seed(repeat);
      }
    }
    proto::FeedRows& feed = *kept_.add_feeds();
    feed.set_name("users");
    feed.add_values("ann");
    wanted_ = kept_;
  }

  std::vector<std::string> Differences() const { return DifferencesOf(kept_, wanted_, scenario_); }

  proto::Scenario scenario_;
  proto::Plan kept_;
  proto::Plan wanted_;
};

TEST_F(PlanDifferenceTest, APlanThatWasReadBackIsTheSame) {
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(kept_, &json).ok());
  kept_.Clear();
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &kept_).ok());
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(PlanDifferenceTest, EachFileIsNamedOnce) {
  for (int i = 2; i < 4; ++i) wanted_.mutable_runs(i)->mutable_request()->set_body("other");
  EXPECT_THAT(Differences(), ElementsAre("body-2KiB.json"));
  wanted_.mutable_feeds(0)->set_values(0, "eve");
  EXPECT_THAT(Differences(), ElementsAre("the feed users (users.csv)", "body-2KiB.json"));
  wanted_.mutable_environment_file()->set_name("lab");
  EXPECT_THAT(Differences(),
              ElementsAre("the environment lab", "the feed users (users.csv)", "body-2KiB.json"));
}

TEST_F(PlanDifferenceTest, WhatComesFromNoFileIsNoticed) {
  wanted_.mutable_runs(3)->mutable_load()->set_seed(9);
  EXPECT_THAT(Differences(), ElementsAre("the plan that this controller makes of it"));
  wanted_ = kept_;
  wanted_.mutable_runs(1)->mutable_more_requests(0)->set_path("/other");
  EXPECT_THAT(Differences(), ElementsAre("request filled"));
  wanted_.mutable_runs(1)->set_target("twin");
  EXPECT_THAT(Differences(), ElementsAre("its runs of twin"));
}

// The runs of a search come as it goes on, and are renumbered.
TEST_F(PlanDifferenceTest, ASearchHasMoreRunsThanItBeganWith) {
  kept_.mutable_runs()->DeleteSubrange(1, 3);
  kept_.mutable_capacity()->set_from_rps(50);
  kept_.mutable_capacity()->set_to_rps(200);
  wanted_ = kept_;
  RunQueue queue(kept_);
  kept_ = queue.plan();
  *kept_.add_runs() = ProbeOf(kept_.runs(0), 100, 1, "climb").value();
  EXPECT_THAT(Differences(), IsEmpty());
  wanted_.mutable_runs(0)->mutable_request()->set_body("other");
  EXPECT_THAT(Differences(), ElementsAre("body-1KiB.json"));
}

}  // namespace
}  // namespace drumline
