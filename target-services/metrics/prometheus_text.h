// Writes the Prometheus text exposition format, version 0.0.4.
//
//   PrometheusText text;
//   text.Family("http_requests_total", "counter", "Requests answered.");
//   text.Sample("http_requests_total", {{"path", "/echo"}}, uint64_t{12});
//   Send(kPrometheusContentType, text.text());
//
// A family is announced once and its samples follow it. Threads: one writer. Errors: none; names
// are the caller's and must be valid metric and label names, values and help are escaped here.
#ifndef TARGET_SERVICES_METRICS_PROMETHEUS_TEXT_H_
#define TARGET_SERVICES_METRICS_PROMETHEUS_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/types/span.h"

namespace drumline::target {

inline constexpr std::string_view kPrometheusContentType =
    "text/plain; version=0.0.4; charset=utf-8";

class PrometheusText {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  // `type` is counter, gauge or histogram.
  void Family(std::string_view name, std::string_view type, std::string_view help);
  void Sample(std::string_view name, absl::Span<const Label> labels, uint64_t value);
  void Sample(std::string_view name, absl::Span<const Label> labels, double value);

  const std::string& text() const { return text_; }

 private:
  void BeginSample(std::string_view name, absl::Span<const Label> labels);

  std::string text_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_METRICS_PROMETHEUS_TEXT_H_
