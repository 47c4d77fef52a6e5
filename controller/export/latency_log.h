// latency.hlog: the latencies of a bundle, second by second, as an HdrHistogram interval log of
// version 1.3 with V2 histograms, which HdrHistogram's own tools read (HistogramLogProcessor,
// HistogramLogAnalyzer, HistogramLogReader and its ports).
//
//     absl::Status status = WriteLatencyLog(reader);
//
// Each line is one stretch of time of one run, all agents merged. Its tag says of which run and
// what was measured: 001-echo-r1:response_time, …:service_time, …:send_lag. Values are nanoseconds;
// the stamps are seconds from the start of the first run. Only requests of the measured window are
// in it, so that the lines of a tag add up to the histogram that the report is made of.
#ifndef CONTROLLER_EXPORT_LATENCY_LOG_H_
#define CONTROLLER_EXPORT_LATENCY_LOG_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/export/stretch_merger.h"
#include "core/histogram.h"

namespace drumline {

inline constexpr char kLatencyLogFile[] = "latency.hlog";

// The head of a log; `started_unix_ns` is what its stamps count from.
std::string LatencyLogHead(int64_t started_unix_ns);
// The three lines of a stretch, fewer where nothing was measured. `run_start_ns`: of the stretch's
// run, from the log's own start.
std::string LatencyLogLines(const Stretch& stretch, int64_t run_start_ns);

// As a log holds it: V2, zlib, base64.
std::string CompressedHistogram(const Histogram& histogram);

// Writes it into the bundle, whole or not at all. Where the bundle is damaged, what comes before
// the damage is in it.
absl::Status WriteLatencyLog(const BundleReader& reader);

}  // namespace drumline

#endif  // CONTROLLER_EXPORT_LATENCY_LOG_H_
