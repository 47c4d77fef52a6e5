// What belongs to a shape and what does not, and what probes make of a run.
#include "controller/calibration/shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "controller/calibration/probe.h"
#include "core/plan.h"

namespace drumline {
namespace {

using testing::HasSubstr;

proto::RunPlan SmallRun() {
  proto::RunPlan run;
  run.mutable_load()->set_connections(16);
  run.mutable_load()->set_measure_ns(1'000'000'000);
  proto::RequestPlan& request = *run.mutable_request();
  request.set_method("POST");
  request.set_body(std::string(1024, 'x'));
  request.set_expect_status(201);
  request.set_timeout_ns(1'000'000'000);
  return run;
}

TEST(Shape, IsTheRequestsAndTheirConnections) {
  const Shape shape = ShapeOf(SmallRun());
  EXPECT_EQ(shape.words, "POST, 1,024 bytes of body, 16 connections");
  EXPECT_EQ(shape.requests_per_beat, 1);
  const std::vector<std::function<void(proto::RunPlan*)>> of_no_account = {
      [](auto* run) { run->set_run_id("other"); },
      [](auto* run) { run->mutable_load()->set_measure_ns(1); },
      [](auto* run) { run->mutable_load()->add_segments()->set_length_ns(1); },
      [](auto* run) { run->mutable_request()->set_expect_status(200); },
      [](auto* run) { run->mutable_request()->set_expect_body_contains("x"); },
      [](auto* run) { run->mutable_request()->set_timeout_ns(5); },
      [](auto* run) { (*run->mutable_point())["rate"] = "1k"; },
  };
  for (size_t i = 0; i < of_no_account.size(); ++i) {
    proto::RunPlan run = SmallRun();
    of_no_account[i](&run);
    EXPECT_EQ(ShapeOf(run).sha256, shape.sha256) << i;
  }
  const std::vector<std::function<void(proto::RunPlan*)>> that_count = {
      [](auto* run) { run->mutable_request()->set_method("PUT"); },
      [](auto* run) { run->mutable_request()->mutable_body()->append("x"); },
      [](auto* run) { run->mutable_request()->add_headers()->set_name("x"); },
      [](auto* run) { run->mutable_load()->set_connections(17); },
      [](auto* run) { run->mutable_load()->set_requests_per_connection(1); },
      [](auto* run) { run->add_more_requests()->set_method("GET"); },
  };
  for (size_t i = 0; i < that_count.size(); ++i) {
    proto::RunPlan run = SmallRun();
    that_count[i](&run);
    EXPECT_NE(ShapeOf(run).sha256, shape.sha256) << i;
  }
}

TEST(Shape, CountsTheStepsOfFlows) {
  proto::RunPlan run = SmallRun();
  run.mutable_request()->set_weight(3);
  // Three of four beats begin a flow of three steps, one of four a single request.
  for (int i = 0; i < 2; ++i) run.add_more_requests()->set_follows(true);
  run.add_more_requests()->set_weight(1);
  EXPECT_DOUBLE_EQ(ShapeOf(run).requests_per_beat, (3 * 3 + 1) / 4.0);
}

TEST(Shape, EachIsThereOnce) {
  proto::Plan plan;
  for (const char* body : {"a", "b", "a", "c", "b"}) {
    proto::RunPlan& run = *plan.add_runs() = SmallRun();
    run.set_run_id("r" + std::to_string(plan.runs_size()));
    run.mutable_request()->set_body(body);
  }
  std::vector<std::string> ids;
  for (const proto::RunPlan& run : RunsByShape(plan)) ids.push_back(run.run_id());
  EXPECT_EQ(ids, (std::vector<std::string>{"r1", "r2", "r4"}));
}

TEST(Shape, NamesThePacing) {
  proto::EnginePlan engine;
  EXPECT_EQ(PacingWords(engine), "precise");
  engine.set_pacing(proto::PACING_COALESCED);
  engine.set_tick_ns(250'000);
  EXPECT_EQ(PacingWords(engine), "coalesced 250us");
}

TEST(Probe, IsWhatAnAgentTakes) {
  for (const proto::RunPlan& probe : {ClosedProbe(SmallRun()), OpenProbe(SmallRun(), 12'345.4)}) {
    proto::Slice slice = SliceOf(probe, {.agent = 1, .agents = 3, .workers = 2});
    slice.mutable_null_service()->set_answer(NullAnswer(SmallRun(), 0));
    EXPECT_TRUE(CheckSlice(slice).ok()) << CheckSlice(slice);
    EXPECT_EQ(probe.request().body(), SmallRun().request().body());
    EXPECT_EQ(probe.request().expect_status(), 200u);
    EXPECT_EQ(probe.load().connections(), 16u);
    slice.mutable_tls();
    EXPECT_FALSE(CheckSlice(slice).ok()) << "the null service has no TLS";
  }
  // Half a second of warm-up and two of window; the first beat is at their beginning.
  EXPECT_EQ(OpenProbe(SmallRun(), 12'345.4).load().beats(), 30'863u);
  EXPECT_EQ(OpenProbe(SmallRun(), 0.1).load().beats(), 3u);
}

TEST(Probe, AnswersAreAsLongAsRequestsOrAsAskedFor) {
  proto::RunPlan run = SmallRun();
  EXPECT_EQ(AnswerBytesOf(run), 1024u);
  EXPECT_EQ(NullAnswer(run, 3), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n   ");
  run.add_more_requests()->set_method("HEAD");
  EXPECT_EQ(AnswerBytesOf(run), 0u);
}

TEST(Probe, AHeadHasNoAnswerWithABody) {
  proto::RunPlan run = SmallRun();
  EXPECT_TRUE(CheckNullAnswer(run, 4096).ok());
  proto::RequestPlan& head = *run.add_more_requests();
  head.set_method("HEAD");
  head.set_name("look");
  EXPECT_TRUE(CheckNullAnswer(run, AnswerBytesOf(run)).ok());
  const absl::Status sized = CheckNullAnswer(run, 1);
  EXPECT_EQ(sized.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(sized.message()), HasSubstr("request look is a HEAD"));
  proto::TakePlan& take = *run.mutable_request()->add_take();
  take.set_name("id");
  take.set_header("Location");
  EXPECT_TRUE(CheckNullAnswer(run, 0).ok()) << "a field of the head is there without a body";
  take.clear_header();
  take.set_pointer("/id");
  EXPECT_THAT(std::string(CheckNullAnswer(run, 0).message()), HasSubstr("`take: {id: {json: …}}`"));
}

TEST(Probe, AnswersHoldWhatFlowsTake) {
  proto::RunPlan run = SmallRun();
  const auto take = [&run](const char* pointer, const char* header) {
    proto::TakePlan& taken = *run.mutable_request()->add_take();
    taken.set_pointer(pointer);
    taken.set_header(header);
  };
  take("/id", "");
  take("/list/0/a~1b", "");
  take("", "Location");
  EXPECT_EQ(NullAnswer(run, 0),
            "HTTP/1.1 200 OK\r\nLocation: 1\r\nContent-Length: 35\r\n\r\n"
            R"({"id":"1","list":{"0":{"a/b":"1"}}})");
}

}  // namespace
}  // namespace drumline
