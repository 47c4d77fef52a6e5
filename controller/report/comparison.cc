#include "controller/report/comparison.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/bundle/attempt_id.h"
#include "controller/report/compared_metric.h"
#include "controller/report/comparison_words.h"
#include "core/repeats.h"

namespace drumline {
namespace {

using Runs = google::protobuf::RepeatedPtrField<proto::RunReport>;
using RunPointers = std::vector<const proto::RunReport*>;

constexpr size_t kRunsOfAPair = 2;

// A metric of some runs: known of all, or not at all.
struct Readings {
  std::vector<double> values;
  // "dom: no metrics"; empty if all are known.
  std::string not_known;
};

bool IsAskedOf(const ComparedMetric& metric, std::initializer_list<const RunGroup*> groups) {
  if (!metric.only_where_known) return true;
  return std::any_of(groups.begin(), groups.end(), [&](const RunGroup* group) {
    return std::any_of(group->runs.begin(), group->runs.end(),
                       [&](const auto* run) { return ReadMetric(metric, *run).value.has_value(); });
  });
}

Readings Read(const ComparedMetric& metric, const RunPointers& runs) {
  Readings readings;
  for (const proto::RunReport* run : runs) {
    const MetricReading reading = ReadMetric(metric, *run);
    if (!reading.value) return {{}, reading.not_known};
    readings.values.push_back(*reading.value);
  }
  return readings;
}

proto::MetricRepeats RepeatsOf(const ComparedMetric& metric, const RunGroup& group,
                               double confidence) {
  proto::MetricRepeats repeats;
  repeats.set_metric(metric.name);
  repeats.set_unit(metric.unit);
  Readings readings = Read(metric, group.runs);
  if (group.runs.empty()) readings.not_known = "no valid run";
  repeats.set_not_known(readings.not_known);
  for (double value : readings.values) repeats.add_values(value);
  const std::optional<RepeatsSummary> summary = SummarizeRepeats(readings.values, confidence);
  if (!summary) return repeats;
  repeats.set_mean(summary->mean);
  repeats.set_spread(summary->log_deviation);
  if (!summary->interval) return repeats;
  repeats.set_low(summary->interval->low);
  repeats.set_high(summary->interval->high);
  repeats.set_smallest_effect_seen(
      *SmallestEffect(summary->log_deviation, summary->n, summary->n, confidence));
  return repeats;
}

proto::TargetRepeats RepeatsOf(const RunGroup& group, double confidence) {
  proto::TargetRepeats repeats;
  repeats.set_target(group.target);
  repeats.mutable_point()->insert(group.point.begin(), group.point.end());
  for (const proto::RunReport* run : group.runs) repeats.add_repeats(run->repeat());
  for (const ComparedMetric& metric : ComparedMetrics()) {
    if (!IsAskedOf(metric, {&group})) continue;
    *repeats.add_metrics() = RepeatsOf(metric, group, confidence);
  }
  return repeats;
}

// The runs of which the other group has one of the same repeat.
RunPointers PairedRuns(const RunGroup& group, const RunGroup& other) {
  std::set<uint32_t> repeats;
  for (const proto::RunReport* run : other.runs) repeats.insert(run->repeat());
  RunPointers paired;
  for (const proto::RunReport* run : group.runs) {
    if (repeats.count(run->repeat()) > 0) paired.push_back(run);
  }
  return paired;
}

// Where one target had all its runs before the other, repeats of the same number are no neighbours.
Turns TurnsOf(const Runs& runs, const std::string& a, const std::string& b) {
  if (std::all_of(runs.begin(), runs.end(), [](const auto& run) { return run.pair() > 0; })) {
    return Turns::kAtOnce;
  }
  std::string sequence;
  for (const proto::RunReport& run : runs) {
    const char which = run.target() == a ? 'a' : run.target() == b ? 'b' : ' ';
    if (which != ' ' && (sequence.empty() || sequence.back() != which)) sequence += which;
  }
  return sequence.size() > 2 ? Turns::kTaken : Turns::kNone;
}

std::string BaselineOf(const proto::Report& report, const std::vector<RunGroup>& groups) {
  const bool known = std::any_of(groups.begin(), groups.end(), [&](const RunGroup& group) {
    return group.target == report.baseline();
  });
  return known ? report.baseline() : groups.front().target;
}

proto::ComparisonFinding::Value FindingOf(const Comparison& comparison,
                                          const ComparedMetric& metric) {
  switch (comparison.finding) {
    case Finding::kDifferent:
      return (comparison.ratio < 1) == metric.smaller_is_better ? proto::ComparisonFinding::BETTER
                                                                : proto::ComparisonFinding::WORSE;
    case Finding::kAlike:
      return proto::ComparisonFinding::ALIKE;
    case Finding::kInconclusive:
      return proto::ComparisonFinding::INCONCLUSIVE;
    case Finding::kNotComparable:
      break;
  }
  return proto::ComparisonFinding::NOT_COMPARED;
}

void FillIntervals(const Comparison& comparison, proto::ComparisonResult* result) {
  result->set_low(comparison.ratio_interval.low);
  result->set_high(comparison.ratio_interval.high);
  result->set_difference(comparison.difference);
  result->set_difference_low(comparison.difference_interval.low);
  result->set_difference_high(comparison.difference_interval.high);
  result->set_smallest_effect_seen(comparison.smallest_effect_seen);
  result->set_more_repeats(static_cast<uint32_t>(comparison.more_repeats));
}

proto::ComparisonResult CompareMetric(const ComparedMetric& metric, const RunGroup& baseline,
                                      const RunGroup& contender, Turns turns,
                                      const ComparisonTerms& terms) {
  const RunPointers pairs_a = PairedRuns(baseline, contender);
  const RunPointers pairs_b = PairedRuns(contender, baseline);
  const bool paired =
      turns == Turns::kAtOnce || (turns == Turns::kTaken && pairs_a.size() >= kFewestPairs);
  const Readings a = Read(metric, paired ? pairs_a : baseline.runs);
  const Readings b = Read(metric, paired ? pairs_b : contender.runs);
  const Pairing pairing = !paired                   ? Pairing::kNone
                          : turns == Turns::kAtOnce ? Pairing::kAtOnce
                                                    : Pairing::kByPosition;
  const Comparison comparison = Compare(a.values, b.values, pairing, terms);
  proto::ComparisonResult result;
  result.set_metric(metric.name);
  result.set_unit(metric.unit);
  result.set_baseline(baseline.target);
  result.set_contender(contender.target);
  result.mutable_point()->insert(baseline.point.begin(), baseline.point.end());
  result.set_baseline_repeats(static_cast<uint32_t>(a.values.size()));
  result.set_contender_repeats(static_cast<uint32_t>(b.values.size()));
  result.set_baseline_mean(comparison.baseline);
  result.set_contender_mean(comparison.contender);
  result.set_ratio(comparison.ratio);
  result.set_paired(comparison.paired);
  result.set_finding(FindingOf(comparison, metric));
  if (comparison.finding != Finding::kNotComparable) FillIntervals(comparison, &result);
  if (!a.not_known.empty()) {
    result.set_words(absl::StrCat("not compared: ", baseline.target, ": ", a.not_known));
  } else if (!b.not_known.empty()) {
    result.set_words(absl::StrCat("not compared: ", contender.target, ": ", b.not_known));
  } else {
    result.set_words(ComparisonWords(comparison, metric));
  }
  return result;
}

bool Counts(const proto::RunReport& run) {
  return run.verdict().validity() == proto::Validity::VALID && run.aborted().empty();
}

// Runs that were carried out at once, by pair and attempt: one that was cut off is done again with
// the other of its pair, both as the next attempt.
struct Attempt {
  int number = 0;
  std::vector<const proto::RunReport*> runs;
};
// Of each pair the newest attempt.
using Pairs = std::map<uint32_t, Attempt>;

Pairs NewestOfPairs(const Runs& runs) {
  Pairs pairs;
  for (const proto::RunReport& run : runs) {
    if (run.pair() == 0) continue;
    Attempt& newest = pairs[run.pair()];
    const int number = AttemptOf(run.run_id());
    if (number > newest.number) newest = {number, {}};
    if (number == newest.number) newest.runs.push_back(&run);
  }
  return pairs;
}

// Why a run does not count besides its own validity; empty if it does.
std::string WhyLeftOut(const proto::RunReport& run, const Pairs& pairs) {
  if (!run.aborted().empty()) return "aborted";
  if (run.pair() == 0) return "";
  const Attempt& newest = pairs.at(run.pair());
  if (AttemptOf(run.run_id()) == newest.number && newest.runs.size() < kRunsOfAPair) {
    return "the other of its pair left no report";
  }
  const bool counts = AttemptOf(run.run_id()) == newest.number &&
                      std::all_of(newest.runs.begin(), newest.runs.end(),
                                  [](const auto* of_pair) { return Counts(*of_pair); });
  return counts ? "" : "the other of its pair does not count";
}

void LeaveOut(const proto::RunReport& run, const std::string& why,
              google::protobuf::RepeatedPtrField<proto::LeftOutRun>* left_out) {
  if (left_out == nullptr) return;
  proto::LeftOutRun& left = *left_out->Add();
  left.set_run_id(run.run_id());
  left.set_validity(run.verdict().validity());
  if (!run.aborted().empty() || Counts(run)) left.set_why(why);
}

}  // namespace

std::vector<RunGroup> GroupRuns(const Runs& runs,
                                google::protobuf::RepeatedPtrField<proto::LeftOutRun>* left_out) {
  std::vector<RunGroup> groups;
  const Pairs pairs = NewestOfPairs(runs);
  std::map<std::pair<std::string, std::map<std::string, std::string>>, size_t> index;
  for (const proto::RunReport& run : runs) {
    std::map<std::string, std::string> point(run.point().begin(), run.point().end());
    const auto [at, added] = index.try_emplace({run.target(), std::move(point)}, groups.size());
    if (added) groups.push_back({at->first.first, at->first.second, {}});
    const std::string why = WhyLeftOut(run, pairs);
    if (Counts(run) && why.empty()) {
      groups[at->second].runs.push_back(&run);
    } else {
      LeaveOut(run, why, left_out);
    }
  }
  for (RunGroup& group : groups) {
    std::stable_sort(group.runs.begin(), group.runs.end(),
                     [](const auto* a, const auto* b) { return a->repeat() < b->repeat(); });
  }
  return groups;
}

std::vector<proto::ComparisonResult> CompareGroups(const RunGroup& baseline,
                                                   const RunGroup& contender, Turns turns,
                                                   const ComparisonTerms& terms) {
  std::vector<proto::ComparisonResult> results;
  for (const ComparedMetric& metric : ComparedMetrics()) {
    if (!IsAskedOf(metric, {&baseline, &contender})) continue;
    results.push_back(CompareMetric(metric, baseline, contender, turns, terms));
  }
  return results;
}

void AddComparison(proto::Report* report) {
  google::protobuf::RepeatedPtrField<proto::LeftOutRun> left_out;
  const std::vector<RunGroup> groups = GroupRuns(report->runs(), &left_out);
  if (groups.empty() || report->capacity_size() > 0) return;
  const std::string baseline = BaselineOf(*report, groups);
  ComparisonTerms terms;
  if (report->has_stopping()) terms.confidence = report->stopping().confidence_each_look();
  const bool several = std::any_of(groups.begin(), groups.end(),
                                   [&](const auto& g) { return g.target != baseline; });
  const bool repeated = std::any_of(report->runs().begin(), report->runs().end(),
                                    [](const auto& run) { return run.repeat() > 1; });
  if (!several && !repeated) return;
  *report->mutable_left_out() = left_out;
  for (const RunGroup& group : groups) {
    *report->add_repeats() = RepeatsOf(group, terms.confidence);
  }
  for (const RunGroup& base : groups) {
    if (base.target != baseline) continue;
    for (const RunGroup& group : groups) {
      if (group.target == baseline || group.point != base.point) continue;
      const Turns turns = TurnsOf(report->runs(), baseline, group.target);
      for (proto::ComparisonResult& result : CompareGroups(base, group, turns, terms)) {
        *report->add_comparison() = std::move(result);
      }
    }
  }
}

}  // namespace drumline
