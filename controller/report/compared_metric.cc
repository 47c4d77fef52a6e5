#include "controller/report/compared_metric.h"

#include "controller/format/units.h"

namespace drumline {
namespace {

constexpr char kColdStart[] = "cold_start";

constexpr std::array<ComparedMetric, 8> kMetrics = {{
    {"p50", "p50", "us", "faster", "slower", true},
    {"p95", "p95", "us", "faster", "slower", true},
    {"p99", "p99", "us", "faster", "slower", true},
    {"p99.9", "p99.9", "us", "faster", "slower", true},
    {"throughput", "throughput", "per_second", "lower", "higher", false},
    {"cpu_per_request", "CPU a request", "us", "cheaper", "dearer", true},
    {"rss", "RSS", "bytes", "smaller", "larger", true},
    {kColdStart, "cold start", "us", "quicker", "slower", true, true},
}};

MetricReading QuantileOf(const proto::TimeSummary& times, double us) {
  if (times.count() == 0) return {std::nullopt, "nothing was measured"};
  if (times.has_lower_bound_from_us() && us >= times.lower_bound_from_us()) {
    return {std::nullopt, "it is a lower bound: requests without an answer are among them"};
  }
  return {us, ""};
}

MetricReading CpuOf(const proto::RunReport& run) {
  if (!run.has_target_resources()) return {std::nullopt, "no metrics"};
  const proto::TargetResources& used = run.target_resources();
  if (!used.cpu_not_known().empty()) return {std::nullopt, used.cpu_not_known()};
  if (used.cpu_us_per_request() <= 0) return {std::nullopt, "too little to be seen"};
  return {used.cpu_us_per_request(), ""};
}

MetricReading RssOf(const proto::RunReport& run) {
  if (!run.has_target_resources()) return {std::nullopt, "no metrics"};
  const double rss = run.target_resources().rss_bytes_mean();
  if (rss <= 0) return {std::nullopt, "not exported"};
  return {rss, ""};
}

MetricReading ColdStartOf(const proto::RunReport& run) {
  if (!run.has_cold_start_us()) return {std::nullopt, "no process was started for the run"};
  return {run.cold_start_us(), ""};
}

}  // namespace

const std::array<ComparedMetric, 8>& ComparedMetrics() { return kMetrics; }

const ComparedMetric* FindMetric(const std::string& name) {
  for (const ComparedMetric& metric : kMetrics) {
    if (name == metric.name) return &metric;
  }
  return nullptr;
}

std::string MetricLabel(const std::string& name) {
  const ComparedMetric* metric = FindMetric(name);
  return metric == nullptr ? name : metric->label;
}

MetricReading ReadMetric(const ComparedMetric& metric, const proto::RunReport& run) {
  const proto::TimeSummary& times = run.response_time();
  const std::string name = metric.name;
  if (name == "p50") return QuantileOf(times, times.p50_us());
  if (name == "p95") return QuantileOf(times, times.p95_us());
  if (name == "p99") return QuantileOf(times, times.p99_us());
  if (name == "p99.9") return QuantileOf(times, times.p99_9_us());
  if (name == "cpu_per_request") return CpuOf(run);
  if (name == "rss") return RssOf(run);
  if (name == kColdStart) return ColdStartOf(run);
  if (run.achieved_rps() <= 0) return {std::nullopt, "nothing was answered"};
  return {run.achieved_rps(), ""};
}

std::string FormatMetric(const std::string& unit, double value) {
  if (unit == "us") return FormatTime(value);
  return unit == "bytes" ? FormatBytes(value) : FormatRate(value);
}

}  // namespace drumline
