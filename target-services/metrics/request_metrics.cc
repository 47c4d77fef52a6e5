#include "target-services/metrics/request_metrics.h"

#include <algorithm>
#include <utility>

namespace drumline::target {
namespace {

constexpr size_t kStatusCount = kStatusLabels.size() + 1;  // The last one is "other".

size_t StatusIndex(int status) {
  const auto* found = std::find(kStatusLabels.begin(), kStatusLabels.end(), status);
  return static_cast<size_t>(found - kStatusLabels.begin());
}

std::string StatusLabel(size_t index) {
  return index < kStatusLabels.size() ? std::to_string(kStatusLabels[index]) : "other";
}

double Seconds(uint64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-9; }

}  // namespace

RequestRecorder::RequestRecorder(size_t paths, size_t methods)
    : methods_(methods), requests_(paths * methods * kStatusCount), durations_(paths) {}

void RequestRecorder::Record(size_t path, size_t method, int status,
                             std::chrono::nanoseconds duration) {
  requests_[(path * methods_ + method) * kStatusCount + StatusIndex(status)].Add(1);
  size_t bucket = 0;
  while (bucket < kDurationBuckets.size() && duration > kDurationBuckets[bucket].upper_bound) {
    ++bucket;
  }
  durations_[path].buckets[bucket].Add(1);
  durations_[path].sum_ns.Add(static_cast<uint64_t>(duration.count()));
}

RequestMetrics::RequestMetrics(std::vector<std::string> paths, std::vector<std::string> methods,
                               size_t threads)
    : paths_(std::move(paths)), methods_(std::move(methods)) {
  for (size_t i = 0; i < threads; ++i) {
    recorders_.push_back(std::make_unique<RequestRecorder>(paths_.size(), methods_.size()));
  }
}

void RequestMetrics::Render(PrometheusText& text) const {
  RenderRequests(text);
  RenderDurations(text);
  RenderConnections(text);
}

void RequestMetrics::RenderRequests(PrometheusText& text) const {
  constexpr std::string_view kName = "http_requests_total";
  text.Family(kName, "counter", "Requests answered, each counted in exactly one series.");
  const size_t series = paths_.size() * methods_.size() * kStatusCount;
  for (size_t i = 0; i < series; ++i) {
    uint64_t count = 0;
    for (const auto& recorder : recorders_) count += recorder->requests_[i].value();
    if (count == 0) continue;
    const size_t method = i / kStatusCount % methods_.size();
    const size_t path = i / kStatusCount / methods_.size();
    const std::string status = StatusLabel(i % kStatusCount);
    text.Sample(kName, {{"path", paths_[path]}, {"method", methods_[method]}, {"status", status}},
                count);
  }
}

void RequestMetrics::RenderDurations(PrometheusText& text) const {
  constexpr std::string_view kName = "http_request_duration_seconds";
  text.Family(kName, "histogram",
              "Time from the arrival of a request's last byte to its answer being ready to send.");
  for (size_t path = 0; path < paths_.size(); ++path) {
    uint64_t cumulative = 0;
    uint64_t sum_ns = 0;
    for (const auto& recorder : recorders_) sum_ns += recorder->durations_[path].sum_ns.value();
    for (size_t bucket = 0; bucket <= kDurationBuckets.size(); ++bucket) {
      for (const auto& recorder : recorders_) {
        cumulative += recorder->durations_[path].buckets[bucket].value();
      }
      const std::string_view bound =
          bucket < kDurationBuckets.size() ? kDurationBuckets[bucket].label : "+Inf";
      text.Sample("http_request_duration_seconds_bucket", {{"path", paths_[path]}, {"le", bound}},
                  cumulative);
    }
    text.Sample("http_request_duration_seconds_sum", {{"path", paths_[path]}}, Seconds(sum_ns));
    text.Sample("http_request_duration_seconds_count", {{"path", paths_[path]}}, cumulative);
  }
}

void RequestMetrics::RenderConnections(PrometheusText& text) const {
  uint64_t accepted = 0;
  uint64_t refused = 0;
  uint64_t closed = 0;
  for (const auto& recorder : recorders_) {
    // Closed before accepted: a connection that does both meanwhile cannot make the gauge negative.
    closed += recorder->connections_closed_.value();
    accepted += recorder->connections_accepted_.value();
    refused += recorder->connections_refused_.value();
  }
  text.Family("http_connections_accepted_total", "counter", "Connections taken in.");
  text.Sample("http_connections_accepted_total", {}, accepted);
  text.Family("http_connections_refused_total", "counter",
              "Connections closed at once because the limit of open ones was reached.");
  text.Sample("http_connections_refused_total", {}, refused);
  text.Family("http_connections_open", "gauge", "Connections open now.");
  text.Sample("http_connections_open", {}, accepted - closed);
}

}  // namespace drumline::target
