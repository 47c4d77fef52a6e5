#include "controller/report/report_builder.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/bundle/attempt_id.h"
#include "controller/report/capacity_report.h"
#include "controller/report/comparison.h"
#include "controller/report/cost.h"
#include "controller/report/noise_floor.h"
#include "controller/report/request_books.h"
#include "controller/report/scaling_words.h"
#include "controller/report/slo.h"
#include "controller/report/stopping.h"
#include "controller/report/target_resources.h"
#include "controller/report/verdict.h"
#include "controller/scenario/enum_word.h"
#include "core/book.h"

namespace drumline {
namespace {

// The path of the intervals, relative to the bundle.
constexpr char kIntervalsPath[] = "intervals.pb";

// [missed] beats came to nobody. Those that waited for a connection when their agent was lost did
// not get one, as far as anybody knows.
proto::Ledger LedgerOf(const Book& book, uint64_t missed) {
  const Ledger& ledger = book.ledger();
  proto::Ledger out;
  out.set_missed(missed + book.after().waiting);
  out.set_open(book.after().in_flight);
  out.set_scheduled(ledger.scheduled() + missed);
  out.set_sent(ledger.sent());
  out.set_unsent(ledger.Count(Outcome::kUnsent) + out.missed());
  out.set_ok(ledger.Count(Outcome::kOk));
  out.set_bad_status(ledger.Count(Outcome::kBadStatus));
  out.set_bad_body(ledger.Count(Outcome::kBadBody));
  out.set_timeout(ledger.Count(Outcome::kTimeout));
  out.set_refused(ledger.Count(Outcome::kRefused));
  out.set_reset(ledger.Count(Outcome::kReset));
  out.set_protocol_error(ledger.Count(Outcome::kProtocolError));
  out.set_censored(ledger.Count(Outcome::kCensored));
  return out;
}

double PerSecond(uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

proto::RunAgent AgentOf(const AgentResult& agent, uint64_t sent_by_all) {
  const uint64_t sent = agent.measure.ledger().sent();
  proto::RunAgent out;
  out.set_id(agent.agent_id);
  out.set_sent(sent);
  if (sent_by_all > 0) {
    out.set_sent_share(static_cast<double>(sent) / static_cast<double>(sent_by_all));
  }
  if (agent.measured_seconds > 0) {
    out.set_cpu_cores(static_cast<double>(agent.cpu_ns) / 1e9 / agent.measured_seconds);
  }
  out.set_max_core_busy(agent.worker_busy_max);
  if (agent.start_skew_us) out.set_start_skew_us(*agent.start_skew_us);
  out.set_clock_uncertainty_us(agent.clock_uncertainty_us);
  *out.mutable_generator_lag() = Summarize(agent.measure.generator_lag(), 0);
  *out.mutable_hiccup() = Summarize(agent.hiccups, 0);
  out.set_engine(agent.engine);
  out.set_connections_open(agent.connections_open);
  out.set_connects(agent.connects);
  if (agent.lost_at_s) out.set_lost_at_s(*agent.lost_at_s);
  out.set_busiest_core_mean(agent.busiest_core_mean);
  out.set_host_steal_share(agent.host_steal_share);
  out.set_throttled_share(agent.throttled_share);
  if (agent.clock_drift_us) {
    out.set_clock_drift_us(*agent.clock_drift_us);
    out.set_clock_drift_uncertainty_us(agent.clock_drift_uncertainty_us);
  }
  return out;
}

void FillIdentity(const RunResult& run, proto::RunReport* report) {
  report->set_run_id(run.plan->run_id());
  report->set_target(run.plan->target());
  *report->mutable_point() = run.plan->point();
  report->set_repeat(run.plan->repeat());
  report->set_closed_loop(run.plan->load().closed_loop());
  report->set_phase_seconds(run.measured_seconds);
  report->set_intervals_path(kIntervalsPath);
  report->set_step(run.plan->step());
  report->set_pair(run.plan->pair());
  report->set_aborted(run.aborted);
}

void FillRates(const RunResult& run, const Book& measure, proto::RunReport* report) {
  const double seconds = run.measured_seconds;
  report->set_offered_rps(PerSecond(measure.ledger().scheduled(), seconds));
  report->set_sent_rps(PerSecond(run.in_window.sent, seconds));
  report->set_achieved_rps(PerSecond(run.in_window.answered, seconds));
  report->set_goodput_rps(PerSecond(run.in_window.ok, seconds));
}

void FillTimes(const RunResult& run, const Book& measure, proto::RunReport* report) {
  *report->mutable_ledger() = LedgerOf(measure, NeverCameDue(run));
  *report->mutable_response_time() =
      Summarize(measure.response_time(), measure.lower_bound_min_ns());
  *report->mutable_service_time() =
      Summarize(measure.service_time(), measure.service_lower_bound_min_ns());
  *report->mutable_send_lag() = Summarize(measure.send_lag(), 0);
  *report->mutable_generator_lag() = Summarize(measure.generator_lag(), 0);
}

proto::RequestReport ReportOf(const RequestBook& request) {
  const Book& book = request.measure;
  proto::RequestReport report;
  report.set_name(request.plan->name());
  report.set_flow(request.plan->flow());
  report.set_skipped(book.skipped());
  *report.mutable_ledger() = LedgerOf(book, request.missed);
  *report.mutable_response_time() = Summarize(book.response_time(), book.lower_bound_min_ns());
  *report.mutable_service_time() =
      Summarize(book.service_time(), book.service_lower_bound_min_ns());
  *report.mutable_send_lag() = Summarize(book.send_lag(), 0);
  return report;
}

proto::OpeningReport OpeningOf(const OpeningBook& book) {
  proto::OpeningReport report;
  report.set_failed(book.failed);
  report.set_resumed(book.resumed);
  *report.mutable_connect_time() = Summarize(book.connect_time, 0);
  *report.mutable_tls_time() = Summarize(book.tls_time, 0);
  return report;
}

void FillOpenings(const RunResult& run, proto::RunReport* report) {
  OpeningBook window;
  OpeningBook before;
  for (const AgentResult& agent : run.agents) {
    window.Merge(agent.opening_in_window);
    before.Merge(agent.opening_before);
  }
  *report->mutable_connections()->mutable_window() = OpeningOf(window);
  *report->mutable_connections()->mutable_before() = OpeningOf(before);
  if (run.cold_start_ns) report->set_cold_start_us(static_cast<double>(*run.cold_start_ns) / 1e3);
}

ResourceSummary ResourcesOf(const RunResult& run, double achieved_rps) {
  const int64_t begin_ns = run.plan->load().warmup_ns();
  const auto length_ns = static_cast<int64_t>(std::llround(run.measured_seconds * 1e9));
  return SummarizeScrapes(run.scrapes, {.run_id = run.plan->run_id(),
                                        .target = run.plan->target(),
                                        .begin_ns = begin_ns,
                                        .end_ns = begin_ns + length_ns,
                                        .answered_per_second = achieved_rps});
}

// Where the run ended early, and the agents that were lost.
void FillLosses(const RunResult& run, proto::OnLoss on_loss, proto::RunReport* report) {
  if (run.cut_at_s) report->set_cut_at_s(*run.cut_at_s);
  if (run.stopped_at_s) report->set_stopped_at_s(*run.stopped_at_s);
  for (const AgentResult& agent : run.agents) {
    if (!agent.lost_at_s) continue;
    proto::AgentLoss& loss = *report->add_losses();
    loss.set_agent(agent.agent_id);
    loss.set_lost_at_s(*agent.lost_at_s);
    loss.set_reported_until_s(agent.reported_until_s);
    loss.set_policy(EnumWord(on_loss));
    if (agent.taken_over_at_s) loss.set_taken_over_at_s(*agent.taken_over_at_s);
    if (agent.beats_known) {
      loss.set_missed(agent.missed_warmup + agent.missed_measure + agent.warmup.after().waiting +
                      agent.measure.after().waiting);
    }
    loss.set_open(agent.warmup.after().in_flight + agent.measure.after().in_flight);
  }
}

uint64_t MissedInWarmup(const RunResult& run) {
  uint64_t missed = 0;
  for (const AgentResult& agent : run.agents) missed += agent.missed_warmup;
  return missed;
}

void FillQuantiles(const RunMeasures& measures, proto::RunReport* report) {
  if (measures.measure->response_time().empty()) return;
  for (double q : {0.5, 0.9, 0.95, 0.99, 0.999, 0.9999}) {
    *report->add_response_time_quantiles() = EstimateQuantile(q, measures);
  }
}

// Of the request that the bound names, if it does.
RunMeasures MeasuresFor(const proto::Bound& bound, const std::vector<RequestBook>& requests,
                        const RunMeasures& measures) {
  const Book* book = BookOf(requests, bound.request());
  if (bound.request().empty() || book == nullptr) return measures;
  RunMeasures of_one = measures;
  of_one.measure = book;
  // Only all requests together are known by their time.
  if (requests.size() > 1) of_one.response_time_blocks = nullptr;
  return of_one;
}

std::vector<SloEvaluation> EvaluateSlo(const std::vector<proto::Bound>& bounds,
                                       const std::vector<RequestBook>& requests,
                                       const RunMeasures& measures, proto::RunReport* report) {
  std::vector<SloEvaluation> evaluations;
  for (const proto::Bound& bound : bounds) {
    evaluations.push_back(EvaluateBound(bound, MeasuresFor(bound, requests, measures)));
    proto::SloResult& result = *report->add_slo();
    result = evaluations.back().result;
    result.set_run_id(report->run_id());
  }
  return evaluations;
}

proto::Generator GeneratorOf(const proto::Plan& plan) {
  proto::Generator generator;
  generator.set_agents(plan.agent_count());
  generator.set_workers_per_agent(plan.workers_per_agent());
  generator.set_pacing(EnumWord(plan.engine().pacing()));
  generator.set_tick_us(static_cast<double>(plan.engine().tick_ns()) / 1e3);
  return generator;
}

void AddScaling(const proto::Plan& plan, proto::Report* report) {
  if (!plan.has_scaling()) return;
  report->mutable_scaling()->set_load(plan.scaling().load());
  report->mutable_scaling()->set_time(plan.scaling().time());
  report->mutable_verdict()->add_reasons(ScalingWords(report->scaling()));
}

// Without those that were cut off and done again: the plan has each run once.
std::vector<proto::RunReport> LastAttempts(const std::vector<proto::RunReport>& runs) {
  std::map<std::string, std::string> last;
  for (const proto::RunReport& run : runs) last[FirstAttemptOf(run.run_id())] = run.run_id();
  std::vector<proto::RunReport> kept;
  for (const proto::RunReport& run : runs) {
    if (last[FirstAttemptOf(run.run_id())] == run.run_id()) kept.push_back(run);
  }
  return kept;
}

// What the runs say together, and the verdict of the campaign.
void JudgeTogether(const proto::Plan& plan, const std::vector<proto::RunReport>& runs,
                   proto::Report* report) {
  const std::vector<proto::RunReport> last = LastAttempts(runs);
  if (plan.has_capacity()) {
    const std::vector<proto::CapacityReport> searches = CapacityReports(plan, last);
    report->mutable_capacity()->Add(searches.begin(), searches.end());
    *report->mutable_verdict() = JudgeCapacity(searches, plan, last);
    return;
  }
  int planned = plan.runs_size();
  if (plan.has_until()) {
    *report->mutable_stopping() = JudgeStopping(plan, last);
    // Those that were not needed are not missing.
    if (report->stopping().reached()) planned = static_cast<int>(last.size());
  }
  *report->mutable_verdict() = JudgeCampaign(runs, planned);
  if (!plan.has_until() || report->stopping().reached()) return;
  // All runs may be as good as can be: together they do not tell what was asked.
  if (report->verdict().validity() == proto::Validity::VALID) {
    report->mutable_verdict()->set_validity(proto::Validity::INCONCLUSIVE);
  }
  report->mutable_verdict()->add_reasons(report->stopping().words());
}

// One agent over all its runs.
void FillAgent(const std::vector<proto::RunReport>& runs, proto::AgentReport* agent) {
  double cpu_seconds = 0;
  double seconds = 0;
  for (const proto::RunReport& run : runs) {
    for (const proto::RunAgent& part : run.agents()) {
      if (part.id() != agent->id()) continue;
      cpu_seconds += part.cpu_cores() * run.phase_seconds();
      seconds += run.phase_seconds();
      agent->set_sent(agent->sent() + part.sent());
      const bool further = std::abs(part.start_skew_us()) > std::abs(agent->start_skew_us());
      if (part.has_start_skew_us() && (!agent->has_start_skew_us() || further)) {
        agent->set_start_skew_us(part.start_skew_us());
      }
      agent->set_clock_uncertainty_us(
          std::max(agent->clock_uncertainty_us(), part.clock_uncertainty_us()));
      agent->set_max_core_busy(std::max(agent->max_core_busy(), part.max_core_busy()));
      if (part.has_lost_at_s() && !agent->has_lost_at_s()) {
        agent->set_lost_at_s(part.lost_at_s());
      }
    }
  }
  if (seconds > 0) agent->set_cpu_cores(cpu_seconds / seconds);
}

}  // namespace

proto::TimeSummary Summarize(const Histogram& histogram, int64_t lower_bound_min_ns) {
  const auto quantile_us = [&](double q) {
    return static_cast<double>(histogram.ValueAtQuantile(q)) / 1e3;
  };
  proto::TimeSummary summary;
  summary.set_count(histogram.count());
  summary.set_mean_us(histogram.MeanNs() / 1e3);
  summary.set_p50_us(quantile_us(0.5));
  summary.set_p90_us(quantile_us(0.9));
  summary.set_p95_us(quantile_us(0.95));
  summary.set_p99_us(quantile_us(0.99));
  summary.set_p99_9_us(quantile_us(0.999));
  summary.set_p99_99_us(quantile_us(0.9999));
  summary.set_max_us(static_cast<double>(histogram.max_ns()) / 1e3);
  if (lower_bound_min_ns > 0) {
    summary.set_lower_bound_from_us(static_cast<double>(lower_bound_min_ns) / 1e3);
  }
  return summary;
}

proto::RunReport BuildRunReport(const RunResult& run, const Objectives& objectives) {
  Book warmup;
  Book measure;
  Histogram hiccups;
  for (const AgentResult& agent : run.agents) {
    warmup.Merge(agent.warmup);
    measure.Merge(agent.measure);
    hiccups.Merge(agent.hiccups);
  }
  proto::RunReport report;
  FillIdentity(run, &report);
  FillRates(run, measure, &report);
  FillTimes(run, measure, &report);
  const std::vector<RequestBook> requests = RequestBooksOf(run, measure);
  for (const RequestBook& request : requests) *report.add_requests() = ReportOf(request);
  *report.mutable_hiccup() = Summarize(hiccups, 0);
  *report.mutable_warmup_ledger() = LedgerOf(warmup, MissedInWarmup(run));
  FillLosses(run, objectives.on_loss, &report);
  FillOpenings(run, &report);
  for (const AgentResult& agent : run.agents) {
    *report.add_agents() = AgentOf(agent, measure.ledger().sent());
  }
  ResourceSummary used = ResourcesOf(run, report.achieved_rps());
  if (used.resources) *report.mutable_target_resources() = *std::move(used.resources);
  const RunMeasures measures = {
      .measure = &measure,
      .offered_rps = report.offered_rps(),
      .achieved_rps = report.achieved_rps(),
      .response_time_blocks = &run.response_time_blocks,
      .resources = report.has_target_resources() ? &report.target_resources() : nullptr};
  FillQuantiles(measures, &report);
  const std::vector<SloEvaluation> slo = EvaluateSlo(objectives.slo, requests, measures, &report);
  *report.mutable_verdict() =
      JudgeRun({.run = &run,
                .warmup = &warmup,
                .measure = &measure,
                .hiccups = &hiccups,
                .max_send_lag = &objectives.max_send_lag,
                .validity = objectives.validity ? &*objectives.validity : nullptr,
                .spins = objectives.spins,
                .resources = measures.resources,
                .slo = &slo});
  for (const std::string& remark : used.remarks) report.mutable_verdict()->add_reasons(remark);
  return report;
}

proto::Report BuildReport(const CampaignFacts& campaign,
                          const std::vector<proto::RunReport>& runs) {
  proto::Report report;
  report.set_schema_version(kReportSchemaVersion);
  report.set_name(campaign.plan->scenario_name());
  report.set_started_at(campaign.started_at);
  report.set_scenario_sha256(campaign.plan->scenario_sha256());
  report.set_seed(campaign.plan->seed());
  *report.mutable_environment() = campaign.environment;
  *report.mutable_generator() = GeneratorOf(*campaign.plan);
  report.set_baseline(campaign.plan->baseline());
  JudgeTogether(*campaign.plan, runs, &report);
  for (const proto::AgentReport& agent : campaign.agents) {
    proto::AgentReport& filled = *report.add_agents();
    filled = agent;
    FillAgent(runs, &filled);
  }
  for (const proto::RunReport& run : runs) {
    *report.add_runs() = run;
    for (const proto::SloResult& result : run.slo()) *report.add_slo() = result;
  }
  AddComparison(&report);
  if (campaign.plan->has_environment_file()) {
    *report.mutable_cost() = CostsOf(*campaign.plan, report);
  }
  if (campaign.noise_floor) HoldAgainstFloor(*campaign.noise_floor, &report);
  *report.mutable_calibration() = campaign.calibration.agents();
  AddScaling(*campaign.plan, &report);
  return report;
}

}  // namespace drumline
