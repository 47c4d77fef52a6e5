#include "controller/report/noise_floor.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "controller/report/comparison_words.h"
#include "controller/report/fairness.h"
#include "core/comparison.h"

namespace drumline {
namespace {

// The floor as a report, of which the facts can be compared.
proto::Report AsReport(const proto::NoiseFloor& floor) {
  proto::Report report;
  *report.mutable_environment() = floor.environment();
  *report.mutable_generator() = floor.generator();
  *report.mutable_agents() = floor.agents();
  return report;
}

proto::MetricFloor* FloorOf(const std::string& metric, proto::NoiseFloor* floor) {
  for (proto::MetricFloor& known : *floor->mutable_metrics()) {
    if (known.metric() == metric) return &known;
  }
  proto::MetricFloor* added = floor->add_metrics();
  added->set_metric(metric);
  return added;
}

}  // namespace

std::string WhatDiffers(const proto::NoiseFloor& floor, const proto::Report& report) {
  std::string differs;
  for (const FactDifference& fact : DifferingFacts(AsReport(floor), report)) {
    if (!fact.matters) continue;
    absl::StrAppend(&differs, differs.empty() ? "" : ", ", fact.name, " (", fact.baseline, ", now ",
                    fact.contender, ")");
  }
  const double offered = report.runs_size() == 0 ? 0 : report.runs(0).offered_rps();
  if (std::abs(offered - floor.offered_rps()) >
      kSameRate * std::max(offered, floor.offered_rps())) {
    absl::StrAppend(&differs, differs.empty() ? "" : ", ", "offered rate");
  }
  return differs;
}

proto::NoiseFloor NoiseFloorOf(const proto::Report& report) {
  proto::NoiseFloor floor;
  floor.set_measured_at(report.started_at());
  floor.set_scenario(report.name());
  *floor.mutable_environment() = report.environment();
  *floor.mutable_generator() = report.generator();
  *floor.mutable_agents() = report.agents();
  if (report.runs_size() > 0) floor.set_offered_rps(report.runs(0).offered_rps());
  for (const proto::ComparisonResult& result : report.comparison()) {
    floor.set_target(result.baseline());
    floor.set_repeats(std::max(floor.repeats(), result.baseline_repeats()));
    if (!result.has_low()) continue;
    proto::MetricFloor* metric = FloorOf(result.metric(), &floor);
    metric->set_largest_difference(
        std::max(metric->largest_difference(), LargestCompatible({result.low(), result.high()})));
  }
  return floor;
}

absl::StatusOr<std::string> NoiseFloorToJson(const proto::NoiseFloor& floor) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(floor, &json, options).ok()) {
    return absl::InternalError("the noise floor holds a text that is not UTF-8");
  }
  return json + "\n";
}

absl::StatusOr<proto::NoiseFloor> NoiseFloorFromJson(const std::string& json) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  proto::NoiseFloor floor;
  if (!google::protobuf::util::JsonStringToMessage(json, &floor, options).ok() ||
      floor.metrics().empty()) {
    return absl::InvalidArgumentError("is not a noise floor as `controller aa` keeps it");
  }
  return floor;
}

void MarkBelowFloor(const proto::NoiseFloor& floor, proto::ComparisonResult* result) {
  for (const proto::MetricFloor& metric : floor.metrics()) {
    if (metric.metric() != result->metric() || !result->has_low()) continue;
    result->set_noise_floor(metric.largest_difference());
    if (std::abs(result->ratio() - 1) >= metric.largest_difference()) continue;
    result->set_below_noise_floor(true);
    // Of what seems different alone it is news.
    if (result->low() <= 1 && result->high() >= 1) continue;
    result->set_words(absl::StrCat(result->words(), ", but below the noise floor of ",
                                   FormatLimit(metric.largest_difference())));
  }
}

void HoldAgainstFloor(const proto::NoiseFloor& floor, proto::Report* report) {
  if (report->comparison().empty()) return;
  const std::string differs = WhatDiffers(floor, *report);
  if (!differs.empty()) {
    report->mutable_verdict()->add_reasons(
        absl::StrCat("the noise floor of ", floor.measured_at(),
                     " was not measured like this and is left aside: ", differs));
    return;
  }
  *report->mutable_noise_floor() = floor;
  for (proto::ComparisonResult& result : *report->mutable_comparison()) {
    MarkBelowFloor(floor, &result);
  }
}

}  // namespace drumline
