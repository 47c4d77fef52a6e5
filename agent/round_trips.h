// Round trips: how far away targets are, measured with nothing but connections that are opened and
// closed again.
//
//     asio::co_spawn(loop, MeasureRoundTrips(probe, allow_list), [](auto, proto::Probed probed)
//     {…});
//
// A connection is made once the target's kernel has answered, whatever its program is at: one way
// there and one back. The fastest of a few leaves out whom the loop or the network kept waiting.
// Targets that are not on the allow-list are not connected to.
//
// Runs on the loop of the coroutine; nothing else may keep it busy meanwhile.
#ifndef AGENT_ROUND_TRIPS_H_
#define AGENT_ROUND_TRIPS_H_

#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "agent/allow_list.h"
#include "proto/agent_link.pb.h"

namespace drumline {

// To each target, one after another.
inline constexpr int kProbeConnections = 10;
// Of one connection, and how long after a target's first one the last may begin: the controller
// waits for three seconds for each.
inline constexpr std::chrono::seconds kLongestProbe{1};
inline constexpr std::chrono::seconds kLastProbeAfter{2};
// A target to which so many connections failed, in whatever way, is not asked again.
inline constexpr int kMostProbeFaults = 3;
// Further ones are not asked, and named as such.
inline constexpr int kMostProbeTargets = 64;

boost::asio::awaitable<proto::Probed> MeasureRoundTrips(proto::Probe probe, AllowList allow_list);

}  // namespace drumline

#endif  // AGENT_ROUND_TRIPS_H_
