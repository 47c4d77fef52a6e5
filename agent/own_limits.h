// OwnLimits: what this agent will never do, whoever asks: its allow-list and its ceilings. They are
// given when the agent is started and hold against every controller.
//
//     OwnLimits limits;                                 // loopback alone, no ceilings
//     limits.max_rate = *ParseCeiling("20k/s");
//     absl::Status status = CheckLimits(limits, slice, endpoint);
//     // PermissionDenied, in words: what was asked, what is allowed, which flag would allow it
//
// A ceiling refuses; nothing is ever slowed down in silence. A rate is that of the plan: the
// highest that its segments reach, times this agent's share of the beats. (Poisson arrivals and
// beats that are made up for after a stall may come closer together for a moment.) A closed loop
// has no rate that could be held against a ceiling, and an agent with one refuses it.
//
// Load on a null service (Slice.null_service) leaves the agent's program nowhere: allow-list and
// ceiling of rate are about others and do not hold it back. That of connections does.
//
// Immutable once filled; any thread.
#ifndef AGENT_OWN_LIMITS_H_
#define AGENT_OWN_LIMITS_H_

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/allow_list.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

struct OwnLimits {
  AllowList allow_list;
  // Requests a second; 0: no ceiling.
  double max_rate = 0;
  // 0: no ceiling but that of open files.
  uint64_t max_connections = 0;
};

// PermissionDenied if [slice], of which the target was found at [target], asks for more than
// [limits] allow.
absl::Status CheckLimits(const OwnLimits& limits, const proto::Slice& slice,
                         const boost::asio::ip::tcp::endpoint& target);
// PermissionDenied if [share] of all beats of the plan, those of lost agents included, is more than
// the ceiling on the rate.
absl::Status CheckShare(const OwnLimits& limits, const proto::Slice& slice, double share);
// What a controller is told.
proto::AgentLimits ToProto(const OwnLimits& limits);

// The part of the plan's beats that the slice's lanes are: 0 to 1.
double ShareOfBeats(const proto::Slice& slice);
// The highest rate that [slice] plans for [share] of its beats, in requests a second; 0 in a closed
// loop.
double PlannedPeak(const proto::Slice& slice, double share);

// "20000", "20k", "20k/s", "1.5M/s".
absl::StatusOr<double> ParseCeiling(absl::string_view text);

}  // namespace drumline

#endif  // AGENT_OWN_LIMITS_H_
