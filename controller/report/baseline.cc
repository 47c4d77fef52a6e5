#include "controller/report/baseline.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/report/compared_metric.h"
#include "controller/report/comparison.h"
#include "controller/report/noise_floor.h"
#include "controller/report/verdict.h"
#include "core/comparison.h"

namespace drumline {
namespace {

using Groups = std::vector<RunGroup>;
using Results = std::vector<proto::ComparisonResult>;

std::string NameOf(const RunGroup& group) {
  std::string name = group.target;
  for (const auto& [key, value] : group.point) absl::StrAppend(&name, " at ", key, " ", value);
  return name;
}

bool HasOneTarget(const Groups& groups) {
  std::set<std::string> targets;
  for (const RunGroup& group : groups) targets.insert(group.target);
  return targets.size() == 1;
}

Groups GroupsOf(const proto::Report& report, const char* side, std::vector<std::string>* remarks) {
  google::protobuf::RepeatedPtrField<proto::LeftOutRun> left_out;
  Groups groups = GroupRuns(report.runs(), &left_out);
  for (const proto::LeftOutRun& run : left_out) {
    remarks->push_back(absl::StrCat("run ", run.run_id(), " of the ", side, " is ",
                                    proto::Validity::Value_Name(run.validity()), " and left out"));
  }
  return groups;
}

const RunGroup* FindGroup(const Groups& groups, const RunGroup& like, bool whatever_name) {
  for (const RunGroup& group : groups) {
    if (group.point == like.point && (whatever_name || group.target == like.target)) return &group;
  }
  return nullptr;
}

void NoteUnmatched(const Groups& groups, const Groups& others, bool whatever_name, const char* side,
                   std::vector<std::string>* remarks) {
  for (const RunGroup& group : groups) {
    if (FindGroup(others, group, whatever_name) != nullptr) continue;
    remarks->push_back(absl::StrCat("only the ", side, " has ", NameOf(group)));
  }
}

bool IsRegression(const proto::ComparisonResult& result, double tolerance) {
  return result.finding() == proto::ComparisonFinding::WORSE &&
         std::abs(result.ratio() - 1) > tolerance;
}

bool SuitsBoth(const proto::NoiseFloor& floor, const proto::Report& baseline,
               const proto::Report& contender, std::vector<std::string>* remarks) {
  std::string differs = WhatDiffers(floor, baseline);
  if (differs.empty()) differs = WhatDiffers(floor, contender);
  if (differs.empty()) return true;
  remarks->push_back(absl::StrCat("the noise floor of ", floor.measured_at(),
                                  " was not measured like both and is left aside: ", differs));
  return false;
}

}  // namespace

absl::StatusOr<BaselineComparison> CompareReports(const proto::Report& baseline,
                                                  const proto::Report& contender, double tolerance,
                                                  const proto::NoiseFloor* floor) {
  BaselineComparison compared;
  compared.tolerance = tolerance;
  if (floor != nullptr && !SuitsBoth(*floor, baseline, contender, &compared.remarks)) {
    floor = nullptr;
  }
  if (floor != nullptr) compared.floor_measured_at = floor->measured_at();
  const Groups a = GroupsOf(baseline, "baseline", &compared.remarks);
  const Groups b = GroupsOf(contender, "contender", &compared.remarks);
  const bool whatever_name = HasOneTarget(a) && HasOneTarget(b);
  ComparisonTerms terms;
  if (tolerance > 0) terms.smallest_effect_of_interest = tolerance;
  for (const RunGroup& group : a) {
    const RunGroup* other = FindGroup(b, group, whatever_name);
    if (other == nullptr) continue;
    compared.pairs.push_back(CompareGroups(group, *other, Turns::kNone, terms));
    for (proto::ComparisonResult& result : compared.pairs.back()) {
      if (floor != nullptr) MarkBelowFloor(*floor, &result);
      if (IsRegression(result, tolerance)) compared.regressions.push_back(result);
    }
  }
  if (compared.pairs.empty()) {
    return absl::InvalidArgumentError(
        "the baseline and the contender have no target and point in common; nothing can be "
        "compared");
  }
  NoteUnmatched(a, b, whatever_name, "baseline", &compared.remarks);
  NoteUnmatched(b, a, whatever_name, "contender", &compared.remarks);
  compared.facts = DifferingFacts(baseline, contender);
  return compared;
}

int ExitCodeFor(const BaselineComparison& comparison) {
  if (!comparison.regressions.empty()) return kExitSloFailed;
  bool any = false;
  for (const Results& pair : comparison.pairs) {
    for (const proto::ComparisonResult& result : pair) {
      if (result.finding() == proto::ComparisonFinding::INCONCLUSIVE) return kExitInconclusive;
      any = any || result.finding() != proto::ComparisonFinding::NOT_COMPARED;
    }
  }
  return any ? kExitMet : kExitInconclusive;
}

}  // namespace drumline
