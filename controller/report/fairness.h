// Which facts of two campaigns differ, and whether a comparison of them is fair: the same load,
// made in the same way, on machines of the same kind.
//
//     for (const FactDifference& fact : DifferingFacts(baseline, contender)) {
//       if (fact.matters) …                                      // then it is not
//     }
//
// The facts are those of the controller's host, of the agents and of the runs. What the targets'
// own machines are like, nobody has told the controller. Pure.
#ifndef CONTROLLER_REPORT_FAIRNESS_H_
#define CONTROLLER_REPORT_FAIRNESS_H_

#include <string>
#include <vector>

#include "proto/report.pb.h"

namespace drumline {

struct FactDifference {
  // "CPU", "offered rate of echo".
  std::string name;
  std::string baseline;
  std::string contender;
  // Whether a difference of the figures may come from it alone.
  bool matters = false;
};

// Offered rates within this part of each other are the same.
inline constexpr double kSameRate = 0.01;

// Those that matter first.
std::vector<FactDifference> DifferingFacts(const proto::Report& baseline,
                                           const proto::Report& contender);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_FAIRNESS_H_
