// Quantiles of what a service served between two scrapes, by its own histogram.
//
//     std::optional<proto::ServedSummary> served = ServedBetween(first.served(), last.served());
//
// Counts of the later scrape less those of the earlier one; a quantile lies where its rank falls
// within its bucket, in a straight line between the bucket's bounds, as Prometheus's own
// histogram_quantile has it. In the last, unbounded bucket it is the bound before. Nothing where
// the buckets differ, a count has fallen, or nothing was served.
//
// Pure.
#ifndef CONTROLLER_REPORT_SERVED_TIMES_H_
#define CONTROLLER_REPORT_SERVED_TIMES_H_

#include <optional>

#include "proto/interval.pb.h"
#include "proto/report.pb.h"

namespace drumline {

std::optional<proto::ServedSummary> ServedBetween(const proto::ServedTimes& earlier,
                                                  const proto::ServedTimes& later);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_SERVED_TIMES_H_
