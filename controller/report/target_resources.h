// What the target used during the measured window, from the scrapes of its own metrics.
//
//     ResourceSummary used = SummarizeScrapes(scrapes, {.run_id = id, .target = "dom", …});
//     if (!used.resources) …                    // the target has no metrics
//
// Pure.
#ifndef CONTROLLER_REPORT_TARGET_RESOURCES_H_
#define CONTROLLER_REPORT_TARGET_RESOURCES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/interval.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// The measured window of one run.
struct ScrapeWindow {
  std::string run_id;
  std::string target;
  // From the common start; scrapes at either end belong to it.
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  // Complete responses a second within it.
  double answered_per_second = 0;
};

struct ResourceSummary {
  // Nothing if the window holds neither a reading nor a gap: nobody scraped. A value that the
  // target does not export is 0.
  std::optional<proto::TargetResources> resources;
  // What a reader must know to read the figures: gaps, values that are not exported, a restart.
  std::vector<std::string> remarks;
};

// CPU: the difference between the first and the last reading in the window over the time between
// them; a request's share of it is known only where these span the window. RSS: mean, maximum and
// the slope of a straight line with its interval (trend.h); each new connection's part of it where
// there was a reading before the run. Counters that fell, or a start that changed, are another
// process: counted, told, and nothing is made of the counters then.
ResourceSummary SummarizeScrapes(const std::vector<proto::Scrape>& scrapes,
                                 const ScrapeWindow& window);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_TARGET_RESOURCES_H_
