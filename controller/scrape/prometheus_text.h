// The Prometheus text exposition format, version 0.0.4.
//
//     absl::StatusOr<std::vector<MetricSample>> samples = ParsePrometheusText(body);
//     if (!samples.ok()) …                       // "line 17: the value `12.x` is not a number"
//     std::optional<double> requests = SumOf(*samples, "http_requests_total");
//
// Strict in what a sample is, for a misread figure is worse than none: one bad line refuses the
// whole text and is named. Tolerant where nothing can be misread: any mix of blanks and tabs, CRLF,
// a comma after the last label, a last line without its line feed, comments anywhere, unknown
// metric types. Samples keep the order of the text; that a name is repeated is not an error, nor is
// it looked for.
//
// Pure; safe from any thread.
#ifndef CONTROLLER_SCRAPE_PROMETHEUS_TEXT_H_
#define CONTROLLER_SCRAPE_PROMETHEUS_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace drumline {

struct MetricSample {
  std::string name;
  // In the order of the text, with escapes resolved; no name occurs twice.
  std::vector<std::pair<std::string, std::string>> labels;
  // May be NaN or infinite: the format has both.
  double value = 0;
  // Milliseconds since 1970, where the text has one.
  std::optional<int64_t> timestamp_ms;
};

struct PrometheusLimits {
  size_t max_line_bytes = 64 * 1024;
  size_t max_labels = 64;
  size_t max_samples = 100'000;
};

// InvalidArgument, beginning with "line N: ", for a line that is malformed; ResourceExhausted, in
// the same way, where a limit is passed.
absl::StatusOr<std::vector<MetricSample>> ParsePrometheusText(std::string_view text,
                                                              const PrometheusLimits& limits = {});

// The sum over all samples of that name, whatever their labels; empty if there is none.
std::optional<double> SumOf(const std::vector<MetricSample>& samples, std::string_view name);

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_PROMETHEUS_TEXT_H_
