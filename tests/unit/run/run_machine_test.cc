// What the simulation meets too seldom to be relied upon; everything else is in
// tests/simulation/run_machine_simulation_test.cc.
#include "controller/run/run_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

using testing::HasSubstr;

constexpr char kAgent[] = "a";
constexpr int64_t kMs = 1'000'000;

class RunMachineTest : public testing::Test {
 protected:
  RunMachineTest() : machine_(Plan(), {{kAgent, proto::Slice()}}, Limits()) {}

  static proto::RunPlan Plan() {
    proto::RunPlan plan;
    plan.set_run_id(kSampleRun);
    plan.mutable_load()->set_measure_ns(1'000 * kMs);
    return plan;
  }
  static RunMachine::Limits Limits() {
    RunMachine::Limits limits;
    limits.pings = 1;
    limits.resync_pings = 0;
    return limits;
  }
  static proto::Pong PongTo(const Commands& commands, int64_t agent_now_ns = 0) {
    proto::Pong pong;
    pong.set_sequence(std::get<SendCommand>(commands.at(0)).message.ping().sequence());
    pong.set_agent_now_ns(agent_now_ns);
    return pong;
  }
  static proto::Interval Last() {
    proto::Interval interval = SampleInterval(kAgent, 1, SampleBook(5));
    interval.set_last(true);
    return interval;
  }
  static proto::Finished Finished(uint64_t intervals) {
    proto::Finished finished;
    finished.set_run_id(kSampleRun);
    finished.set_intervals(intervals);
    return finished;
  }
  void ArmIt() {
    machine_.OnPong(kAgent, PongTo(machine_.Begin(1)), 2);
    ASSERT_STREQ(machine_.state_name(), "opening connections");
  }
  void StartIt() {
    ArmIt();
    proto::Armed armed;
    armed.set_run_id(kSampleRun);
    armed.set_engine("epoll");
    machine_.OnArmed(kAgent, armed, 3);
    ASSERT_TRUE(machine_.started());
  }
  std::string Faults() const {
    std::string faults;
    for (const auto& fault : machine_.outcome().record.faults()) faults += fault + "\n";
    return faults;
  }

  RunMachine machine_;
};

// Two runs of a pair begin at one instant: neither may begin by itself.
TEST_F(RunMachineTest, ARunThatStartsOnCallWaitsForIt) {
  RunMachine::Limits limits = Limits();
  limits.starts_on_call = true;
  RunMachine machine(Plan(), {{kAgent, proto::Slice()}}, limits);
  // The agent's clock is 100 ahead.
  machine.OnPong(kAgent, PongTo(machine.Begin(10), 110), 10);
  proto::Armed armed;
  armed.set_run_id(kSampleRun);
  EXPECT_FALSE(machine.ready());
  EXPECT_TRUE(machine.StartAt(5'000, 11).empty());
  EXPECT_TRUE(machine.OnArmed(kAgent, armed, 12).empty());
  EXPECT_TRUE(machine.ready());
  EXPECT_FALSE(machine.started());
  // Once is enough, however often the agent says so.
  EXPECT_TRUE(machine.OnArmed(kAgent, armed, 13).empty());
  int64_t start_agent_ns = 0;
  for (const Command& command : machine.StartAt(5'000, 14)) {
    const auto& message = std::get<SendCommand>(command).message;
    if (message.has_start()) start_agent_ns = message.start().start_agent_ns();
  }
  EXPECT_EQ(start_agent_ns, 5'100);
  EXPECT_EQ(machine.start_ns(), 5'000);
  EXPECT_FALSE(machine.ready());
  EXPECT_TRUE(machine.StartAt(6'000, 15).empty());
}

TEST_F(RunMachineTest, ARunThatNobodyStartsEnds) {
  RunMachine::Limits limits = Limits();
  limits.starts_on_call = true;
  RunMachine machine(Plan(), {{kAgent, proto::Slice()}}, limits);
  machine.OnPong(kAgent, PongTo(machine.Begin(1)), 2);
  proto::Armed armed;
  armed.set_run_id(kSampleRun);
  machine.OnArmed(kAgent, armed, 3);
  machine.OnTick(machine.wake_at_ns());
  EXPECT_TRUE(machine.done());
  EXPECT_THAT(std::string(machine.outcome().usable.message()), HasSubstr("nobody said when"));
}

// The machine was done by then, and the run was reported as valid.
TEST_F(RunMachineTest, TheVeryLastIntervalThatCannotBeWrittenIsAFault) {
  StartIt();
  machine_.OnFinished(kAgent, Finished(1), 4);
  machine_.OnInterval(Last(), 5);
  ASSERT_TRUE(machine_.done());
  EXPECT_EQ(Faults(), "");
  EXPECT_TRUE(machine_.OnStorageFailed(absl::ResourceExhaustedError("disk full")).empty());
  machine_.OnStorageFailed(absl::ResourceExhaustedError("disk full"));
  EXPECT_EQ(Faults(), "the bundle could not be written: disk full\n");
}

// The answer to the first ping, timed from the second, would have given a bound that is not one.
TEST_F(RunMachineTest, AnAnswerIsTimedFromItsOwnPing) {
  const proto::Pong late = PongTo(machine_.Begin(0), 10 * kMs);
  machine_.OnDisconnected(kAgent, 50 * kMs);
  const Commands again = machine_.OnRejoined(kAgent, 100 * kMs);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_NE(PongTo(again).sequence(), late.sequence());
  machine_.OnPong(kAgent, late, 101 * kMs);
  machine_.Stop("enough");
  EXPECT_EQ(machine_.outcome().record.agents(0).clock_uncertainty_ns(), 101 * kMs / 2);
}

TEST_F(RunMachineTest, TheRecordKeepsTheEngineThatTheAgentReallyUses) {
  StartIt();
  EXPECT_EQ(machine_.record().agents(0).engine(), "epoll") << "from the start";
  machine_.OnInterval(Last(), 4);
  machine_.OnFinished(kAgent, Finished(1), 5);
  ASSERT_TRUE(machine_.done());
  EXPECT_EQ(machine_.outcome().record.agents(0).engine(), "epoll");
}

// Run ids begin again with each campaign, and agents outlive campaigns.
TEST_F(RunMachineTest, WhatIsLeftOfAnEarlierCampaignIsNotCounted) {
  const Commands pings = machine_.Begin(1);
  EXPECT_TRUE(machine_.OnInterval(Last(), 2).empty());
  EXPECT_TRUE(machine_.OnFinished(kAgent, Finished(1), 2).empty());
  EXPECT_FALSE(machine_.done());
  EXPECT_TRUE(machine_.totals().agents().empty());
}

TEST_F(RunMachineTest, AnAgentThatPromisesMoreThanItsLastIsLostWhenItFallsSilent) {
  StartIt();
  machine_.OnInterval(Last(), 4 * kMs);
  machine_.OnFinished(kAgent, Finished(2), 5 * kMs);
  int64_t now_ns = 5 * kMs;
  for (int ticks = 0; ticks < 100 && !machine_.done(); ++ticks) {
    ASSERT_GT(machine_.wake_at_ns(), now_ns) << "a busy loop";
    now_ns = machine_.wake_at_ns();
    machine_.OnTick(now_ns);
  }
  EXPECT_TRUE(machine_.done());
  EXPECT_THAT(Faults(), HasSubstr("agent a was lost at "));
}

TEST_F(RunMachineTest, AnAgentThatReportsForEverIsLostAfterTheRunsEnd) {
  StartIt();
  int64_t now_ns = 0;
  for (uint64_t number = 1; number <= 100 && !machine_.done(); ++number) {
    now_ns = machine_.start_ns() + static_cast<int64_t>(number) * 1'000 * kMs;
    machine_.OnInterval(SampleInterval(kAgent, number, SampleBook(1)), now_ns);
    machine_.OnTick(now_ns);
  }
  ASSERT_TRUE(machine_.done());
  EXPECT_LE(now_ns - machine_.start_ns(), 2 * Limits().overrun_ns + 4'000 * kMs);
  EXPECT_THAT(Faults(), HasSubstr("still at it: a"));
  EXPECT_THAT(Faults(), HasSubstr("it was told to stop and did not end its part"));
}

}  // namespace
}  // namespace drumline
