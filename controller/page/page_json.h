// What the charts of a page are drawn from, as JSON; the report page holds it as text, the live
// page receives it piece by piece. Times are whole numbers of ns or ms.
//
//     RunTimeline timeline(run_plan, ColumnsFor(plan.runs_size()));
//     …
//     BundleToJson(path, scenario, report, {RunToJson(timeline, record, scrapes)});
//
//     {"format": 1, "bundles": [{
//        "path": …, "scenario": the text of it, "report": as in report.json,
//        "runs": [{
//          "run_id": …, "column_ms": …, "warmup_ms": …, "measure_ms": 0 where it ends by count,
//          "columns": [[…], …]         see ColumnToJson
//          "curves": {"response_time": [[x, ns], …], "service_time": …, "send_lag": …,
//                     "generator_lag": …}            x = 1 / (1 − quantile)
//          "scrapes": [[at_ms, cpu_s, rss_bytes, open_fds, {watched}] or [at_ms, "why not"], …],
//          "lost": [["agent-1", at_ms], …], "faults": […]}]}]}
//
// Pure functions.
#ifndef CONTROLLER_PAGE_PAGE_JSON_H_
#define CONTROLLER_PAGE_PAGE_JSON_H_

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/page/run_timeline.h"
#include "core/histogram.h"
#include "proto/interval.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// Of one run; of many, fewer: see ColumnsFor.
inline constexpr size_t kMostColumns = 600;

// How many columns each of [runs] runs may have, so that a page stays below 2 MB.
size_t ColumnsFor(size_t runs);

// [begin_ms, end_ms, phase (1 to 3), scheduled, sent, then each outcome in the order of
//  kOutcomeNames,
//  [p50, p99, p99.9, max] in ns of response time, of service time, of send lag, of generator lag,
//  of hiccup ([] where there is nothing),
//  busiest worker in thousandths of a core,
//  [the first row, counts…] of response times: row r begins at 1 µs · 10^(r/20),
//  {agent: sent} of up to six agents; of more, of the "slowest", the "median" and the "fastest",
//  CPU ms of all agents together]
boost::json::array ColumnToJson(const TimelineColumn& column);

// The row of the heat map: 20 for each power of ten, from 1 µs; what is less is in row 0.
int HeatRow(int64_t value_ns);

// Points of a quantile curve, evenly over the logarithm of x = 1 / (1 − q): 1, 2, and twelve for
// each power of ten as far as there are samples. The values are those of ValueAtQuantile.
boost::json::array CurveToJson(const Histogram& histogram);

// A curve of each time of the measured window, as "curves" above.
boost::json::object CurvesToJson(const RunTimeline& timeline);

// At most [most] of the readings: of each group of neighbours the one with the largest RSS, and
// every change between reading and gap.
boost::json::array ScrapesToJson(const std::vector<proto::Scrape>& scrapes, size_t most);

boost::json::object RunToJson(const RunTimeline& timeline, const proto::RunRecord& record,
                              const std::vector<proto::Scrape>& scrapes);

// INTERNAL if the report holds what JSON cannot.
absl::StatusOr<boost::json::object> BundleToJson(const std::string& path,
                                                 const std::string& scenario,
                                                 const proto::Report& report,
                                                 boost::json::array runs);

}  // namespace drumline

#endif  // CONTROLLER_PAGE_PAGE_JSON_H_
