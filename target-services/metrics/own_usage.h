// What this program uses of the machine, under the names that every Prometheus client uses:
// process_resident_memory_bytes, process_cpu_seconds_total, process_open_fds and
// process_start_time_seconds.
//
//   absl::StatusOr<OwnUsage> usage = ReadOwnUsage();
//   if (usage.ok()) RenderOwnUsage(*usage, text);
//
// Threads: any. Errors: kUnavailable where /proc cannot be read; a scrape then lacks the families
// rather than showing zeros.
#ifndef TARGET_SERVICES_METRICS_OWN_USAGE_H_
#define TARGET_SERVICES_METRICS_OWN_USAGE_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "target-services/metrics/prometheus_text.h"

namespace drumline::target {

struct OwnUsage {
  uint64_t resident_bytes = 0;
  double cpu_seconds = 0;  // User and system, all threads.
  uint64_t open_files = 0;
  double started_at = 0;  // Seconds since the epoch.
};

absl::StatusOr<OwnUsage> ReadOwnUsage();
void RenderOwnUsage(const OwnUsage& usage, PrometheusText& text);

// The start time in clock ticks since boot, from the text of /proc/self/stat. The program's name
// stands in it in parentheses and may itself hold blanks and parentheses.
absl::StatusOr<uint64_t> ParseStartTicks(std::string_view stat);

}  // namespace drumline::target

#endif  // TARGET_SERVICES_METRICS_OWN_USAGE_H_
