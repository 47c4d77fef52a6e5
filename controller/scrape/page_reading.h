// What a scrape takes from a page of metrics.
//
//     proto::Scrape scrape;
//     ReadMetricsPage(source, page, &scrape);     // scrape.gap() says what is wrong with the page
//
// Of a program's own page, as Prometheus's client libraries export it:
//
//     cpu_seconds_total  process_cpu_seconds_total      rss_bytes process_resident_memory_bytes
//     open_fds           process_open_fds               requests_total  http_requests_total
//     program_started_s  process_start_time_seconds
//     served             the source's histogram, summed over its series but those of the page
//                        itself (path, route, handler, uri or endpoint is the page's path)
//     longest_pause      the greatest of go_gc_duration_seconds{quantile="1"},
//                        jvm_gc_pause_seconds_max and nodejs_eventloop_lag_max_seconds
//     watched            the series that the source names, each summed over what it matches
//
// Of a node_exporter's page, which is about a whole machine: node_cpu_seconds_total of all modes
// but idle and iowait; node_memory_MemTotal_bytes − node_memory_MemAvailable_bytes;
// node_filefd_allocated.
//
// What is not there, or is not a finite number, is named in `missing`. Pure.
#ifndef CONTROLLER_SCRAPE_PAGE_READING_H_
#define CONTROLLER_SCRAPE_PAGE_READING_H_

#include <string_view>

#include "controller/scrape/metrics_source.h"
#include "proto/interval.pb.h"

namespace drumline {

void ReadMetricsPage(const MetricsSource& source, std::string_view page, proto::Scrape* scrape);

}  // namespace drumline

#endif  // CONTROLLER_SCRAPE_PAGE_READING_H_
