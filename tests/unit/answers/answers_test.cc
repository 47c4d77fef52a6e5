// From runs to answers: stopping, searches, aborting, floors, costs and JUnit, on reports and
// intervals whose every figure is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "controller/campaign/run_queue.h"
#include "controller/report/capacity_report.h"
#include "controller/report/cost.h"
#include "controller/report/cost_text.h"
#include "controller/report/junit.h"
#include "controller/report/noise_floor.h"
#include "controller/report/stopping.h"
#include "controller/run/abort_watch.h"
#include "core/stopping.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

proto::Plan PlanOf(const std::vector<std::string>& targets, uint32_t repeats) {
  proto::Plan plan;
  for (uint32_t repeat = 1; repeat <= repeats; ++repeat) {
    for (const std::string& target : targets) {
      proto::RunPlan& run = *plan.add_runs();
      run.set_index(static_cast<uint32_t>(plan.runs_size() - 1));
      run.set_run_id("00" + std::to_string(plan.runs_size()) + "-" + target);
      run.set_target(target);
      run.set_repeat(repeat);
      proto::RateSegment& segment = *run.mutable_load()->add_segments();
      segment.mutable_from()->set_micro_per_hour(100 * 3'600'000'000);
      segment.mutable_to()->set_micro_per_hour(100 * 3'600'000'000);
      segment.set_length_ns(kSecondNs);
      run.mutable_load()->set_measure_ns(kSecondNs);
      run.mutable_load()->set_arrivals(proto::ARRIVALS_CONSTANT);
    }
  }
  return plan;
}

double RateOf(const proto::RunPlan& run) {
  return static_cast<double>(run.load().segments(0).from().micro_per_hour()) / 3'600e6;
}

proto::RunReport Ran(const proto::RunPlan& plan, double p99_us) {
  proto::RunReport run;
  run.set_run_id(plan.run_id());
  run.set_target(plan.target());
  run.set_repeat(plan.repeat());
  run.set_step(plan.step());
  run.set_offered_rps(RateOf(plan));
  run.set_achieved_rps(RateOf(plan));
  run.mutable_response_time()->set_count(100);
  run.mutable_response_time()->set_p99_us(p99_us);
  run.mutable_target_resources()->set_cpu_cores_mean(0.5);
  run.mutable_target_resources()->set_cpu_us_per_request(40);
  run.mutable_target_resources()->set_rss_bytes_max(64 << 20);
  run.mutable_verdict()->set_validity(proto::Validity::VALID);
  return run;
}

// ---- repeats until something is known ----

std::vector<proto::RunReport> CarryOut(const proto::Plan& plan, double spread) {
  RunQueue queue(plan);
  std::vector<proto::RunReport> done;
  while (const proto::RunPlan* run = queue.Next(done)) {
    // Repeats alternate about 1 ms.
    const double sign = run->repeat() % 2 == 0 ? 1 : -1;
    done.push_back(Ran(*run, 1'000 * std::exp(sign * spread)));
  }
  return done;
}

proto::Plan UntilPlan() {
  proto::Plan plan = PlanOf({"a", "b"}, 20);
  plan.mutable_until()->set_metric("p99");
  plan.mutable_until()->set_relative(0.02);
  plan.mutable_until()->set_text("p99 ± 2%");
  return plan;
}

TEST(Stopping, QuietTargetsAreDoneAtTheFirstLook) {
  const proto::Plan plan = UntilPlan();
  const std::vector<proto::RunReport> done = CarryOut(plan, 0.0005);
  EXPECT_EQ(done.size(), 2u * 3);
  const proto::StoppingReport stopping = JudgeStopping(plan, done);
  EXPECT_TRUE(stopping.reached());
  EXPECT_EQ(stopping.repeats(), 3u);
  EXPECT_EQ(stopping.most(), 20u);
  EXPECT_DOUBLE_EQ(stopping.confidence_each_look(), ConfidenceOfEachLook(20));
}

TEST(Stopping, GoesOnAsLongAsAnyTargetIsNotKnown) {
  const proto::Plan plan = UntilPlan();
  const std::vector<proto::RunReport> done = CarryOut(plan, 0.01);
  // s = 0.0105, and 0.0105 t(0.9958, n − 1) / √n falls below ln 1.02 at the look of eight.
  EXPECT_EQ(done.size(), 2u * 8);
  EXPECT_TRUE(JudgeStopping(plan, done).reached());
  std::vector<proto::RunReport> less(done.begin(), done.begin() + 2 * 5);
  EXPECT_FALSE(JudgeStopping(plan, less).reached());
}

TEST(Stopping, EndsAtTheMostRepeatsAndSaysThatItDoesNotKnow) {
  const proto::Plan plan = UntilPlan();
  const std::vector<proto::RunReport> done = CarryOut(plan, 0.2);
  EXPECT_EQ(done.size(), 2u * 20);
  EXPECT_FALSE(JudgeStopping(plan, done).reached());
}

// ---- capacity ----

proto::Plan CapacityPlanOf(const std::vector<std::string>& targets) {
  proto::Plan plan = PlanOf(targets, 1);
  plan.mutable_capacity()->set_from_rps(100);
  plan.mutable_capacity()->set_to_rps(10'000);
  plan.mutable_capacity()->set_within(0.02);
  plan.mutable_capacity()->add_slo()->set_text("p99 < 10ms");
  return plan;
}

// As a target does whose objectives are met up to a rate.
proto::RunReport Searched(const proto::RunPlan& planned) {
  proto::RunReport run = Ran(planned, 1'000);
  const double knee = run.target() == "a" ? 730 : 2'900;
  run.mutable_verdict()->set_slo(run.offered_rps() <= knee ? proto::SloOutcome::PASS
                                                           : proto::SloOutcome::FAIL);
  return run;
}

// The run that was begun last used to be planned again beside itself, and carried out at the end.
TEST(Capacity, ASearchThatIsCutOffAnywhereGoesOnAsIfItHadNotBeen) {
  std::vector<std::string> whole;
  // First without a cut.
  for (size_t cut = 60;; cut = std::min(cut, whole.size()) - 1) {
    RunQueue queue(CapacityPlanOf({"a", "b"}));
    std::vector<proto::RunReport> done;
    std::vector<std::string> ids;
    while (const proto::RunPlan* planned = queue.Next(done)) {
      ASSERT_LT(done.size(), 60u);
      if (done.size() == cut && ids.size() == cut) {
        ids.push_back(planned->run_id());
        queue = RunQueue(proto::Plan(queue.plan()));
        continue;
      }
      done.push_back(Searched(*planned));
      if (ids.size() < done.size()) ids.push_back(planned->run_id());
      ASSERT_EQ(ids.back(), planned->run_id());
    }
    if (whole.empty()) whole = ids;
    ASSERT_EQ(ids, whole) << "cut off in run " << cut;
    if (cut == 0) break;
  }
}

TEST(Capacity, EachTargetIsSearchedToItsEndAndTheReportFindsItAgain) {
  RunQueue queue(CapacityPlanOf({"a", "b"}));
  std::vector<proto::RunReport> done;
  while (const proto::RunPlan* planned = queue.Next(done)) {
    ASSERT_EQ(planned->index(), done.size());
    done.push_back(Searched(*planned));
    ASSERT_LT(done.size(), 60u);
  }
  const std::vector<proto::CapacityReport> found = CapacityReports(queue.plan(), done);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].target(), "a");
  EXPECT_LE(found[0].knee_rps(), 730);
  EXPECT_GT(found[0].fails_at_rps(), 730);
  EXPECT_LE(found[0].fails_at_rps(), 1.021 * found[0].knee_rps());
  EXPECT_TRUE(found[0].confirmed());
  EXPECT_NEAR(found[0].rps_per_vcpu(), found[0].knee_rps() / 0.5, 1);
  EXPECT_NEAR(found[1].knee_rps(), 2'900, 0.02 * 2'900);
  // The grid of the climb is the same for both.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(found[0].curve(i).offered_rps(), found[1].curve(i).offered_rps());
  }
  const proto::Verdict verdict = JudgeCapacity(found, queue.plan(), done);
  EXPECT_EQ(verdict.validity(), proto::Validity::VALID);
  EXPECT_EQ(verdict.slo(), proto::SloOutcome::PASS);
  // One run less, and the search is not finished.
  done.pop_back();
  EXPECT_EQ(JudgeCapacity(CapacityReports(queue.plan(), done), queue.plan(), done).validity(),
            proto::Validity::INCONCLUSIVE);
}

TEST(Capacity, ATargetThatMissesTheLowestRateHasFailed) {
  const proto::Plan plan = CapacityPlanOf({"a"});
  proto::RunReport run = Ran(plan.runs(0), 1'000);
  run.mutable_verdict()->set_slo(proto::SloOutcome::FAIL);
  const std::vector<proto::CapacityReport> found = CapacityReports(plan, {run});
  EXPECT_EQ(found[0].knee_rps(), 0);
  EXPECT_EQ(JudgeCapacity(found, plan, {run}).slo(), proto::SloOutcome::FAIL);
}

// ---- giving up ----

proto::Interval SecondOf(uint64_t number, const std::string& agent, uint64_t ok, uint64_t refused) {
  proto::Interval interval;
  interval.set_agent_id(agent);
  interval.set_number(number);
  interval.set_phase(proto::PHASE_MEASURE);
  proto::Book& book = *interval.mutable_measure();
  book.set_scheduled(refused);
  book.set_sent(refused);
  book.set_refused(refused);
  // Those that were ok had been sent before.
  book.set_in_flight_before(ok);
  book.set_ok(ok);
  for (proto::HistogramCounts* times :
       {book.mutable_response_time(), book.mutable_service_time()}) {
    if (ok == 0) continue;
    times->add_slot_steps(1'001);
    times->add_counts(ok);
    times->set_min_ns(1'000);
    times->set_max_ns(1'000);
  }
  return interval;
}

AbortWatch HalfFailed(size_t agents) {
  proto::Bound bound;
  bound.set_metric("errors");
  bound.set_comparison(proto::COMPARISON_GREATER);
  bound.set_limit(0.5);
  bound.set_text("errors > 50%");
  return AbortWatch({bound}, agents);
}

TEST(AbortWatch, FiveSecondsInARowAreHopeless) {
  AbortWatch watch = HalfFailed(1);
  for (uint64_t second = 1; second <= 4; ++second) {
    EXPECT_EQ(watch.Add(SecondOf(second, "x", 1, 9)), "") << second;
  }
  EXPECT_EQ(watch.Add(SecondOf(5, "x", 1, 9)),
            "errors > 50% held for 5 s; in the last one it was 90.0 %");
  EXPECT_EQ(watch.Add(SecondOf(6, "x", 1, 9)), "");
}

TEST(AbortWatch, AGoodSecondBetweenForgivesTheOthers) {
  AbortWatch watch = HalfFailed(1);
  for (uint64_t second = 1; second <= 20; ++second) {
    EXPECT_EQ(watch.Add(SecondOf(second, "x", second % 5 == 0 ? 9 : 1, 5)), "") << second;
  }
}

// Whole seconds alone count, each once, and of the measured window alone.
TEST(AbortWatch, JudgesWhatAllAgentsReportedOfTheMeasuredWindow) {
  AbortWatch watch = HalfFailed(2);
  for (uint64_t second = 1; second <= 9; ++second) {
    EXPECT_EQ(watch.Add(SecondOf(second, "x", 1, 9)), "");
    EXPECT_EQ(watch.Add(SecondOf(second, "x", 1, 9)), "");
  }
  // The other agent's answers make up for it.
  for (uint64_t second = 1; second <= 9; ++second) {
    EXPECT_EQ(watch.Add(SecondOf(second, "y", 100, 0)), "");
  }
  AbortWatch warmup = HalfFailed(1);
  for (uint64_t second = 1; second <= 9; ++second) {
    proto::Interval interval = SecondOf(second, "x", 1, 9);
    interval.set_phase(proto::PHASE_WARMUP);
    EXPECT_EQ(warmup.Add(interval), "");
  }
}

// ---- the noise floor ----

proto::ComparisonResult Compared(double low, double ratio, double high) {
  proto::ComparisonResult result;
  result.set_metric("p99");
  result.set_baseline("a");
  result.set_contender("b");
  result.set_ratio(ratio);
  result.set_low(low);
  result.set_high(high);
  result.set_words("slower by 3 % [1, 5]");
  return result;
}

proto::Report ReportWith(const proto::ComparisonResult& result) {
  proto::Report report;
  *report.add_runs() = Ran(PlanOf({"a"}, 1).runs(0), 1'000);
  report.mutable_environment()->set_cpu_model("a processor");
  *report.add_comparison() = result;
  return report;
}

TEST(NoiseFloor, IsTheFartherEndAndKeepsItsJson) {
  const proto::NoiseFloor floor = NoiseFloorOf(ReportWith(Compared(0.93, 1.01, 1.04)));
  ASSERT_EQ(floor.metrics_size(), 1);
  EXPECT_NEAR(floor.metrics(0).largest_difference(), 0.07, 1e-12);
  const auto again = NoiseFloorFromJson(*NoiseFloorToJson(floor));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->SerializeAsString(), floor.SerializeAsString());
  EXPECT_FALSE(NoiseFloorFromJson("{}").ok());
}

TEST(NoiseFloor, ALaterDifferenceBelowItIsSaidToBe) {
  const proto::NoiseFloor floor = NoiseFloorOf(ReportWith(Compared(0.93, 1.01, 1.04)));
  proto::Report below = ReportWith(Compared(1.01, 1.03, 1.05));
  HoldAgainstFloor(floor, &below);
  EXPECT_TRUE(below.comparison(0).below_noise_floor());
  EXPECT_NE(below.comparison(0).words().find("below the noise floor of 7"), std::string::npos)
      << below.comparison(0).words();
  proto::Report above = ReportWith(Compared(1.1, 1.2, 1.3));
  HoldAgainstFloor(floor, &above);
  EXPECT_FALSE(above.comparison(0).below_noise_floor());
  EXPECT_EQ(above.comparison(0).words(), "slower by 3 % [1, 5]");
}

TEST(NoiseFloor, OfAnotherMachineIsLeftAside) {
  const proto::NoiseFloor floor = NoiseFloorOf(ReportWith(Compared(0.93, 1.01, 1.04)));
  proto::Report elsewhere = ReportWith(Compared(1.01, 1.03, 1.05));
  elsewhere.mutable_environment()->set_cpu_model("another one");
  HoldAgainstFloor(floor, &elsewhere);
  EXPECT_FALSE(elsewhere.comparison(0).has_noise_floor());
  ASSERT_EQ(elsewhere.verdict().reasons_size(), 1);
  EXPECT_NE(elsewhere.verdict().reasons(0).find("CPU (a processor, now another one)"),
            std::string::npos);
}

// ---- costs ----

// A machine of four CPUs and 1 GiB for 0.72 USD/h, on which the targets run.
proto::Plan PlanWithPrices() {
  proto::Plan plan = PlanOf({"a"}, 1);
  proto::EnvironmentFile& environment = *plan.mutable_environment_file();
  proto::Machine& machine = (*environment.mutable_machines())["big"];
  machine.set_cores(4);
  machine.mutable_memory()->set_bytes(int64_t{1} << 30);
  machine.mutable_price()->set_micro_per_hour(720'000);
  machine.mutable_price()->set_currency("USD");
  proto::Host& host = (*environment.mutable_hosts())["target-a"];
  host.set_role(proto::ROLE_TARGET);
  host.set_machine("big");
  host.set_address("10.0.0.1");
  return plan;
}

// A confirmed knee of 2,000/s; half a CPU and 64 MiB; a request in a hundred fails.
proto::Report SearchedReport(const proto::Plan& plan) {
  proto::Report report;
  *report.add_runs() = Ran(plan.runs(0), 1'000);
  report.mutable_runs(0)->set_step("confirm");
  report.mutable_runs(0)->mutable_ledger()->set_scheduled(1'000);
  report.mutable_runs(0)->mutable_ledger()->set_ok(990);
  proto::CapacityReport& search = *report.add_capacity();
  search.set_target("a");
  search.set_confirmed(true);
  search.set_knee_rps(2'000);
  return report;
}

void SetCosts(proto::Plan* plan) {
  proto::Costs& costs = *plan->mutable_environment_file()->mutable_costs();
  costs.mutable_rate()->set_micro_per_hour(int64_t{9'000} * 3'600'000'000);
  costs.set_replicas(2);
  costs.mutable_developer_rate()->set_micro_per_hour(100'000'000);
  costs.mutable_developer_rate()->set_currency("USD");
  costs.mutable_sla()->mutable_promise()->set_limit(0.001);
  costs.mutable_sla()->mutable_penalty()->set_micro_per_hour(500'000'000);
  proto::TargetCosts& of_target = (*plan->mutable_target_costs())["a"];
  of_target.set_developer_hours(50);
  of_target.mutable_yearly_bug_cost()->set_micro(12'000'000'000);
}

const proto::CostLine& LineOf(const proto::CostReport& costs, const std::string& name) {
  for (const proto::CostLine& line : costs.lines()) {
    if (line.name() == name) return line;
  }
  ADD_FAILURE() << "no line " << name;
  static const proto::CostLine none;
  return none;
}

std::string SourcesOf(const proto::CostLine& line) {
  std::string sources;
  for (const proto::CostInput& input : line.inputs()) sources += input.source()[0];
  return sources;
}

TEST(Costs, AreByTheirFormulasAndNameTheirInputs) {
  proto::Plan plan = PlanWithPrices();
  SetCosts(&plan);
  const proto::CostReport costs = CostsOf(plan, SearchedReport(plan));
  ASSERT_EQ(costs.lines_size(), 7);
  EXPECT_TRUE(costs.not_computed().empty());
  EXPECT_EQ(costs.currency(), "USD");
  // 0.72 USD for 7,200,000 requests.
  const proto::CostLine& million = LineOf(costs, "a million requests at the SLO");
  EXPECT_NEAR(million.value(), 0.1, 1e-12);
  EXPECT_EQ(million.unit(), "USD");
  EXPECT_EQ(SourcesOf(million), "em");
  // 0.18 USD for an hour of a CPU; 40 CPU seconds.
  EXPECT_NEAR(LineOf(costs, "a million requests by CPU").value(), 0.18 / 3'600 * 40, 1e-12);
  EXPECT_EQ(LineOf(costs, "machines for 9000/s").value(), 5);
  EXPECT_NEAR(LineOf(costs, "a year of these machines").value(), 5 * 8'766 * 0.72, 1e-9);
  // Half a CPU of four is an eighth of the machine, 64 MiB a sixteenth. Zones are not given.
  const proto::CostLine& year = LineOf(costs, "a year of 2 × 3 replicas");
  const double cloud = 6 * 8'766 * 0.72 / 8;
  EXPECT_NEAR(year.value(), cloud, 1e-9);
  EXPECT_EQ(SourcesOf(year), "ecememe");
  const proto::CostLine& ownership = LineOf(costs, "three years of ownership");
  EXPECT_NEAR(ownership.value(), 100 * 50 + 3 * cloud + 3 * 12'000, 1e-6);
  EXPECT_EQ(SourcesOf(ownership), "escs");
  // Nine requests in a thousand more than promised.
  EXPECT_NEAR(LineOf(costs, "a year's penalties").value(), 0.009 * 8'766 * 500, 1e-6);
}

TEST(Costs, APromiseThatIsKeptCostsNothing) {
  proto::Plan plan = PlanWithPrices();
  SetCosts(&plan);
  plan.mutable_environment_file()->mutable_costs()->mutable_sla()->mutable_promise()->set_limit(
      0.02);
  EXPECT_EQ(LineOf(CostsOf(plan, SearchedReport(plan)), "a year's penalties").value(), 0);
}

TEST(Costs, WhatHasNoInputIsNamed) {
  const proto::Plan plan = PlanWithPrices();
  proto::Report report = SearchedReport(plan);
  const proto::CostReport costs = CostsOf(plan, report);
  EXPECT_EQ(costs.lines_size(), 3);
  EXPECT_EQ(SourcesOf(LineOf(costs, "a year of 12 × 3 replicas")), "ccememe");
  ASSERT_EQ(costs.not_computed_size(), 3);
  EXPECT_EQ(costs.not_computed(0), "machines for a rate of a: the environment has no costs.rate");
  report.clear_capacity();
  report.mutable_runs(0)->clear_target_resources();
  const proto::CostReport nothing = CostsOf(plan, report);
  EXPECT_TRUE(nothing.lines().empty());
  EXPECT_EQ(nothing.not_computed_size(), 6);
}

TEST(Costs, PricesAreThoseOfTheMachineThatATargetRanOn) {
  proto::Plan plan = PlanWithPrices();
  proto::Report report = SearchedReport(plan);
  report.mutable_environment()->add_artifacts()->set_target("a");
  EXPECT_EQ(CostsOf(plan, report).not_computed(0),
            "costs of a: it ran on the controller's machine, which is no target host of the "
            "environment");
  (*plan.mutable_environment_file()->mutable_hosts())["target-a"].set_address("127.0.0.1");
  EXPECT_EQ(CostsOf(plan, report).lines_size(), 3);
  (*plan.mutable_environment_file()->mutable_machines())["big"].clear_price();
  EXPECT_TRUE(CostsOf(plan, report).lines().empty());
  EXPECT_EQ(CostsOf(plan, report).not_computed(0),
            "costs of a: the environment has no price for big");
}

TEST(Costs, AreShownWithTheirInputs) {
  proto::Plan plan = PlanWithPrices();
  SetCosts(&plan);
  plan.mutable_environment_file()->mutable_costs()->clear_sla();
  proto::Report report = SearchedReport(plan);
  EXPECT_EQ(CostText(report, 100), "");
  *report.mutable_cost() = CostsOf(plan, report);
  const std::string text = CostText(report, 100);
  EXPECT_NE(text.find("cost of a\n  a million requests at the SLO: 0.1 USD\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("knee 2,000/s (measured)"), std::string::npos) << text;
  EXPECT_NE(text.find("costs not computed\n  - a year's penalties of a: the environment has no "
                      "costs.sla\n"),
            std::string::npos)
      << text;
}

// ---- JUnit ----

TEST(Junit, CountsWhatFailedAndEscapesWhatItQuotes) {
  proto::Report report;
  report.set_name("a&b");
  proto::RunReport run = Ran(PlanOf({"a"}, 1).runs(0), 1'000);
  run.set_phase_seconds(2);
  const auto add = [&](const std::string& expression, proto::SloOutcome::Value outcome) {
    proto::SloResult& slo = *run.add_slo();
    slo.set_expression(expression);
    slo.set_unit("us");
    slo.set_result(outcome);
    return &slo;
  };
  add("p50 < 1ms", proto::SloOutcome::PASS);
  add("p99 < 1ms", proto::SloOutcome::FAIL)->set_measured(1'500);
  add("p99.9 < 1ms", proto::SloOutcome::INCONCLUSIVE);
  *report.add_runs() = run;
  report.mutable_verdict()->set_validity(proto::Validity::VALID);
  const std::string xml = ReportToJunit(report);
  EXPECT_NE(xml.find("<testsuites name=\"a&amp;b\" tests=\"5\" failures=\"1\" errors=\"1\" "
                     "skipped=\"0\" time=\"2.000\">"),
            std::string::npos)
      << xml;
  EXPECT_NE(xml.find("name=\"p50 &lt; 1ms\" time=\"0.000\"/>"), std::string::npos) << xml;
  EXPECT_NE(xml.find("<failure message=\"FAIL: measured 1500 us, "), std::string::npos) << xml;
  EXPECT_NE(xml.find("<error message=\"INCONCLUSIVE: no measured value"), std::string::npos) << xml;
}

}  // namespace
}  // namespace drumline
