// Whether a run met its objectives: each bound of the scenario against what was measured.
//
//     SloEvaluation p99 = EvaluateBound(bound, {.measure = &book, .offered_rps = 1000, …});
//     p99.result.result()    // PASS, FAIL or INCONCLUSIVE
//     p99.reason             // why it is not a PASS
//
// PASS or FAIL if the whole 95 % interval meets or misses the bound; INCONCLUSIVE if the limit lies
// within it. An end that is open is the run's own extreme, unless
//
//   - there are too few samples for the quantile (quantile.h): no order statistic bounds it;
//   - the value is a lower bound, because requests at that quantile got no answer.
//
// Where there is no interval (mean, max, achieved, rss: they are counted or read, not estimated),
// and where the limit is the end of the scale (errors <= 0%), the measured value decides.
//
// Pure.
#ifndef CONTROLLER_REPORT_SLO_H_
#define CONTROLLER_REPORT_SLO_H_

#include <cstdint>
#include <string>

#include "core/block_series.h"
#include "core/book.h"
#include "core/histogram.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// What bounds are held against. Nothing is owned.
struct RunMeasures {
  const Book* measure = nullptr;
  double offered_rps = 0;
  double achieved_rps = 0;
  // Of the same response times; null where they are not known by their time.
  const BlockSeries* response_time_blocks = nullptr;
  // Null if the target was not scraped.
  const proto::TargetResources* resources = nullptr;
};

struct SloEvaluation {
  // Without run_id.
  proto::SloResult result;
  // Empty for a PASS.
  std::string reason;
};

SloEvaluation EvaluateBound(const proto::Bound& bound, const RunMeasures& measures);

// A quantile of the response times of `measure` and its 95 % interval, the wider of that from order
// statistics and that from blocks of time; ends that are lower bounds themselves are left open.
proto::QuantileEstimate EstimateQuantile(double q, const RunMeasures& measures);

// What a bound on a time is about, of any histogram that is not empty.
double MeasuredTimeNs(const proto::Bound& bound, const Histogram& histogram);

// Whether a value, in the unit of the bound's limit, meets the bound.
bool Satisfies(double value, const proto::Bound& bound);

// 95 % interval of a fraction, `hits` of `trials`: Wilson, J. Amer. Statist. Assoc. 22 (1927).
struct FractionInterval {
  double low = 0;
  double high = 1;
};
FractionInterval WilsonInterval(uint64_t hits, uint64_t trials);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_SLO_H_
