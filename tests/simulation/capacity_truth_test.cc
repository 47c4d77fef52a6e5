// The whole search against a target whose service rate is known: the real queue of runs, planner,
// schedule, dispatcher, recorder, report and judgement; only network and clock are arithmetic.
//
// A target that answers each request after D and is given c connections answers c / D a second, and
// no more. Beyond that, requests wait: at e times too much, after t seconds, for e t / (1 + e).
#include <cstdint>
#include <string>
#include <vector>

#include "controller/campaign/run_queue.h"
#include "controller/planner/planner.h"
#include "controller/report/capacity_report.h"
#include "controller/report/report_builder.h"
#include "core/plan.h"
#include "gtest/gtest.h"
#include "tests/simulation/simulated_run.h"

namespace drumline {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kWindow = 10 * kSecond;

struct Oracle {
  size_t connections;
  int64_t delay_ns;

  double ServiceRate() const {
    return static_cast<double>(connections) * 1e9 / static_cast<double>(delay_ns);
  }
};

proto::Plan SearchPlan(const Oracle& oracle, double from_rps, double to_rps) {
  proto::Plan plan;
  plan.mutable_max_send_lag()->set_metric("p99");
  plan.mutable_max_send_lag()->set_quantile(0.99);
  plan.mutable_max_send_lag()->set_limit(1e9);
  proto::CapacityPlan& search = *plan.mutable_capacity();
  search.set_from_rps(from_rps);
  search.set_to_rps(to_rps);
  search.set_within(0.01);
  proto::Bound& bound = *search.add_slo();
  bound.set_metric("p99");
  bound.set_quantile(0.99);
  bound.set_comparison(proto::COMPARISON_LESS);
  bound.set_limit(static_cast<double>(oracle.delay_ns + 50 * kMs));
  bound.set_text("p99 < D + 50ms");
  proto::RunPlan first;
  first.set_run_id("001-oracle-r1");
  first.set_target("oracle");
  first.set_repeat(1);
  first.mutable_load()->set_connections(static_cast<uint32_t>(oracle.connections));
  first.mutable_load()->set_measure_ns(kWindow);
  first.mutable_load()->add_segments()->set_length_ns(kWindow);
  *plan.add_runs() = *ProbeOf(first, from_rps, 0, "climb");
  return plan;
}

proto::RunReport RunAgainst(const Oracle& oracle, const proto::RunPlan& plan,
                            const Objectives& objectives) {
  const LoadProfile profile = *ProfileOf(plan.load());
  SimulatedRun::Terms terms;
  terms.dispatch.timeout_ns = 60 * kSecond;
  terms.dispatch.drain_ns = 60 * kSecond;
  terms.window.measure_ns = kWindow;
  terms.profile = &profile;
  terms.arrivals = ArrivalsOf(plan.load());
  terms.seed = plan.load().seed();
  terms.connections = oracle.connections;
  terms.open_at_start = oracle.connections;
  terms.target = {.reply =
                      [&](int64_t) {
                        return ModelWire::Reply{Outcome::kOk, oracle.delay_ns};
                      },
                  .opening = [](int64_t) { return ModelWire::Opening{}; }};
  SimulatedRun run(terms);
  const absl::Status status = run.Play();
  EXPECT_TRUE(status.ok()) << status;
  RunResult result;
  result.plan = &plan;
  result.measured_seconds = static_cast<double>(kWindow) / 1e9;
  AgentResult& agent = result.agents.emplace_back();
  agent.agent_id = "a1";
  agent.measure = run.measure();
  agent.turned_to_in_window = run.measure().ledger().scheduled();
  return BuildRunReport(result, objectives);
}

struct Found {
  proto::CapacityReport capacity;
  int runs = 0;
};

Found Search(const Oracle& oracle, double from_rps, double to_rps) {
  const proto::Plan plan = SearchPlan(oracle, from_rps, to_rps);
  Objectives objectives;
  objectives.max_send_lag = plan.max_send_lag();
  objectives.slo = {plan.capacity().slo(0)};
  RunQueue queue(plan);
  std::vector<proto::RunReport> done;
  while (const proto::RunPlan* next = queue.Next(done)) {
    done.push_back(RunAgainst(oracle, *next, objectives));
  }
  return {CapacityReports(queue.plan(), done).at(0), static_cast<int>(done.size())};
}

TEST(CapacityTruth, AKnownServiceRateIsFoundWithinTwoPerCent) {
  for (const Oracle& oracle : {Oracle{4, 10 * kMs}, Oracle{8, 20 * kMs}, Oracle{16, 5 * kMs},
                               Oracle{1, 2 * kMs}, Oracle{3, 7 * kMs}}) {
    const double truth = oracle.ServiceRate();
    const Found found = Search(oracle, 50, 20'000);
    EXPECT_TRUE(found.capacity.confirmed()) << found.capacity.words();
    EXPECT_NEAR(found.capacity.knee_rps(), truth, 0.02 * truth) << found.capacity.words();
    EXPECT_GT(found.capacity.fails_at_rps(), truth * 0.999) << found.capacity.words();
    EXPECT_LE(found.runs,
              CapacitySearch::MostOfASteadyTarget({.from = 50, .to = 20'000, .within = 0.01}));
    EXPECT_EQ(found.capacity.curve_size(), found.runs);
  }
}

}  // namespace
}  // namespace drumline
