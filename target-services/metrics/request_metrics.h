// Counts requests without sharing: each event loop writes to a recorder of its own, and a scrape
// adds the recorders up.
//
//   RequestMetrics metrics({"/echo", "other"}, {"GET", "POST", "other"}, /*threads=*/2);
//   metrics.recorder(0).Record(/*path=*/0, /*method=*/1, /*status=*/200, duration);  // Thread 0.
//   metrics.Render(text);                                                             // Any
//   thread.
//
// Families: http_requests_total{path,method,status}, http_request_duration_seconds{path},
// http_connections_accepted_total, http_connections_refused_total, http_connections_open.
// Labels come from fixed lists, so that no client can create a series; each request is counted in
// exactly one series of http_requests_total, so that any sum over the family is a true count, and
// in http_request_duration_seconds_count of its path.
//
// Threads: one writer a recorder, any number of readers. A request counted before its answer was
// sent is seen by every scrape that begins after the answer arrived.
#ifndef TARGET_SERVICES_METRICS_REQUEST_METRICS_H_
#define TARGET_SERVICES_METRICS_REQUEST_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "target-services/metrics/prometheus_text.h"

namespace drumline::target {

// Written by one thread, read by any: no locked instruction is needed.
class Counter {
 public:
  void Add(uint64_t count) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_release);
  }
  uint64_t value() const { return value_.load(std::memory_order_acquire); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct DurationBucket {
  std::chrono::nanoseconds upper_bound;
  std::string_view label;  // The same in seconds, as Prometheus spells it.
};

// From 10 µs, about what a bare echo takes, to 10 s.
inline constexpr std::array<DurationBucket, 19> kDurationBuckets = {{
    {std::chrono::microseconds(10), "1e-05"},
    {std::chrono::microseconds(25), "2.5e-05"},
    {std::chrono::microseconds(50), "5e-05"},
    {std::chrono::microseconds(100), "0.0001"},
    {std::chrono::microseconds(250), "0.00025"},
    {std::chrono::microseconds(500), "0.0005"},
    {std::chrono::milliseconds(1), "0.001"},
    {std::chrono::microseconds(2500), "0.0025"},
    {std::chrono::milliseconds(5), "0.005"},
    {std::chrono::milliseconds(10), "0.01"},
    {std::chrono::milliseconds(25), "0.025"},
    {std::chrono::milliseconds(50), "0.05"},
    {std::chrono::milliseconds(100), "0.1"},
    {std::chrono::milliseconds(250), "0.25"},
    {std::chrono::milliseconds(500), "0.5"},
    {std::chrono::seconds(1), "1"},
    {std::chrono::milliseconds(2500), "2.5"},
    {std::chrono::seconds(5), "5"},
    {std::chrono::seconds(10), "10"},
}};

// Status codes with a series of their own; the rest are counted as "other".
inline constexpr std::array<int, 21> kStatusLabels = {200, 201, 202, 204, 304, 400, 401,
                                                      403, 404, 405, 408, 409, 413, 414,
                                                      417, 422, 429, 431, 500, 501, 503};

class RequestRecorder {
 public:
  RequestRecorder(size_t paths, size_t methods);

  // `path` and `method` are indexes into the lists given to RequestMetrics.
  void Record(size_t path, size_t method, int status, std::chrono::nanoseconds duration);
  void ConnectionAccepted() { connections_accepted_.Add(1); }
  void ConnectionRefused() { connections_refused_.Add(1); }
  void ConnectionClosed() { connections_closed_.Add(1); }

 private:
  friend class RequestMetrics;

  struct Durations {
    std::array<Counter, kDurationBuckets.size() + 1> buckets;  // The last one has no bound.
    Counter sum_ns;
  };

  const size_t methods_;
  std::vector<Counter> requests_;  // [path][method][status]
  std::vector<Durations> durations_;
  Counter connections_accepted_;
  Counter connections_refused_;
  Counter connections_closed_;
};

class RequestMetrics {
 public:
  RequestMetrics(std::vector<std::string> paths, std::vector<std::string> methods, size_t threads);

  // The recorder of one thread, for as long as this object lives.
  RequestRecorder& recorder(size_t thread) { return *recorders_[thread]; }

  void Render(PrometheusText& text) const;

 private:
  void RenderRequests(PrometheusText& text) const;
  void RenderDurations(PrometheusText& text) const;
  void RenderConnections(PrometheusText& text) const;

  const std::vector<std::string> paths_;
  const std::vector<std::string> methods_;
  std::vector<std::unique_ptr<RequestRecorder>> recorders_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_METRICS_REQUEST_METRICS_H_
