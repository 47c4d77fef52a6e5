#include "controller/campaign/assembly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/mix.h"
#include "core/rate.h"
#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

proto::AgentRecord& AddAgent(const std::string& id, proto::RunRecord* record) {
  proto::AgentRecord& agent = *record->add_agents();
  agent.set_id(id);
  return agent;
}

// Agent "a" with two seconds of the window and "b" with one, and a warm-up second each.
RunTotals SomeTotals() {
  RunTotals totals(kSampleRun);
  for (const char* id : {"a", "b"}) {
    proto::Interval warm = SampleInterval(id, 1, {}, SampleBook(3));
    warm.set_phase(proto::PHASE_WARMUP);
    EXPECT_TRUE(totals.Add(warm).ok());
    proto::Interval interval = SampleInterval(id, 2, SampleBook(10));
    interval.set_agent_cpu_ns(400);
    interval.add_worker_busy(0.5);
    EXPECT_TRUE(totals.Add(interval).ok());
  }
  EXPECT_TRUE(totals.Add(SampleInterval("a", 3, SampleBook(20))).ok());
  return totals;
}

TEST(AssemblyTest, ARunIsPutTogetherFromItsParts) {
  proto::RunPlan plan;
  plan.set_run_id(kSampleRun);
  proto::RunRecord record;
  proto::AgentRecord& a = AddAgent("a", &record);
  a.set_start_skew_ns(-12'500);
  a.set_clock_uncertainty_ns(40'000);
  AddAgent("b", &record).set_lost_at_ns(1'500'000'000);
  record.add_faults("agent b was lost");
  const std::vector<proto::Scrape> scrapes(3);

  const RunResult run = AssembleRun(plan, SomeTotals(), record, scrapes);
  EXPECT_EQ(run.plan, &plan);
  EXPECT_THAT(run.scrapes, testing::SizeIs(3));
  EXPECT_THAT(run.faults, ElementsAre("agent b was lost"));
  EXPECT_FALSE(run.interrupted);
  EXPECT_TRUE(run.cut_off) << "its record never said that it ended";
  EXPECT_DOUBLE_EQ(run.measured_seconds, 2) << "of the agent that carried out the most of it";
  EXPECT_EQ(run.in_window.sent, 40U);
  EXPECT_EQ(run.in_window.answered, 40U);
  EXPECT_EQ(run.in_window.ok, 40U);
  ASSERT_EQ(run.agents.size(), 2U);
  EXPECT_EQ(run.agents[0].agent_id, "a");
  EXPECT_EQ(run.agents[0].warmup.ledger().sent(), 3U);
  EXPECT_EQ(run.agents[0].measure.ledger().sent(), 30U);
  EXPECT_EQ(run.agents[0].cpu_ns, 400);
  EXPECT_EQ(run.agents[0].measured_seconds, 2);
  EXPECT_EQ(run.agents[1].measured_seconds, 1) << "it was lost, and is judged by what it reported";
  EXPECT_DOUBLE_EQ(run.agents[0].worker_busy_max, 0.5);
  EXPECT_THAT(run.agents[0].start_skew_us, testing::Optional(-12.5));
  EXPECT_DOUBLE_EQ(run.agents[0].clock_uncertainty_us, 40);
  EXPECT_FALSE(run.agents[0].lost_at_s);
  EXPECT_EQ(run.agents[1].measure.ledger().sent(), 10U);
  EXPECT_DOUBLE_EQ(run.agents[1].lost_at_s.value(), 1.5);
  EXPECT_FALSE(run.agents[1].start_skew_us) << "a lost agent never said when it started";
}

TEST(AssemblyTest, AnAgentThatNeverReportedHasEmptyBooks) {
  proto::RunRecord record;
  AddAgent("c", &record).set_lost_at_ns(0);
  record.set_ended(true);
  record.set_interrupted("stopped by the user");
  record.set_stopped_at_ns(2'500'000'000);
  const proto::RunPlan plan;
  const RunResult run = AssembleRun(plan, RunTotals(kSampleRun), record, {});
  ASSERT_EQ(run.agents.size(), 1U);
  EXPECT_EQ(run.agents[0].measure.ledger(), Ledger());
  EXPECT_DOUBLE_EQ(run.agents[0].lost_at_s.value(), 0) << "lost at the start is lost, too";
  EXPECT_DOUBLE_EQ(run.measured_seconds, 0);
  EXPECT_TRUE(run.interrupted);
  EXPECT_DOUBLE_EQ(run.stopped_at_s.value(), 2.5);
  EXPECT_FALSE(run.cut_off);
}

// Two requests, 3 to 1, 10 beats a second, one agent of two lost after its first second.
TEST(AssemblyTest, MissedBeatsAreDividedAmongTheRequestsThatTheyWouldHaveSent) {
  proto::RunPlan plan;
  plan.set_run_id(kSampleRun);
  proto::LoadPlan& load = *plan.mutable_load();
  load.set_measure_ns(4'000'000'000);
  load.set_seed(5);
  proto::RateSegment& segment = *load.add_segments();
  segment.set_length_ns(load.measure_ns());
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(10).micro_per_hour());
  *segment.mutable_to() = segment.from();
  load.set_beats(40);
  plan.mutable_request()->set_weight(3);
  plan.add_more_requests()->set_weight(1);
  proto::RunRecord record;
  proto::AgentRecord& b = AddAgent("b", &record);
  b.set_lost_at_ns(1'500'000'000);
  b.add_lanes()->set_stride(2);

  // Of its 20 beats it reported the first five, as the mix has them.
  const Mix mix({3, 1}, load.seed());
  std::vector<int> reported(2, 0);
  std::vector<uint64_t> rest(2, 0);
  for (uint64_t beat = 0; beat < 40; beat += 2) {
    if (beat < 10) {
      ++reported[mix.At(beat)];
    } else {
      ++rest[mix.At(beat)];
    }
  }
  proto::Interval interval = SampleInterval("b", 1, SampleBook(5));
  for (const int count : reported) {
    BookCodec::Encode(SampleBook(count), interval.add_requests());
  }
  RunTotals totals(kSampleRun, 2);
  ASSERT_TRUE(totals.Add(interval).ok());

  const RunResult run = AssembleRun(plan, totals, record, {});
  EXPECT_THAT(run.faults, IsEmpty());
  EXPECT_EQ(run.agents[0].missed_measure, 15U);
  EXPECT_EQ(run.agents[0].missed_requests, rest);
}

// Two days of Poisson arrivals, of which one agent of two has come to nothing: whoever assembles
// the run gets the loop back after each step, and need not wait for the end of it.
TEST(AssemblyTest, ALongRunIsAccountedForInSteps) {
  proto::RunPlan plan;
  proto::LoadPlan& load = *plan.mutable_load();
  load.set_arrivals(proto::ARRIVALS_POISSON);
  load.set_measure_ns(int64_t{2} * 86'400 * 1'000'000'000);
  proto::RateSegment& segment = *load.add_segments();
  segment.set_length_ns(load.measure_ns());
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(1'000'000).micro_per_hour());
  *segment.mutable_to() = segment.from();
  load.set_beats(uint64_t{2} * 86'400 * 1'000'000);
  proto::RunRecord record;
  proto::AgentRecord& b = AddAgent("b", &record);
  b.set_lost_at_ns(0);
  b.add_lanes()->set_stride(2);
  BeatAccount account(plan, RunTotals(kSampleRun), record);
  for (int step = 0; step < 3; ++step) EXPECT_TRUE(account.Step());
}

// Another one had its beats, and went on beyond that instant.
TEST(AssemblyTest, BeatsAreTakenOverOnceAnHeirHasComeToThem) {
  proto::RunPlan plan;
  plan.set_run_id(kSampleRun);
  proto::RunRecord record;
  proto::AgentRecord& heir = AddAgent("a", &record);
  proto::AgentRecord& lost = AddAgent("b", &record);
  lost.set_lost_at_ns(1'500'000'000);
  lost.add_lanes()->set_until_ns(2'000'000'000);
  const auto taken_over = [&] {
    return AssembleRun(plan, SomeTotals(), record, {}).agents[1].taken_over_at_s;
  };
  EXPECT_FALSE(taken_over()) << "nobody had room for them";
  heir.add_lanes()->set_from_ns(2'000'000'000);
  EXPECT_THAT(taken_over(), testing::Optional(2.0));
  heir.mutable_lanes(0)->set_from_ns(9'000'000'000);
  lost.mutable_lanes(0)->set_until_ns(9'000'000'000);
  EXPECT_FALSE(taken_over()) << "the run had ended by then";
}

// Neither it nor the rest sent all that their lanes hold: the run was ended before.
TEST(AssemblyTest, AStoppedRunThatLostAnAgentOwesNothing) {
  proto::RunPlan plan;
  plan.set_run_id(kSampleRun);
  proto::LoadPlan& load = *plan.mutable_load();
  load.set_warmup_ns(1'000'000'000);
  load.set_measure_ns(4'000'000'000);
  proto::RateSegment& segment = *load.add_segments();
  segment.set_length_ns(load.warmup_ns() + load.measure_ns());
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(1'000).micro_per_hour());
  *segment.mutable_to() = segment.from();
  load.set_beats(5'000);
  proto::RunRecord record;
  for (const char* id : {"a", "b"}) AddAgent(id, &record).add_lanes()->set_stride(2);
  record.mutable_agents(1)->set_lost_at_ns(1'500'000'000);
  record.add_notes("agent b was lost at 1.5 s: was killed");
  const RunResult known = AssembleRun(plan, SomeTotals(), record, {});
  EXPECT_TRUE(known.agents[1].beats_known);
  EXPECT_EQ(known.agents[1].missed_measure, 2'000U - 10);
  EXPECT_THAT(known.faults, testing::SizeIs(1)) << "a has sent less than its lane holds";

  record.set_interrupted("errors > 50% held for 5 s");
  record.set_aborted("errors > 50% held for 5 s");
  const RunResult aborted = AssembleRun(plan, SomeTotals(), record, {});
  EXPECT_FALSE(aborted.agents[1].beats_known);
  EXPECT_EQ(aborted.agents[1].missed_measure, 0U);
  EXPECT_THAT(aborted.faults, IsEmpty());
}

TEST(AssemblyTest, ObjectivesAreThePlans) {
  proto::Plan plan;
  plan.mutable_max_send_lag()->set_text("p99 < 10ms");
  plan.add_slo()->set_text("p99 < 100ms");
  plan.add_slo()->set_text("errors < 1%");
  const Objectives objectives = ObjectivesOf(plan);
  EXPECT_EQ(objectives.max_send_lag.text(), "p99 < 10ms");
  ASSERT_EQ(objectives.slo.size(), 2U);
  EXPECT_EQ(objectives.slo[1].text(), "errors < 1%");
}

TEST(AssemblyTest, TheFactsOfACampaignAreThoseOfItsRecords) {
  const proto::Plan plan;
  proto::Environment environment;
  environment.set_kernel("6.1");
  std::vector<proto::RunRecord> records(2);
  records[0].set_started_unix_ns(1'783'762'200'900'000'000);
  records[1].set_started_unix_ns(1'783'762'300'000'000'000);
  AddAgent("b", &records[0]).set_host("one");
  AddAgent("a", &records[0]).set_cores(4);
  AddAgent("b", &records[1]).set_host("two");
  const CampaignFacts facts = FactsOf(plan, environment, records);
  EXPECT_EQ(facts.plan, &plan);
  EXPECT_EQ(facts.started_at, "2026-07-11T09:30:00Z");
  EXPECT_EQ(facts.environment.kernel(), "6.1");
  ASSERT_EQ(facts.agents.size(), 2U) << "each agent once";
  EXPECT_EQ(facts.agents[0].id(), "a");
  EXPECT_EQ(facts.agents[0].cores(), 4U);
  EXPECT_EQ(facts.agents[1].host(), "two");
  EXPECT_THAT(FactsOf(plan, environment, {}).agents, IsEmpty());
}

}  // namespace
}  // namespace drumline
