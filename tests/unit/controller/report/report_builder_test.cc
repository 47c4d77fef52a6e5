#include "controller/report/report_builder.h"

#include <gtest/gtest.h>

#include <string>

#include "controller/report/ledger_errors.h"
#include "tests/unit/controller/report/sample_run.h"

namespace drumline {
namespace {

// Within the 0.1 % that a slot may be wide.
void ExpectTime(double measured_us, double truth_us) {
  EXPECT_NEAR(measured_us, truth_us, 0.001 * truth_us);
}

proto::RunReport SampleReport() {
  const proto::RunPlan plan = SamplePlan();
  return BuildRunReport(SampleRun(plan), SampleObjectives());
}

TEST(BuildRunReport, SaysWhichRunItWas) {
  const proto::RunReport report = SampleReport();
  EXPECT_EQ(report.run_id(), "001-dom-r1");
  EXPECT_EQ(report.target(), "dom");
  EXPECT_EQ(report.point().at("payload"), "1KiB");
  EXPECT_EQ(report.repeat(), 1u);
  EXPECT_EQ(report.phase_seconds(), 10);
  EXPECT_FALSE(report.closed_loop());
  EXPECT_EQ(report.intervals_path(), "intervals.pb");
}

TEST(BuildRunReport, RatesArePerSecondOfTheMeasuredWindow) {
  const proto::RunReport report = SampleReport();
  EXPECT_EQ(report.offered_rps(), 200);
  EXPECT_EQ(report.sent_rps(), 200);
  EXPECT_EQ(report.achieved_rps(), 199);
  EXPECT_EQ(report.goodput_rps(), 198);
}

TEST(BuildRunReport, TheLedgersKeepThePhasesApart) {
  const proto::RunReport report = SampleReport();
  EXPECT_EQ(report.ledger().scheduled(), 2'000u);
  EXPECT_EQ(report.ledger().sent(), 2'000u);
  EXPECT_EQ(report.ledger().ok(), 2'000u);
  EXPECT_EQ(report.warmup_ledger().scheduled(), 200u);
  EXPECT_EQ(report.warmup_ledger().ok(), 200u);
}

TEST(BuildRunReport, EveryOutcomeHasItsPlaceInTheLedger) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  Book& book = run.agents[0].measure;
  book.Clear();
  // As many requests of each outcome as its number in the enumeration and one.
  for (size_t outcome = 0; outcome < kOutcomeCount; ++outcome) {
    const auto value = static_cast<Outcome>(outcome);
    for (size_t i = 0; i <= outcome; ++i) {
      if (IsAnswered(value)) {
        AddAnswered(value, 0, kMs, &book);
      } else if (IsLowerBound(value)) {
        AddUnanswered(value, 5 * kMs, &book);
      } else if (value == Outcome::kRefused) {
        book.Due();
        book.Refused();
      } else {
        book.Due();
        book.Sent(0, 0);
        book.Broken(value);
      }
    }
  }
  run.agents.pop_back();
  const proto::RunReport report = BuildRunReport(run, SampleObjectives());
  const proto::Ledger& ledger = report.ledger();
  EXPECT_EQ(ledger.ok(), 1u);
  EXPECT_EQ(ledger.bad_status(), 2u);
  EXPECT_EQ(ledger.bad_body(), 3u);
  EXPECT_EQ(ledger.timeout(), 4u);
  EXPECT_EQ(ledger.refused(), 5u);
  EXPECT_EQ(ledger.reset(), 6u);
  EXPECT_EQ(ledger.protocol_error(), 7u);
  EXPECT_EQ(ledger.censored(), 8u);
  EXPECT_EQ(ledger.unsent(), 9u);
  EXPECT_EQ(ledger.scheduled(), 45u);
  EXPECT_EQ(ledger.sent(), 36u);
  EXPECT_EQ(report.response_time().count(), 27u);
  EXPECT_EQ(report.response_time().lower_bound_from_us(), 5'000);
  EXPECT_EQ(report.service_time().count(), 18u);
  EXPECT_EQ(report.service_time().lower_bound_from_us(), 5'000);
  EXPECT_EQ(report.send_lag().count(), 31u);
}

TEST(BuildRunReport, TimesAreThoseOfTheSample) {
  const proto::RunReport report = SampleReport();
  const proto::TimeSummary& service = report.service_time();
  EXPECT_EQ(service.count(), 2'000u);
  ExpectTime(service.mean_us(), 500.5);
  ExpectTime(service.p50_us(), 500);
  ExpectTime(service.p90_us(), 900);
  ExpectTime(service.p95_us(), 950);
  ExpectTime(service.p99_us(), 990);
  ExpectTime(service.p99_9_us(), 999);
  ExpectTime(service.p99_99_us(), 1'000);
  EXPECT_EQ(service.max_us(), 1'000);
  ExpectTime(report.response_time().p50_us(), 510);
  EXPECT_EQ(report.response_time().max_us(), 1'010);
  EXPECT_FALSE(report.response_time().has_lower_bound_from_us());
  EXPECT_FALSE(report.service_time().has_lower_bound_from_us());
  EXPECT_EQ(report.send_lag().p99_us(), 10);
  EXPECT_EQ(report.generator_lag().max_us(), 10);
}

TEST(BuildRunReport, HiccupsAreThoseOfAllAgents) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  for (int i = 0; i < 100; ++i) run.agents[1].hiccups.Record(kMs);
  const proto::RunReport report = BuildRunReport(run, SampleObjectives());
  EXPECT_EQ(report.hiccup().count(), 300u);
  ExpectTime(report.hiccup().p50_us(), 75);
  ExpectTime(report.hiccup().p90_us(), 1'000);
  EXPECT_EQ(report.agents(0).hiccup().max_us(), 100);
  EXPECT_EQ(report.agents(1).hiccup().count(), 200u);
  EXPECT_EQ(report.agents(1).engine(), "epoll");
}

TEST(BuildRunReport, TheRequestHasTheSameFigures) {
  const proto::RunReport report = SampleReport();
  ASSERT_EQ(report.requests_size(), 1);
  EXPECT_EQ(report.requests(0).name(), "checkout");
  EXPECT_EQ(report.requests(0).ledger().scheduled(), 2'000u);
  EXPECT_EQ(report.requests(0).service_time().max_us(), 1'000);
}

TEST(BuildRunReport, EachAgentHasItsShare) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  for (int i = 0; i < 2'000; ++i) AddAnswered(Outcome::kOk, 0, kMs, &run.agents[1].measure);
  const proto::RunReport report = BuildRunReport(run, SampleObjectives());
  ASSERT_EQ(report.agents_size(), 2);
  EXPECT_EQ(report.agents(0).id(), "a1");
  EXPECT_EQ(report.agents(0).sent(), 1'000u);
  EXPECT_EQ(report.agents(0).sent_share(), 0.25);
  EXPECT_EQ(report.agents(1).sent_share(), 0.75);
  EXPECT_EQ(report.agents(0).cpu_cores(), 0.5);
  EXPECT_EQ(report.agents(0).max_core_busy(), 0.25);
  EXPECT_EQ(report.agents(0).start_skew_us(), -12);
  EXPECT_EQ(report.agents(0).clock_uncertainty_us(), 40);
  EXPECT_EQ(report.agents(0).generator_lag().p99_us(), 10);
  EXPECT_FALSE(report.agents(0).has_lost_at_s());
}

TEST(BuildRunReport, ResourcesAreReadFromTheMeasuredWindow) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  // Two cores in the warm-up, one in the window from 2 s to 12 s, none in the drain.
  for (int s = 0; s <= 14; ++s) {
    proto::Scrape& scrape = run.scrapes.emplace_back();
    scrape.set_run_id("001-dom-r1");
    scrape.set_target("dom");
    scrape.set_at_ns(s * kSecond);
    scrape.set_cpu_seconds_total(s <= 2 ? 2 * s : s <= 12 ? s + 2 : 14);
    scrape.set_rss_bytes(s > 12 ? 9e9 : 4096);
  }
  const proto::RunReport report = BuildRunReport(run, SampleObjectives());
  EXPECT_EQ(report.target_resources().cpu_cores_mean(), 1);
  EXPECT_DOUBLE_EQ(report.target_resources().cpu_us_per_request(), 1e6 / 199);
  EXPECT_EQ(report.target_resources().rss_bytes_max(), 4096);
  EXPECT_EQ(report.target_resources().scrapes(), 11u);
  EXPECT_FALSE(SampleReport().has_target_resources());
}

TEST(BuildRunReport, NothingMeasuredIsNoDivisionByZero) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run;
  run.plan = &plan;
  const proto::RunReport report = BuildRunReport(run, SampleObjectives());
  EXPECT_EQ(report.offered_rps(), 0);
  EXPECT_EQ(report.achieved_rps(), 0);
  EXPECT_EQ(report.response_time().mean_us(), 0);
  EXPECT_NE(report.verdict().validity(), proto::Validity::VALID);
}

TEST(ErrorsOf, WhatNobodyKnowsIsNoError) {
  proto::Ledger ledger;
  ledger.set_scheduled(100);
  ledger.set_missed(30);
  ledger.set_open(4);
  ledger.set_ok(63);
  EXPECT_EQ(AskedOf(ledger), 70U);
  EXPECT_EQ(ErrorsOf(ledger), 3U);
}

TEST(BuildRunReport, EachLostAgentIsListed) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  Objectives objectives = SampleObjectives();
  EXPECT_EQ(BuildRunReport(run, objectives).losses_size(), 0);
  AgentResult& lost = run.agents[1];
  lost.lost_at_s = 7.5;
  lost.reported_until_s = 7;
  proto::RunReport report = BuildRunReport(run, objectives);
  ASSERT_EQ(report.losses_size(), 1);
  EXPECT_EQ(report.losses(0).agent(), "a2");
  EXPECT_EQ(report.losses(0).policy(), "invalidate");
  EXPECT_EQ(report.losses(0).lost_at_s(), 7.5);
  EXPECT_EQ(report.losses(0).reported_until_s(), 7);
  EXPECT_FALSE(report.losses(0).has_missed()) << "nobody counted what would have come due";
  EXPECT_FALSE(report.losses(0).has_taken_over_at_s());

  objectives.on_loss = proto::ON_LOSS_REDISTRIBUTE;
  lost.beats_known = true;
  lost.missed_warmup = 2;
  lost.missed_measure = 3;
  lost.taken_over_at_s = 8;
  report = BuildRunReport(run, objectives);
  EXPECT_EQ(report.losses(0).policy(), "redistribute");
  EXPECT_EQ(report.losses(0).missed(), 5U);
  EXPECT_EQ(report.losses(0).taken_over_at_s(), 8);
}

TEST(AddToWindow, CountsEventsOfTheMeasuredWindowWhateverTheirPhase) {
  Book book;
  AddAnswered(Outcome::kOk, 0, kMs, &book);
  AddAnswered(Outcome::kBadStatus, 0, kMs, &book);
  AddUnanswered(Outcome::kTimeout, kMs, &book);
  WindowCounts counts;
  AddToWindow(book, proto::PHASE_WARMUP, &counts);
  AddToWindow(book, proto::PHASE_DRAIN, &counts);
  EXPECT_EQ(counts.sent, 0u);
  AddToWindow(book, proto::PHASE_MEASURE, &counts);
  EXPECT_EQ(counts.sent, 3u);
  EXPECT_EQ(counts.answered, 2u);
  EXPECT_EQ(counts.ok, 1u);
}

// The one that was cut off used to count among those that were planned.
TEST(BuildReport, ARunThatWasDoneAgainCountsOnce) {
  proto::Plan plan;
  plan.mutable_until()->set_metric("throughput");
  plan.mutable_until()->set_relative(0.5);
  std::vector<proto::RunReport> runs;
  for (uint32_t repeat = 1; repeat <= 8; ++repeat) plan.add_runs()->set_repeat(repeat);
  const auto add = [&runs](const char* run_id, uint32_t repeat, proto::Validity::Value validity) {
    proto::RunReport& run = runs.emplace_back();
    run.set_run_id(run_id);
    run.set_target("a");
    run.set_repeat(repeat);
    run.set_achieved_rps(1000 + repeat);
    run.mutable_verdict()->set_validity(validity);
  };
  add("001-a-r1", 1, proto::Validity::VALID);
  add("002-a-r2", 2, proto::Validity::INVALID);
  add("002-a-r2.2", 2, proto::Validity::VALID);
  add("003-a-r3", 3, proto::Validity::VALID);
  CampaignFacts campaign;
  campaign.plan = &plan;
  const proto::Report report = BuildReport(campaign, runs);
  EXPECT_TRUE(report.stopping().reached());
  EXPECT_EQ(report.stopping().repeats(), 3U);
  EXPECT_EQ(report.verdict().validity(), proto::Validity::VALID) << report.verdict().DebugString();
  EXPECT_EQ(report.runs_size(), 4) << "what was kept is told";
}

TEST(BuildReport, GathersRunsAgentsAndObjectives) {
  proto::Plan plan;
  plan.set_scenario_name("echo");
  plan.set_scenario_sha256("abc");
  plan.set_seed(42);
  plan.set_agent_count(2);
  plan.set_workers_per_agent(3);
  plan.mutable_engine()->set_pacing(proto::PACING_COALESCED);
  plan.mutable_engine()->set_tick_ns(250'000);
  plan.add_runs();
  plan.add_runs();
  proto::RunReport first = SampleReport();
  proto::RunReport second = SampleReport();
  second.set_run_id("002-dom-r2");
  second.set_phase_seconds(30);
  second.mutable_agents(0)->set_cpu_cores(1.5);
  second.mutable_agents(0)->set_start_skew_us(50);
  second.mutable_agents(0)->set_lost_at_s(3);
  second.mutable_agents(1)->clear_start_skew_us();
  second.mutable_agents(1)->set_max_core_busy(0.9);
  CampaignFacts campaign = {.plan = &plan, .started_at = "2026-07-11T09:30:00Z"};
  for (const char* id : {"a1", "a2"}) {
    proto::AgentReport& agent = campaign.agents.emplace_back();
    agent.set_id(id);
    agent.set_host("host");
    agent.set_cores(8);
  }
  const proto::Report report = BuildReport(campaign, {first, second});
  EXPECT_EQ(report.schema_version(), 1u);
  EXPECT_EQ(report.name(), "echo");
  EXPECT_EQ(report.seed(), 42u);
  EXPECT_EQ(report.scenario_sha256(), "abc");
  EXPECT_EQ(report.verdict().validity(), proto::Validity::VALID);
  EXPECT_EQ(report.generator().agents(), 2u);
  EXPECT_EQ(report.generator().workers_per_agent(), 3u);
  EXPECT_EQ(report.generator().pacing(), "coalesced");
  EXPECT_EQ(report.generator().tick_us(), 250);
  ASSERT_EQ(report.runs_size(), 2);
  ASSERT_EQ(report.slo_size(), 4);
  EXPECT_EQ(report.slo(0).run_id(), "001-dom-r1");
  ASSERT_EQ(report.agents_size(), 2);
  const proto::AgentReport& a1 = report.agents(0);
  EXPECT_EQ(a1.host(), "host");
  EXPECT_EQ(a1.sent(), 2'000u);
  // Half a core for 10 s and one and a half for 30 s.
  EXPECT_DOUBLE_EQ(a1.cpu_cores(), 1.25);
  EXPECT_EQ(a1.start_skew_us(), 50);
  EXPECT_EQ(a1.lost_at_s(), 3);
  EXPECT_EQ(report.agents(1).start_skew_us(), -12);
  EXPECT_EQ(report.agents(1).max_core_busy(), 0.9);
  EXPECT_FALSE(report.agents(1).has_lost_at_s());
}

}  // namespace
}  // namespace drumline
