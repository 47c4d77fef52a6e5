// What RunMachine makes of an agent that is lost, by agents.on_loss. That no beat is sent twice and
// none is forgotten, whatever happens, is the simulation's affair.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "controller/run/run_machine.h"
#include "core/plan.h"
#include "core/rate.h"
#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;
// The agents' clocks, ahead of the controller's.
constexpr int64_t kOffsetNs = 77 * kSecond;

class AgentLossTest : public testing::Test {
 protected:
  void Start(proto::OnLoss on_loss, uint32_t agents = 3,
             const std::map<std::string, double>& max_rates = {}) {
    plan_.set_run_id(kSampleRun);
    plan_.mutable_load()->set_measure_ns(20 * kSecond);
    plan_.mutable_load()->set_connections(6);
    RunMachine::Limits limits;
    limits.pings = 1;
    limits.resync_pings = 0;
    limits.on_loss = on_loss;
    limits.max_rates = max_rates;
    limits.most_shares = most_shares_;
    std::map<std::string, proto::Slice> slices;
    for (uint32_t i = 0; i < agents; ++i) {
      slices[Name(i)] = SliceOf(plan_, {i, agents, 2});
    }
    machine_.emplace(plan_, slices, limits);
    const Commands pings = machine_->Begin(0);
    for (const Command& command : pings) {
      const auto& send = std::get<SendCommand>(command);
      proto::Pong pong;
      pong.set_sequence(send.message.ping().sequence());
      pong.set_agent_now_ns(kOffsetNs);
      machine_->OnPong(send.agent_id, pong, 0);
    }
    proto::Armed armed;
    armed.set_run_id(kSampleRun);
    for (uint32_t i = 0; i < agents; ++i) machine_->OnArmed(Name(i), armed, 0);
    ASSERT_TRUE(machine_->started());
  }

  static std::string Name(uint32_t index) { return std::string(1, static_cast<char>('a' + index)); }
  int64_t At(double seconds) const {
    return machine_->start_ns() + static_cast<int64_t>(seconds * kSecond);
  }
  void Report(const std::string& agent, uint64_t from, uint64_t to) {
    for (uint64_t number = from; number <= to; ++number) {
      machine_->OnInterval(SampleInterval(agent, number, SampleBook(2)),
                           At(static_cast<double>(number)));
    }
  }
  // As an agent does when it is told to stop: a last interval that is not a whole second.
  void End(const std::string& agent, uint64_t number,
           const std::string& cut_short = "stopped by the controller") {
    proto::Interval last = SampleInterval(agent, number, SampleBook(1));
    last.set_end_ns(last.begin_ns() + 300 * kMs);
    last.set_last(true);
    machine_->OnInterval(last, At(static_cast<double>(number)));
    proto::Finished finished;
    finished.set_run_id(kSampleRun);
    finished.set_intervals(number);
    finished.set_cut_short(cut_short);
    machine_->OnFinished(agent, finished, At(static_cast<double>(number)));
  }
  static std::vector<proto::Adopt> AdoptionsOf(const Commands& commands, const std::string& agent) {
    std::vector<proto::Adopt> adoptions;
    for (const Command& command : commands) {
      const auto* send = std::get_if<SendCommand>(&command);
      if (send != nullptr && send->agent_id == agent && send->message.has_adopt()) {
        adoptions.push_back(send->message.adopt());
      }
    }
    return adoptions;
  }
  static bool IsTold(const Commands& commands, const std::string& agent,
                     proto::ToAgent::MessageCase what) {
    for (const Command& command : commands) {
      const auto* send = std::get_if<SendCommand>(&command);
      if (send != nullptr && send->agent_id == agent && send->message.message_case() == what) {
        return true;
      }
    }
    return false;
  }
  std::string Notes() const {
    std::string notes;
    const proto::RunRecord record = machine_->record();
    for (const auto& note : record.notes()) notes += note + "\n";
    return notes;
  }

  proto::RunPlan plan_;
  size_t most_shares_ = RunMachine::Limits().most_shares;
  std::optional<RunMachine> machine_;
};

TEST_F(AgentLossTest, InvalidateEndsTheLoadAndIsAFault) {
  Start(proto::ON_LOSS_INVALIDATE);
  Report("a", 1, 3);
  const Commands commands = machine_->OnDied("b", "was killed", At(3.2));
  EXPECT_TRUE(IsTold(commands, "a", proto::ToAgent::kStop));
  EXPECT_THAT(machine_->record().faults(0), HasSubstr("agent b was lost at 3.2 s: was killed"));
  EXPECT_THAT(Notes(), IsEmpty());
}

// It is given up at once, but may go on somewhere: its beats wait for the end of its lease.
TEST_F(AgentLossTest, OneThatIsGivenUpIsLostAtOnceAndInheritedFromOnceItsLeaseIsOver) {
  Start(proto::ON_LOSS_REDISTRIBUTE);
  for (const char* agent : {"a", "b", "c"}) Report(agent, 1, 3);
  machine_->OnTick(At(3));
  machine_->OnDisconnected("b", At(3.1));
  const Commands commands = machine_->OnLost("b", "it was restarted", At(3.2));
  EXPECT_THAT(Notes(), HasSubstr("agent b was lost at 3.2 s: it was restarted"));
  const std::vector<proto::Adopt> adoptions = AdoptionsOf(commands, "a");
  ASSERT_EQ(adoptions.size(), 1U);
  const RunMachine::Limits limits;
  EXPECT_EQ(adoptions[0].from_ns(), 3 * kSecond + limits.lease_ns + limits.stop_margin_ns);
  // Who has come in its place has no part in the run.
  EXPECT_TRUE(IsTold(machine_->OnRejoined("b", At(3.2)), "b", proto::ToAgent::kStop));
}

TEST_F(AgentLossTest, TruncateCutsAtTheLastSecondThatAllHaveReported) {
  Start(proto::ON_LOSS_TRUNCATE);
  Report("a", 1, 6);
  Report("b", 1, 4);
  Report("c", 1, 5);
  const Commands commands = machine_->OnDied("b", "was killed", At(6.1));
  EXPECT_TRUE(IsTold(commands, "c", proto::ToAgent::kStop));
  End("a", 7);
  End("c", 6);
  ASSERT_TRUE(machine_->done());
  const proto::RunRecord& record = machine_->outcome().record;
  EXPECT_THAT(record.faults(), IsEmpty());
  EXPECT_EQ(record.cut_ns(), 4 * kSecond);
  EXPECT_THAT(Notes(), HasSubstr("agent b was lost at 6.1 s: was killed"));
  EXPECT_THAT(Notes(), HasSubstr("the run is cut at 4 s"));
  for (const proto::AgentRecord& agent : record.agents()) {
    ASSERT_EQ(agent.lanes_size(), 2);
    EXPECT_EQ(agent.lanes(0).until_ns(), 4 * kSecond);
  }
}

TEST_F(AgentLossTest, TruncateToNothingIsAFault) {
  Start(proto::ON_LOSS_TRUNCATE);
  Report("a", 1, 2);
  machine_->OnDied("b", "was killed", At(2.1));
  End("a", 3);
  End("c", 1);
  ASSERT_TRUE(machine_->done());
  EXPECT_THAT(machine_->outcome().record.faults(0), HasSubstr("before the measured window began"));
}

TEST_F(AgentLossTest, TheRestTakeTheBeatsOfADeadAgentOverAtOnce) {
  Start(proto::ON_LOSS_REDISTRIBUTE);
  Report("b", 1, 3);
  const Commands commands = machine_->OnDied("b", "was killed", At(3.2));
  EXPECT_FALSE(IsTold(commands, "a", proto::ToAgent::kStop));
  const std::vector<proto::Adopt> of_a = AdoptionsOf(commands, "a");
  const std::vector<proto::Adopt> of_c = AdoptionsOf(commands, "c");
  ASSERT_EQ(of_a.size(), 1U);
  ASSERT_EQ(of_c.size(), 1U);
  // b had lanes 1 and 4 of 6; each heir has every other beat of each.
  EXPECT_EQ(of_a[0].number(), 1U);
  EXPECT_EQ(of_a[0].from_ns(), static_cast<int64_t>(3.7 * kSecond));
  EXPECT_EQ(of_a[0].lanes(0).first(), 1U);
  EXPECT_EQ(of_a[0].lanes(0).stride(), 12U);
  EXPECT_EQ(of_a[0].lanes(1).first(), 4U);
  EXPECT_EQ(of_c[0].lanes(0).first(), 7U);
  EXPECT_EQ(of_c[0].lanes(1).first(), 10U);
  EXPECT_THAT(machine_->record().faults(), IsEmpty());
  EXPECT_THAT(Notes(), HasSubstr("its beats from 3.7 s on went to a, c"));
}

// At 60 beats a second each of three agents has 20 of its own.
TEST_F(AgentLossTest, HeirsTakeAsMuchAsTheyHaveRoomForAndTheOthersTheRest) {
  proto::RateSegment& segment = *plan_.mutable_load()->add_segments();
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(60).micro_per_hour());
  *segment.mutable_to() = segment.from();
  Start(proto::ON_LOSS_REDISTRIBUTE, 3, {{"a", 20}, {"c", 40}});
  Commands commands = machine_->OnDied("b", "was killed", At(3.2));
  EXPECT_THAT(AdoptionsOf(commands, "a"), IsEmpty());
  ASSERT_EQ(AdoptionsOf(commands, "c").size(), 1U);
  EXPECT_EQ(AdoptionsOf(commands, "c")[0].lanes(0).stride(), 6U) << "all of b's";
  EXPECT_THAT(Notes(), HasSubstr("went to c\n"));

  Start(proto::ON_LOSS_REDISTRIBUTE, 3, {{"a", 25}});
  commands = machine_->OnDied("b", "was killed", At(3.2));
  EXPECT_EQ(AdoptionsOf(commands, "a").size(), 1U);
  EXPECT_EQ(AdoptionsOf(commands, "c").size(), 2U) << "a half and a quarter";
  EXPECT_THAT(Notes(), HasSubstr("went to a (25 %), c (75 %)\n"));
  EXPECT_THAT(machine_->record().faults(), IsEmpty());
}

TEST_F(AgentLossTest, WhatNobodyHasRoomForStaysWithTheLostAgentAndIsNamed) {
  proto::RateSegment& segment = *plan_.mutable_load()->add_segments();
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(60).micro_per_hour());
  *segment.mutable_to() = segment.from();
  Start(proto::ON_LOSS_REDISTRIBUTE, 3, {{"a", 25}, {"c", 30}});
  Report("b", 1, 3);
  const Commands commands = machine_->OnDied("b", "was killed", At(3.2));
  EXPECT_FALSE(IsTold(commands, "a", proto::ToAgent::kStop)) << "the rest is worth sending";
  EXPECT_THAT(Notes(),
              HasSubstr("went to a (25 %), c (50 %), nobody (25 %: the rest have no room "));
  const proto::RunRecord record = machine_->record();
  EXPECT_THAT(record.faults(), IsEmpty());
  // Two lanes up to the hand-over, and a quarter of each that is nobody's to the end.
  ASSERT_EQ(record.agents(1).lanes_size(), 4);
  EXPECT_EQ(record.agents(1).lanes(2).until_ns(), RunMachine::kNever);
  EXPECT_EQ(record.agents(1).lanes(2).stride(), 6U * 4);
}

// Its stream is gone, but perhaps it is not: nobody may send its beats before its lease is over.
TEST_F(AgentLossTest, ASilentAgentIsOutwaited) {
  Start(proto::ON_LOSS_REDISTRIBUTE);
  const Commands leases = machine_->OnTick(At(1));
  int64_t until_ns = 0;
  for (const Command& command : leases) {
    const auto* send = std::get_if<SendCommand>(&command);
    if (send != nullptr && send->agent_id == "b" && send->message.has_lease()) {
      until_ns = send->message.lease().until_agent_ns() - kOffsetNs;
    }
  }
  ASSERT_EQ(until_ns, At(1) + RunMachine::Limits().lease_ns);
  machine_->OnDisconnected("b", At(1.1));
  machine_->OnTick(At(2));
  const Commands commands = machine_->OnTick(At(1.1) + RunMachine::Limits().rejoin_ns);
  const std::vector<proto::Adopt> adoptions = AdoptionsOf(commands, "a");
  ASSERT_EQ(adoptions.size(), 1U);
  EXPECT_EQ(adoptions[0].from_ns(),
            until_ns + RunMachine::Limits().stop_margin_ns - machine_->start_ns());
  // When it comes back it has nothing to do here any more.
  EXPECT_TRUE(IsTold(machine_->OnRejoined("b", At(5)), "b", proto::ToAgent::kStop));
}

// What was said into a stream that broke may not have arrived.
TEST_F(AgentLossTest, AnHeirThatComesBackIsRemindedOfAllItsAdoptions) {
  Start(proto::ON_LOSS_REDISTRIBUTE, 4);
  machine_->OnDied("b", "was killed", At(3));
  machine_->OnDied("c", "was killed", At(5));
  machine_->OnDisconnected("a", At(6));
  const std::vector<proto::Adopt> adoptions = AdoptionsOf(machine_->OnRejoined("a", At(6.5)), "a");
  // b's share; c's own share, and what c had of b's.
  ASSERT_EQ(adoptions.size(), 3U);
  for (size_t i = 0; i < adoptions.size(); ++i) EXPECT_EQ(adoptions[i].number(), i + 1);
  EXPECT_EQ(adoptions[0].lanes(0).stride(), 8U * 3);
  EXPECT_EQ(adoptions[1].lanes(0).stride(), 8U * 2);
  EXPECT_EQ(adoptions[2].lanes(0).stride(), 8U * 3 * 2);
}

// Each loss doubles what the rest hold: 2 shares each, 4, and it would be 8.
TEST_F(AgentLossTest, BeatsAreNotDividedWithoutEnd) {
  most_shares_ = 7;
  Start(proto::ON_LOSS_REDISTRIBUTE, 5);
  machine_->OnDied("b", "was killed", At(3));
  machine_->OnDied("c", "was killed", At(5));
  EXPECT_THAT(machine_->record().faults(), IsEmpty());
  const Commands commands = machine_->OnDied("d", "was killed", At(7));
  EXPECT_THAT(AdoptionsOf(commands, "a"), IsEmpty());
  EXPECT_TRUE(IsTold(commands, "a", proto::ToAgent::kStop));
  ASSERT_EQ(machine_->record().faults_size(), 1);
  EXPECT_THAT(machine_->record().faults(0), HasSubstr("an agent holds at most 7 shares"));
}

TEST_F(AgentLossTest, WithoutHeirsTheRunIsInvalid) {
  Start(proto::ON_LOSS_REDISTRIBUTE, 2);
  machine_->OnDied("a", "was killed", At(3));
  machine_->OnDied("b", "was killed", At(4));
  ASSERT_TRUE(machine_->done());
  EXPECT_THAT(machine_->outcome().record.faults(0), HasSubstr("agent b was lost at 4 s"));
}

// Its lease should have kept it from that; what it says then counts for nothing, but is not
// ignored.
TEST_F(AgentLossTest, ALostAgentThatSendsWhatOthersWereGivenInvalidatesTheRun) {
  Start(proto::ON_LOSS_REDISTRIBUTE);
  machine_->OnDisconnected("b", At(1));
  machine_->OnTick(At(1) + RunMachine::Limits().rejoin_ns);
  ASSERT_THAT(Notes(), HasSubstr("its beats from 4.5 s on went to a, c"));
  // Up to the hand-over and around it they were its own; after it, it may send what waited already.
  machine_->OnInterval(SampleInterval("b", 5, SampleBook(2)), At(6));
  EXPECT_THAT(machine_->record().faults(), IsEmpty());
  machine_->OnInterval(SampleInterval("b", 6, SampleBook(2)), At(6));
  ASSERT_EQ(machine_->record().faults_size(), 1);
  EXPECT_THAT(machine_->record().faults(0), HasSubstr("agent b, which was lost, has sent beats"));
  EXPECT_STREQ(machine_->state_name(), "stopping");
  machine_->OnInterval(SampleInterval("b", 7, SampleBook(2)), At(7));
  EXPECT_EQ(machine_->record().faults_size(), 1) << "it is said once";
}

TEST_F(AgentLossTest, ALostAgentMaySendLateWhatWaitedAlready) {
  Start(proto::ON_LOSS_REDISTRIBUTE);
  machine_->OnDisconnected("b", At(1));
  machine_->OnTick(At(1) + RunMachine::Limits().rejoin_ns);
  proto::Interval late = SampleInterval("b", 6, SampleBook(2));
  late.mutable_measure()->set_scheduled(0);
  late.mutable_measure()->set_waiting_before(2);
  machine_->OnInterval(late, At(7));
  EXPECT_THAT(machine_->record().faults(), IsEmpty());
}

// An agent keeps to its own ceiling, and nobody has the beats then.
TEST_F(AgentLossTest, AnHeirThatMayNotTakeMoreEndsTheRun) {
  Start(proto::ON_LOSS_REDISTRIBUTE);
  machine_->OnDied("b", "was killed", At(3));
  const Commands commands = machine_->OnRefused("c", "a peak of 60 is above its ceiling", At(3.1));
  EXPECT_TRUE(IsTold(commands, "a", proto::ToAgent::kStop));
  EXPECT_TRUE(IsTold(commands, "c", proto::ToAgent::kStop)) << "it is not lost itself";
  EXPECT_EQ(machine_->record().faults(0),
            "agent c could not be given a lost one's beats: a peak of 60 is above its ceiling");
}

// Whoever makes up counts is not merely lost.
TEST_F(AgentLossTest, AnAgentThatFalsifiesInvalidatesTheRunWhateverThePolicy) {
  for (const auto policy : {proto::ON_LOSS_TRUNCATE, proto::ON_LOSS_REDISTRIBUTE}) {
    Start(policy);
    proto::Interval forged = SampleInterval("b", 1, SampleBook(2));
    forged.mutable_measure()->set_ok(3);
    machine_->OnInterval(forged, At(1));
    ASSERT_EQ(machine_->record().faults_size(), 1);
    EXPECT_THAT(machine_->record().faults(0), HasSubstr("agent b was lost"));
  }
}

TEST_F(AgentLossTest, ClocksAreComparedAgainAfterTheRun) {
  Start(proto::ON_LOSS_INVALIDATE, 1);
  RunMachine::Limits limits;
  limits.pings = 1;
  limits.resync_pings = 1;
  machine_.emplace(plan_, std::map<std::string, proto::Slice>{{"a", SliceOf(plan_, {0, 1, 1})}},
                   limits);
  proto::Pong pong;
  pong.set_sequence(1);
  pong.set_agent_now_ns(kOffsetNs);
  machine_->Begin(0);
  machine_->OnPong("a", pong, 10 * kMs);
  proto::Armed armed;
  armed.set_run_id(kSampleRun);
  machine_->OnArmed("a", armed, 20 * kMs);
  End("a", 1);
  ASSERT_STREQ(machine_->state_name(), "comparing clocks");
  const int64_t now_ns = At(1);
  pong.set_sequence(2);
  pong.set_agent_now_ns(now_ns + kOffsetNs + 3 * kMs);
  machine_->OnPong("a", pong, now_ns + 2 * kMs);
  ASSERT_TRUE(machine_->done());
  const proto::AgentRecord& agent = machine_->outcome().record.agents(0);
  // Before: ta − (t0 + 5 ms); after: ta − (t0 + 1 ms). Bounds of 5 and 1 ms.
  EXPECT_EQ(agent.clock_drift_ns(), 7 * kMs);
  EXPECT_EQ(agent.clock_drift_uncertainty_ns(), 6 * kMs);
}

TEST_F(AgentLossTest, AnAgentThatDoesNotAnswerAfterTheRunHoldsNobodyUp) {
  Start(proto::ON_LOSS_INVALIDATE, 1);
  RunMachine::Limits limits;
  limits.pings = 1;
  machine_.emplace(plan_, std::map<std::string, proto::Slice>{{"a", SliceOf(plan_, {0, 1, 1})}},
                   limits);
  proto::Pong pong;
  pong.set_sequence(1);
  machine_->Begin(0);
  machine_->OnPong("a", pong, 0);
  proto::Armed armed;
  armed.set_run_id(kSampleRun);
  machine_->OnArmed("a", armed, 0);
  End("a", 1, "");
  ASSERT_FALSE(machine_->done());
  ASSERT_EQ(machine_->wake_at_ns(), At(1) + limits.resync_ns);
  machine_->OnTick(machine_->wake_at_ns());
  ASSERT_TRUE(machine_->done());
  EXPECT_FALSE(machine_->outcome().record.agents(0).has_clock_drift_ns());
  EXPECT_THAT(machine_->outcome().record.faults(), IsEmpty());
}

}  // namespace
}  // namespace drumline
