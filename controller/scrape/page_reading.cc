#include "controller/scrape/page_reading.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/scrape/prometheus_text.h"

namespace drumline {
namespace {

using Samples = std::vector<MetricSample>;
using Labels = std::vector<std::pair<std::string, std::string>>;

void Set(std::optional<double> value, const char* field, void (proto::Scrape::*set)(double),
         proto::Scrape* scrape) {
  if (value && std::isfinite(*value)) {
    (scrape->*set)(*value);
  } else {
    scrape->add_missing(field);
  }
}

bool HasLabels(const MetricSample& sample, const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [&sample](const auto& label) {
    return std::find(sample.labels.begin(), sample.labels.end(), label) != sample.labels.end();
  });
}

std::optional<double> SumWith(const Samples& samples, std::string_view name, const Labels& labels) {
  std::optional<double> sum;
  for (const MetricSample& sample : samples) {
    if (sample.name == name && HasLabels(sample, labels)) sum = sum.value_or(0) + sample.value;
  }
  return sum;
}

std::optional<double> GreatestWith(const Samples& samples, std::string_view name,
                                   const Labels& labels) {
  std::optional<double> greatest;
  for (const MetricSample& sample : samples) {
    // A summary without an observation is not a number.
    if (sample.name != name || !HasLabels(sample, labels) || !std::isfinite(sample.value)) continue;
    greatest = std::max(greatest.value_or(sample.value), sample.value);
  }
  return greatest;
}

void ReadPauses(const Samples& samples, proto::Scrape* scrape) {
  const std::pair<const char*, Labels> kinds[] = {{"go_gc_duration_seconds", {{"quantile", "1"}}},
                                                  {"jvm_gc_pause_seconds_max", {}},
                                                  {"nodejs_eventloop_lag_max_seconds", {}}};
  for (const auto& [name, labels] : kinds) {
    const std::optional<double> pause = GreatestWith(samples, name, labels);
    const bool longest =
        pause && (scrape->longest_pause_metric().empty() || *pause > scrape->longest_pause_s());
    if (!longest) continue;
    scrape->set_longest_pause_s(*pause);
    scrape->set_longest_pause_metric(name);
  }
}

// The scrapes themselves are no load of the service.
bool IsOfPage(const MetricSample& sample, const std::string& page_path) {
  return std::any_of(sample.labels.begin(), sample.labels.end(), [&](const auto& label) {
    constexpr std::string_view kNames[] = {"path", "route", "handler", "uri", "endpoint"};
    return label.second == page_path &&
           std::find(std::begin(kNames), std::end(kNames), label.first) != std::end(kNames);
  });
}

// Buckets of several series can be added only where all have the same bounds.
void ReadServed(const Samples& samples, const MetricsSource& source, proto::Scrape* scrape) {
  const std::string name = absl::StrCat(source.histogram, "_bucket");
  const std::string page_path = source.url.path.substr(0, source.url.path.find('?'));
  struct Bucket {
    double count = 0;
    int series = 0;
  };
  std::map<double, Bucket> buckets;
  int most_series = 0;
  for (const MetricSample& sample : samples) {
    if (sample.name != name || IsOfPage(sample, page_path)) continue;
    for (const auto& [label, text] : sample.labels) {
      double bound = 0;
      if (label != "le" || !absl::SimpleAtod(text, &bound) || std::isnan(bound)) continue;
      buckets[bound].count += sample.value;
      most_series = std::max(most_series, ++buckets[bound].series);
    }
  }
  if (buckets.empty()) return;
  const bool same_bounds = std::all_of(buckets.begin(), buckets.end(), [&](const auto& bucket) {
    return bucket.second.series == most_series && std::isfinite(bucket.second.count);
  });
  if (!same_bounds) {
    scrape->add_missing(absl::StrCat(source.histogram, " (its series have different buckets)"));
    return;
  }
  for (const auto& [bound, bucket] : buckets) {
    scrape->mutable_served()->add_bounds_s(bound);
    scrape->mutable_served()->add_counts(bucket.count);
  }
}

void ReadWatched(const Samples& samples, const MetricsSource& source, proto::Scrape* scrape) {
  for (const std::string& series : source.watch) {
    // A series is written as a sample is, but for the value.
    const absl::StatusOr<Samples> wanted = ParsePrometheusText(series + " 0");
    if (!wanted.ok() || wanted->size() != 1) {
      scrape->add_missing(series);
      continue;
    }
    const std::optional<double> value =
        SumWith(samples, wanted->front().name, wanted->front().labels);
    if (value && std::isfinite(*value)) {
      (*scrape->mutable_watched())[series] = *value;
    } else {
      scrape->add_missing(series);
    }
  }
}

void ReadProgram(const Samples& samples, const MetricsSource& source, proto::Scrape* scrape) {
  Set(SumOf(samples, "process_cpu_seconds_total"), "cpu_seconds_total",
      &proto::Scrape::set_cpu_seconds_total, scrape);
  Set(SumOf(samples, "process_resident_memory_bytes"), "rss_bytes", &proto::Scrape::set_rss_bytes,
      scrape);
  Set(SumOf(samples, "process_open_fds"), "open_fds", &proto::Scrape::set_open_fds, scrape);
  Set(SumOf(samples, "http_requests_total"), "requests_total", &proto::Scrape::set_requests_total,
      scrape);
  const std::optional<double> started = SumOf(samples, "process_start_time_seconds");
  if (started && std::isfinite(*started)) scrape->set_program_started_s(*started);
  ReadServed(samples, source, scrape);
  ReadPauses(samples, scrape);
}

void ReadMachine(const Samples& samples, proto::Scrape* scrape) {
  std::optional<double> cpu = SumOf(samples, "node_cpu_seconds_total");
  for (const char* mode : {"idle", "iowait"}) {
    if (cpu) *cpu -= SumWith(samples, "node_cpu_seconds_total", {{"mode", mode}}).value_or(0);
  }
  std::optional<double> memory = SumOf(samples, "node_memory_MemTotal_bytes");
  const std::optional<double> free = SumOf(samples, "node_memory_MemAvailable_bytes");
  if (memory && free) *memory -= *free;
  Set(cpu, "cpu_seconds_total", &proto::Scrape::set_cpu_seconds_total, scrape);
  Set(free ? memory : std::nullopt, "rss_bytes", &proto::Scrape::set_rss_bytes, scrape);
  Set(SumOf(samples, "node_filefd_allocated"), "open_fds", &proto::Scrape::set_open_fds, scrape);
  scrape->add_missing("requests_total");
}

}  // namespace

void ReadMetricsPage(const MetricsSource& source, std::string_view page, proto::Scrape* scrape) {
  const absl::StatusOr<Samples> samples = ParsePrometheusText(page);
  if (!samples.ok()) {
    scrape->set_gap(absl::StrCat("malformed ", samples.status().message()));
    return;
  }
  if (source.kind == MetricsSource::Kind::kNodeExporter) {
    ReadMachine(*samples, scrape);
  } else {
    ReadProgram(*samples, source, scrape);
  }
  ReadWatched(*samples, source, scrape);
}

}  // namespace drumline
