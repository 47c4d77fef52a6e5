// What the answers cost, by the prices of the environment's file: each line with its formula and
// its inputs. What an input is missing for is not computed, and that is said.
//
//     *report.mutable_cost() = CostsOf(plan.environment_file(), report);
//
//   a million requests at the SLO   price of a machine / (3600 · knee) · 10⁶: the machine runs at
//                                   the highest rate that met the objectives. Needs a search.
//   a million requests by CPU       price of a logical CPU · CPU time of a request · 10⁶. What a
//                                   request takes of a machine that is full of other work.
//   a year of 12 × 3 replicas       36 · 8766 h · price · the larger of the parts that a replica
//   takes
//                                   of the machine's CPUs and of its memory, as measured.
//
// The machine is the one on which the environment's targets run; where these are several kinds,
// nobody knows which is meant. Of a search, the run that confirmed the knee is taken. The rate that
// a service has to bear, and costs of development, incidents and penalties, are no part of an
// environment: what follows from them is not computed. Pure.
#ifndef CONTROLLER_REPORT_COST_H_
#define CONTROLLER_REPORT_COST_H_

#include "proto/environment.pb.h"
#include "proto/report.pb.h"

namespace drumline {

inline constexpr int kReplicas = 12;
inline constexpr int kZones = 3;
// 365.25 days.
inline constexpr double kHoursOfAYear = 8766;

// [report] has its runs and, of a search, its capacity.
proto::CostReport CostsOf(const proto::EnvironmentFile& environment, const proto::Report& report);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_COST_H_
