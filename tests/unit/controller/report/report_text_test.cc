#include "controller/report/report_text.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "controller/format/columns.h"
#include "controller/report/report_builder.h"
#include "controller/report/report_json.h"
#include "tests/unit/controller/report/sample_run.h"

namespace drumline {
namespace {

proto::Report SampleReport(const RunResult& run) {
  proto::Plan plan;
  plan.set_scenario_name("echo");
  plan.set_seed(42);
  plan.set_agent_count(2);
  plan.set_workers_per_agent(1);
  plan.mutable_engine()->set_pacing(proto::PACING_PRECISE);
  *plan.add_runs() = *run.plan;
  const CampaignFacts campaign = {.plan = &plan, .started_at = "2026-07-11T09:30:00Z"};
  return BuildReport(campaign, {BuildRunReport(run, SampleObjectives())});
}

proto::Report SampleReport() {
  const proto::RunPlan plan = SamplePlan();
  return SampleReport(SampleRun(plan));
}

TEST(ReportToText, IsThisText) {
  EXPECT_EQ(ReportToText(SampleReport(), "results/echo-20260711T093000Z"),
            R"(echo · 2026-07-11T09:30:00Z · seed 42

run 001-dom-r1 · target dom · payload 1KiB · repeat 1 · open loop · measured 10.0 s
  rate           offered 200/s   sent 200/s   achieved 199/s   goodput 198/s
                         p50        p90        p95        p99      p99.9     p99.99        max
  response time       510 µs     910 µs     961 µs    1.00 ms    1.01 ms    1.01 ms    1.01 ms
  service time        500 µs     900 µs     950 µs     990 µs     999 µs    1.00 ms    1.00 ms
  send lag           10.0 µs    10.0 µs    10.0 µs    10.0 µs    10.0 µs    10.0 µs    10.0 µs
  generator lag      10.0 µs    10.0 µs    10.0 µs    10.0 µs    10.0 µs    10.0 µs    10.0 µs
  platform hiccup    50.0 µs    90.0 µs    95.0 µs    99.0 µs     100 µs     100 µs     100 µs
  ledger         scheduled 2,000 = sent 2,000 + unsent 0
                 sent 2,000 = ok 2,000
  target         no metrics in the window
  connections    64 at the window's beginning, 2 opened in it
  generator      2 agents × 1 worker, pacing precise, engine epoll
  agent           share         CPU  busiest core  start skew      clock  generator lag p99
  a1             50.0 %  0.50 cores        25.0 %    -12.0 µs  ± 40.0 µs            10.0 µs
  a2             50.0 %  0.50 cores        25.0 %    -12.0 µs  ± 40.0 µs            10.0 µs
  SLO            result  measured     95 % interval
  p99 < 2ms        PASS   1.00 ms  996 µs … 1.01 ms
  errors < 0.5%    PASS       0 %      0 % … 0.19 %
  verdict        VALID, SLO PASS

bundle results/echo-20260711T093000Z
)");
}

TEST(ReportToText, SaysHowTheLoadWasMade) {
  proto::Report report = SampleReport();
  report.mutable_generator()->set_agents(1);
  report.mutable_generator()->set_workers_per_agent(3);
  report.mutable_generator()->set_pacing("coalesced");
  report.mutable_generator()->set_tick_us(250);
  report.mutable_runs(0)->mutable_agents(1)->set_engine("io_uring");
  EXPECT_TRUE(absl::StrContains(ReportToText(report, ""),
                                "  generator      1 agent × 3 workers, pacing coalesced (250 µs), "
                                "engine epoll and io_uring\n"));
}

// Bundles from before agents had a choice, and a meter of hiccups.
TEST(ReportToText, LeavesOutWhatIsNotKnown) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  for (AgentResult& agent : run.agents) {
    agent.engine.clear();
    agent.hiccups.Clear();
  }
  proto::Report report = SampleReport(run);
  report.mutable_generator()->clear_pacing();
  const std::string text = ReportToText(report, "");
  EXPECT_TRUE(absl::StrContains(text, "  generator      2 agents × 1 worker\n")) << text;
  EXPECT_FALSE(absl::StrContains(text, "hiccup")) << text;
}

// It was stopped in its warm-up, and an agent was lost before it could say when it had started.
TEST(ReportToText, PrintsNoTimeThatNobodyMeasured) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  run.agents[0].start_skew_us.reset();
  for (AgentResult& agent : run.agents) agent.measure = Book();
  const std::string text = ReportToText(SampleReport(run), "");
  EXPECT_TRUE(absl::StrContains(text, "  –  ± 40.0 µs")) << text;
  EXPECT_TRUE(absl::StrContains(text, "  -12.0 µs  ± 40.0 µs                  –\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "  p99 < 2ms      INCONCLUSIVE         –")) << text;
}

TEST(ReportToText, AClosedLoopHasNoScheduleToBeLateFor) {
  proto::RunPlan plan = SamplePlan();
  plan.mutable_load()->set_closed_loop(true);
  const std::string text = ReportToText(SampleReport(SampleRun(plan)), "");
  EXPECT_TRUE(absl::StrContains(
      text, "  rate           closed loop   sent 200/s   achieved 199/s   goodput 198/s\n"))
      << text;
  EXPECT_FALSE(absl::StrContains(text, "offered")) << text;
  EXPECT_FALSE(absl::StrContains(text, "send lag")) << text;
  EXPECT_FALSE(absl::StrContains(text, "generator lag  ")) << text;
  EXPECT_TRUE(absl::StrContains(text, "± 40.0 µs                  –\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "platform hiccup    50.0 µs")) << text;
}

TEST(ReportToText, MarksLowerBoundsAndAddsUp) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  for (int i = 0; i < 100; ++i) AddUnanswered(Outcome::kTimeout, 20 * kMs, &run.agents[0].measure);
  for (int i = 0; i < 7; ++i) AddUnanswered(Outcome::kUnsent, 30 * kMs, &run.agents[0].measure);
  const std::string text = ReportToText(SampleReport(run), "");
  EXPECT_TRUE(absl::StrContains(
      text, "response time       537 µs     959 µs  ≥ 20.0 ms  ≥ 20.0 ms  ≥ 30.0 ms"))
      << text;
  // Those that were never sent are no bounds on service.
  EXPECT_TRUE(absl::StrContains(
      text, "service time        525 µs     945 µs     998 µs  ≥ 20.0 ms  ≥ 20.0 ms  ≥ 20.0 ms"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "scheduled 2,107 = sent 2,100 + unsent 7\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "sent 2,100 = ok 2,000 + timeout 100\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "verdict        INVALID, SLO FAIL\n")) << text;
  EXPECT_TRUE(absl::StrContains(text, "FAIL  ≥ 20.0 ms      20.0 ms … ?\n")) << text;
  EXPECT_FALSE(absl::StrContains(text, "bundle"));
}

TEST(ReportToText, SaysWhatTheTargetUsed) {
  proto::Report report = SampleReport();
  proto::TargetResources& used = *report.mutable_runs(0)->mutable_target_resources();
  EXPECT_TRUE(absl::StrContains(ReportToText(report, ""), "no metrics: every scrape failed\n"));
  used.set_scrapes(10);
  used.set_scrape_gaps(2);
  used.set_cpu_not_known("its counter fell");
  EXPECT_TRUE(absl::StrContains(ReportToText(report, ""),
                                "target         RSS not known · 2 s without a reading\n"
                                "                 CPU not known: its counter fell\n"));
  used.set_cpu_cores_mean(0.823);
  EXPECT_TRUE(absl::StrContains(ReportToText(report, ""),
                                "target         CPU 0.82 cores · RSS not known · 2 s without a "
                                "reading\n"
                                "                 CPU a request not known: its counter fell\n"));
  used.clear_cpu_not_known();
  used.set_cpu_us_per_request(27.31);
  used.set_rss_bytes_mean(12.0 * 1024 * 1024);
  used.set_rss_bytes_max(12.5 * 1024 * 1024);
  used.set_rss_slope_bytes_per_s(-1536);
  const std::string text = ReportToText(report, "");
  EXPECT_TRUE(absl::StrContains(text,
                                "  target         CPU 0.82 cores · 27.3 µs CPU a request · RSS "
                                "mean 12.0 MiB · max 12.5 MiB"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "· -1.50 KiB/s")) << text;
  EXPECT_TRUE(absl::StrContains(text, "· 2 s without a reading\n")) << text;
  report.mutable_runs(0)->mutable_target_resources()->set_rss_slope_bytes_per_s(-1e-9);
  EXPECT_TRUE(absl::StrContains(ReportToText(report, ""), "· +0 B/s")) << "and not -0.00";
}

TEST(ReportToText, SumsUpACampaign) {
  proto::Report report = SampleReport();
  *report.add_runs() = report.runs(0);
  proto::AgentLoss& loss = *report.mutable_runs(1)->add_losses();
  loss.set_agent("a2");
  loss.set_lost_at_s(4.25);
  loss.set_reported_until_s(3);
  report.mutable_verdict()->set_validity(proto::Validity::INVALID);
  report.mutable_verdict()->add_reasons("002: agent a2 was lost");
  const std::string text = ReportToText(report, "");
  EXPECT_TRUE(absl::StrContains(text,
                                "campaign\n  verdict        INVALID, SLO PASS\n"
                                "                 - 002: agent a2 was lost\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(
      text, "agent a2 was lost at 4.2 s of the run; it had reported until 3.0 s\n"))
      << text;
}

// Everything as large as it gets.
proto::Report LargestReport() {
  proto::Report report = SampleReport();
  proto::RunReport& run = *report.mutable_runs(0);
  constexpr uint64_t kMany = 123'456'789'012;
  run.set_offered_rps(12'345'678.9);
  run.set_sent_rps(12'345'678.9);
  run.set_achieved_rps(12'345'678.9);
  run.set_goodput_rps(12'345'678.9);
  proto::Ledger& ledger = *run.mutable_ledger();
  ledger.set_scheduled(kMany);
  ledger.set_sent(kMany);
  ledger.set_unsent(kMany);
  ledger.set_ok(kMany);
  ledger.set_bad_status(kMany);
  ledger.set_bad_body(kMany);
  ledger.set_timeout(kMany);
  ledger.set_refused(kMany);
  ledger.set_reset(kMany);
  ledger.set_protocol_error(kMany);
  ledger.set_censored(kMany);
  run.mutable_response_time()->set_lower_bound_from_us(0);
  run.mutable_service_time()->set_lower_bound_from_us(0);
  for (proto::TimeSummary* times : {run.mutable_response_time(), run.mutable_hiccup()}) {
    times->set_p99_us(999.4e3);
    times->set_max_us(3600e6);
  }
  for (proto::RunAgent& agent : *run.mutable_agents()) agent.set_lost_at_s(86'400);
  proto::TargetResources& used = *run.mutable_target_resources();
  used.set_scrapes(86'400);
  used.set_scrape_gaps(86'400);
  used.set_cpu_cores_mean(100);
  used.set_cpu_not_known("its metrics could be read from 0.0 s to 5.0 s of a window of 10.0 s");
  used.set_rss_bytes_mean(1e12);
  used.set_rss_bytes_max(1e12);
  report.mutable_generator()->set_tick_us(250);
  report.set_seed(18'446'744'073'709'551'615U);
  report.set_name(std::string(40, 'n'));
  for (int i = 0; i < 40; ++i) {
    run.mutable_verdict()->add_reasons(
        "a reason that goes on and on, as reasons at times do, until "
        "no line is long enough to hold it, and then a little more");
  }
  (*run.mutable_point())["another"] = std::string(40, 'x');
  return report;
}

// The lines of the text without their ends.
std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  EXPECT_EQ(lines.back(), "") << "a line without an end";
  lines.pop_back();
  return lines;
}

TEST(ReportToText, FitsTheTerminalFromEightyToAHundredColumns) {
  const proto::Report report = LargestReport();
  for (size_t columns = 80; columns <= 100; ++columns) {
    const std::vector<std::string> lines = LinesOf(ReportToText(report, "results/x", columns));
    EXPECT_GT(lines.size(), 90u);
    for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), columns) << line;
  }
  EXPECT_EQ(ReportToText(report, "", 20), ReportToText(report, "", 80));
  EXPECT_EQ(ReportToText(report, "", 200), ReportToText(report, "", 100));
}

TEST(ReportToText, KeepsItsColumnsApartOnANarrowTerminal) {
  const proto::RunPlan plan = SamplePlan();
  RunResult run = SampleRun(plan);
  for (int i = 0; i < 2'000; ++i) {
    AddUnanswered(Outcome::kTimeout, 20 * kMs, &run.agents[0].measure);
  }
  run.agents[1].lost_at_s = 4.25;
  run.agents[1].reported_until_s = 3;
  const std::string text = ReportToText(SampleReport(run), "", 80);
  EXPECT_TRUE(absl::StrContains(
      text,
      "                       p50      p90      p95      p99    p99.9   p99.99      max\n"
      "  response time    1.01 ms ≥20.0 ms ≥20.0 ms ≥20.0 ms ≥20.0 ms ≥20.0 ms ≥20.0 ms\n"))
      << text;
  EXPECT_TRUE(absl::StrContains(
      text,
      "  agent           share         CPU  busiest      skew      clock  lag p99\n"
      "  a1             75.0 %  0.50 cores   25.0 %  -12.0 µs  ± 40.0 µs  10.0 µs\n"
      "  a2             25.0 %  0.50 cores   25.0 %  -12.0 µs  ± 40.0 µs  10.0 µs\n"
      "                 agent a2 was lost at 4.2 s of the run; it had reported until\n"
      "                  3.0 s\n"))
      << text;
}

TEST(ReportJson, ComesBackAsItWas) {
  const proto::Report report = SampleReport();
  const auto json = ReportToJson(report);
  ASSERT_TRUE(json.ok());
  const auto back = ReportFromJson(*json);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*back, report));
}

TEST(ReportJson, HasTheNamesOfTheContractAndItsZeros) {
  const std::string json = ReportToJson(SampleReport()).value();
  EXPECT_TRUE(absl::StrContains(json, "\"schema_version\": 1")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"p99_99_us\": ")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"validity\": \"VALID\"")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"scheduled\": \"2000\"")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"protocol_error\": \"0\"")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"closed_loop\": false")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"hiccup\": {\n")) << json;
  EXPECT_TRUE(absl::StrContains(json, "\"pacing\": \"precise\"")) << json;
  EXPECT_EQ(json.back(), '\n');
}

TEST(ReportJson, UnknownFieldsAreForTheFutureAndNonsenseIsRefused) {
  EXPECT_TRUE(ReportFromJson("{\"name\": \"a\", \"a_field_of_tomorrow\": {}}").ok());
  EXPECT_EQ(ReportFromJson("name: a").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ReportFromJson("{\"name\": 3}").ok());
}

}  // namespace
}  // namespace drumline
