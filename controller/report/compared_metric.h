// What targets are compared by: p50, p95, p99 and p99.9 of response time, throughput, CPU a
// request, RSS, and the cold start of services that were started for their runs.
//
//     for (const ComparedMetric& metric : ComparedMetrics()) {
//       const MetricReading reading = ReadMetric(metric, run);
//       if (!reading.value) …                                // reading.not_known says why
//     }
//
// Pure.
#ifndef CONTROLLER_REPORT_COMPARED_METRIC_H_
#define CONTROLLER_REPORT_COMPARED_METRIC_H_

#include <array>
#include <optional>
#include <string>

#include "proto/report.pb.h"

namespace drumline {

struct ComparedMetric {
  // As it stands in the report: "p99.9".
  const char* name;
  // For people: "CPU a request".
  const char* label;
  // "us", "per_second" or "bytes".
  const char* unit;
  // What a contender is whose value is smaller, and larger: "faster", "slower".
  const char* smaller;
  const char* larger;
  bool smaller_is_better;
  // Most targets are not started for their runs: where no run has it, it is not worth a line.
  bool only_where_known = false;
};

const std::array<ComparedMetric, 8>& ComparedMetrics();
// Null if there is none of that name.
const ComparedMetric* FindMetric(const std::string& name);
// The name itself where there is none.
std::string MetricLabel(const std::string& name);

struct MetricReading {
  std::optional<double> value;
  // Why there is none.
  std::string not_known;
};
// A quantile that is only a lower bound is no value.
MetricReading ReadMetric(const ComparedMetric& metric, const proto::RunReport& run);

// A value in the metric's unit, for people.
std::string FormatMetric(const std::string& unit, double value);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COMPARED_METRIC_H_
