// In which order a scenario's runs are carried out.
//
//     for (const Seat& seat : OrderRuns(scenario)) …        // target, point, repeat
//
// interleaved: each repeat goes through all points of the matrix, and at each point through all
// targets. Repeats come in twos, of which the second has the targets in the opposite order of the
// first (A B, B A), so that a drift of the machines meets all targets alike; who begins in the
// first is drawn for each two, by the scenario's seed, so that nothing that happens at every second
// run takes sides (Box, Hunter, Hunter: Statistics for Experimenters, 2nd ed. 2005, section 3.1:
// randomisation). sequential: all repeats and points of the baseline, then of the next target. A
// search has one seat for each target and point; the runs that follow are added as it goes on.
// paired: each repeat goes through all points, and at each one both targets run at once, each by
// one half of the agents; which half is whose changes as who begins does in interleaved order.
//
// Pure.
#ifndef CONTROLLER_PLANNER_RUN_ORDER_H_
#define CONTROLLER_PLANNER_RUN_ORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "proto/scenario.pb.h"

namespace drumline {

// A point of the matrix; what it does not vary is null or 0. The payload is the scenario's own.
struct Point {
  const proto::Bytes* payload = nullptr;
  uint32_t threads = 0;
};

// Where one run stands in the campaign.
struct Seat {
  std::string target;
  Point point;
  uint32_t repeat = 1;
  // Seats of the same number, other than 0, are taken at once, by the first and the second half of
  // the agents.
  uint32_t pair = 0;
  uint32_t half = 0;
};

std::vector<Seat> OrderRuns(const proto::Scenario& scenario);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_RUN_ORDER_H_
