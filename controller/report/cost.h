// What the answers cost, by the prices of the environment's file: each line with its formula and
// its inputs, and where each of them came from. What an input is missing for is not computed, and
// is named.
//
//     *report.mutable_cost() = CostsOf(plan, report);
//
//   a million requests at the SLO   price / (3600 s · knee) · 10⁶: the machine runs at the highest
//                                   rate that met the objectives. Needs a search.
//   a million requests by CPU       price / CPUs / 3600 s · CPU a request · 10⁶: what a request
//                                   takes of a machine that is full of other work.
//   machines for RATE               ⌈rate / knee⌉, and what a year of them costs: · 8766 h · price.
//   a year of 12 × 3 replicas       36 · 8766 h · price · the larger of the parts that a replica
//                                   takes of the machine's CPUs and of its memory, as measured.
//   three years of ownership        rate of an hour · hours + 3 · that year + 3 · bugs of a year
//   a year's penalties              max(0, errors − promised) · 8766 h · penalty
//
// The machine is the one on which the environment's targets run; where these are several kinds,
// nobody knows which is meant. A target that the controller started on its own machine ran on none
// of them, unless the environment has it at a loopback address. Of a search, the run that confirmed
// the knee is taken. Pure.
#ifndef CONTROLLER_REPORT_COST_H_
#define CONTROLLER_REPORT_COST_H_

#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

// Where the environment does not say.
inline constexpr uint32_t kReplicas = 12;
inline constexpr uint32_t kZones = 3;
// 365.25 days.
inline constexpr double kHoursOfAYear = 8766;
inline constexpr double kYearsOfOwnership = 3;

// [plan] has an environment's file. [report] has its runs and, of a search, its capacity.
proto::CostReport CostsOf(const proto::Plan& plan, const proto::Report& report);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COST_H_
