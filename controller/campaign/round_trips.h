// The round trips between agents and targets, held against each other: agents that are not equally
// far from a target do not measure the same.
//
//     JudgeRoundTrips(co_await fleet.MeasureRoundTrips(), &preflight);
//
// Pure.
#ifndef CONTROLLER_CAMPAIGN_ROUND_TRIPS_H_
#define CONTROLLER_CAMPAIGN_ROUND_TRIPS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "proto/agent_link.pb.h"
#include "proto/preflight.pb.h"

namespace drumline {

// What each agent that was asked has answered; empty where it did not.
using RoundTripsByAgent = std::map<std::string, proto::Probed>;

// How much further from a target than the nearest agent any other may be.
inline constexpr int64_t kMostRoundTripSpreadNs = 50'000;

// An agent may say anything: what was not asked, is said twice, or is longer than [longest_ns] is
// dropped.
proto::Probed OnlyPossible(const proto::Probed& probed, std::set<std::string> asked,
                           int64_t longest_ns);

// Adds the check `round_trip` to each of the agents that were asked.
void JudgeRoundTrips(const RoundTripsByAgent& round_trips, proto::Preflight* preflight);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_ROUND_TRIPS_H_
