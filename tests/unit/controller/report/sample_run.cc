#include "tests/unit/controller/report/sample_run.h"

namespace drumline {

void AddAnswered(Outcome outcome, int64_t lag_ns, int64_t service_ns, Book* book) {
  book->Due();
  book->Sent(lag_ns, lag_ns);
  book->Answered(outcome, lag_ns + service_ns, service_ns);
}

void AddUnanswered(Outcome outcome, int64_t waited_ns, Book* book) {
  book->Due();
  if (outcome == Outcome::kUnsent) {
    book->Unsent(waited_ns);
  } else {
    book->Sent(0, 0);
    book->Unanswered(outcome, waited_ns, waited_ns);
  }
}

proto::Bound BoundOf(const std::string& metric, double quantile, proto::Comparison comparison,
                     double limit, const std::string& text) {
  proto::Bound bound;
  bound.set_metric(metric);
  bound.set_quantile(quantile);
  bound.set_comparison(comparison);
  bound.set_limit(limit);
  bound.set_text(text);
  return bound;
}

proto::RunPlan SamplePlan() {
  proto::RunPlan plan;
  plan.set_run_id("001-dom-r1");
  plan.set_target("dom");
  (*plan.mutable_point())["payload"] = "1KiB";
  plan.set_repeat(1);
  plan.mutable_load()->set_beats(2'200);
  plan.mutable_load()->set_warmup_ns(2 * kSecond);
  plan.mutable_load()->set_measure_ns(10 * kSecond);
  plan.mutable_request()->set_name("checkout");
  return plan;
}

RunResult SampleRun(const proto::RunPlan& plan) {
  RunResult run;
  run.plan = &plan;
  run.measured_seconds = 10;
  for (const char* id : {"a1", "a2"}) {
    AgentResult& agent = run.agents.emplace_back();
    agent.agent_id = id;
    agent.worker_busy_max = 0.25;
    agent.cpu_ns = 5 * kSecond;
    agent.measured_seconds = 10;
    agent.start_skew_us = -12;
    agent.clock_uncertainty_us = 40;
    agent.engine = "epoll";
    agent.connections_open = 32;
    agent.connects = 1;
    for (int k = 1; k <= 100; ++k) agent.hiccups.Record(k * kUs);
    for (int i = 0; i < 100; ++i) AddAnswered(Outcome::kOk, 5 * kMs, 5 * kMs, &agent.warmup);
    for (int k = 1; k <= 1'000; ++k) AddAnswered(Outcome::kOk, 10 * kUs, k * kUs, &agent.measure);
  }
  run.in_window = {.sent = 2'000, .answered = 1'990, .ok = 1'980};
  return run;
}

Objectives SampleObjectives() {
  return {.max_send_lag = BoundOf("p99", 0.99, proto::COMPARISON_LESS, 10e6, "p99 < 10ms"),
          .slo = {BoundOf("p99", 0.99, proto::COMPARISON_LESS, 2e6, "p99 < 2ms"),
                  BoundOf("errors", 0, proto::COMPARISON_LESS, 0.005, "errors < 0.5%")}};
}

}  // namespace drumline
