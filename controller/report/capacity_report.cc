#include "controller/report/capacity_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "controller/report/ledger_errors.h"

namespace drumline {
namespace {

struct Probes {
  std::string target;
  std::map<std::string, std::string> point;
  std::vector<const proto::RunReport*> runs;
};

std::vector<Probes> ProbesByTarget(const std::vector<proto::RunReport>& runs) {
  std::vector<Probes> all;
  for (const proto::RunReport& run : runs) {
    const std::map<std::string, std::string> point(run.point().begin(), run.point().end());
    auto found = std::find_if(all.begin(), all.end(), [&](const Probes& probes) {
      return probes.target == run.target() && probes.point == point;
    });
    if (found == all.end()) found = all.insert(found, {run.target(), point, {}});
    found->runs.push_back(&run);
  }
  return all;
}

proto::CapacityPoint PointOf(const proto::RunReport& run) {
  proto::CapacityPoint point;
  point.set_offered_rps(run.offered_rps());
  point.set_achieved_rps(run.achieved_rps());
  point.set_p50_us(run.response_time().p50_us());
  point.set_p95_us(run.response_time().p95_us());
  point.set_p99_us(run.response_time().p99_us());
  point.set_p99_9_us(run.response_time().p99_9_us());
  if (AskedOf(run.ledger()) > 0) {
    point.set_errors(static_cast<double>(ErrorsOf(run.ledger())) /
                     static_cast<double>(AskedOf(run.ledger())));
  }
  point.set_target_cpu_cores(run.target_resources().cpu_cores_mean());
  point.set_slo(run.verdict().slo());
  point.set_validity(run.verdict().validity());
  point.set_step(run.step());
  point.set_run_id(run.run_id());
  return point;
}

// The newest run that met the objectives at the highest rate that did.
const proto::RunReport* KneeRun(const std::vector<const proto::RunReport*>& runs, double knee) {
  const proto::RunReport* best = nullptr;
  for (const proto::RunReport* run : runs) {
    // Poisson arrivals offer a little more or less than was asked for; rates of a search are at
    // least 1 % apart.
    if (JudgeProbe(*run) != Met::kYes || run->offered_rps() > 1.005 * knee) continue;
    if (best == nullptr || run->offered_rps() >= 0.995 * best->offered_rps()) best = run;
  }
  return best;
}

std::string WordsOf(const CapacitySearch& search, const proto::CapacityReport& report) {
  if (search.Next()) return "the search was not finished";
  if (report.knee_rps() == 0) {
    return absl::StrCat("misses its objectives at ", FormatRate(report.fails_at_rps()),
                        ", the lowest rate of the search");
  }
  std::string words = FormatRate(report.knee_rps());
  if (!report.has_fails_at_rps()) {
    absl::StrAppend(&words, " or more: the highest rate of the search was met");
  } else if (search.limited_by_generator()) {
    absl::StrAppend(&words, " or more: at ", FormatRate(report.fails_at_rps()),
                    " the generator was not good enough to tell");
  } else {
    absl::StrAppend(&words, ", and not ", FormatRate(report.fails_at_rps()));
  }
  return report.confirmed() ? words : absl::StrCat(words, " (not confirmed)");
}

}  // namespace

Met JudgeProbe(const proto::RunReport& run) {
  if (run.verdict().validity() == proto::Validity::INVALID) return Met::kUnjudged;
  const bool met = run.verdict().validity() == proto::Validity::VALID &&
                   run.verdict().slo() == proto::SloOutcome::PASS;
  return met ? Met::kYes : Met::kNo;
}

CapacitySearch ReplaySearch(const proto::CapacityPlan& plan,
                            const std::vector<const proto::RunReport*>& probes) {
  CapacitySearch search({.from = plan.from_rps(), .to = plan.to_rps(), .within = plan.within()});
  for (const proto::RunReport* run : probes) search.Record(JudgeProbe(*run));
  return search;
}

std::string StepName(CapacitySearch::Step step) {
  switch (step) {
    case CapacitySearch::Step::kClimb:
      return "climb";
    case CapacitySearch::Step::kBisect:
      return "bisect";
    case CapacitySearch::Step::kConfirm:
      return "confirm";
  }
  return "";
}

std::vector<proto::CapacityReport> CapacityReports(const proto::Plan& plan,
                                                   const std::vector<proto::RunReport>& runs) {
  std::vector<proto::CapacityReport> reports;
  for (const Probes& probes : ProbesByTarget(runs)) {
    const CapacitySearch search = ReplaySearch(plan.capacity(), probes.runs);
    proto::CapacityReport report;
    report.set_target(probes.target);
    report.mutable_point()->insert(probes.point.begin(), probes.point.end());
    for (const proto::Bound& bound : plan.capacity().slo()) report.add_slo(bound.text());
    report.set_knee_rps(search.knee().value_or(0));
    if (search.fails_at()) report.set_fails_at_rps(*search.fails_at());
    report.set_confirmed(search.confirmed());
    report.set_words(WordsOf(search, report));
    for (const proto::RunReport* run : probes.runs) *report.add_curve() = PointOf(*run);
    const proto::RunReport* knee = KneeRun(probes.runs, report.knee_rps());
    if (knee != nullptr && knee->target_resources().cpu_cores_mean() > 0) {
      const double cores = knee->target_resources().cpu_cores_mean();
      report.set_target_cpu_cores(cores);
      report.set_rps_per_vcpu(knee->achieved_rps() / cores);
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

proto::Verdict JudgeCapacity(const std::vector<proto::CapacityReport>& searches,
                             const proto::Plan& plan, const std::vector<proto::RunReport>& runs) {
  proto::Verdict verdict;
  verdict.set_validity(proto::Validity::VALID);
  verdict.set_slo(proto::SloOutcome::PASS);
  const std::vector<Probes> probes = ProbesByTarget(runs);
  bool complete = !probes.empty();
  for (const Probes& of_target : probes) {
    complete = complete && !ReplaySearch(plan.capacity(), of_target.runs).Next();
  }
  for (const proto::RunPlan& run : plan.runs()) {
    complete = complete && std::any_of(probes.begin(), probes.end(), [&](const Probes& known) {
                 return known.target == run.target();
               });
  }
  if (!complete) {
    verdict.set_validity(proto::Validity::INCONCLUSIVE);
    verdict.add_reasons("the search was not finished");
  }
  for (const proto::CapacityReport& search : searches) {
    if (search.knee_rps() == 0 && search.has_fails_at_rps()) {
      verdict.set_slo(proto::SloOutcome::FAIL);
    } else if (!search.confirmed() && verdict.slo() != proto::SloOutcome::FAIL) {
      verdict.set_slo(proto::SloOutcome::INCONCLUSIVE);
    }
    verdict.add_reasons(absl::StrCat("capacity of ", search.target(), ": ", search.words()));
  }
  return verdict;
}

}  // namespace drumline
