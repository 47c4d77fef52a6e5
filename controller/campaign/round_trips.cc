#include "controller/campaign/round_trips.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace drumline {
namespace {

using proto::Finding;

// By target, of all agents.
std::map<std::string, int64_t> NearestNs(const RoundTripsByAgent& round_trips) {
  std::map<std::string, int64_t> nearest_ns;
  for (const auto& [agent_id, probed] : round_trips) {
    for (const proto::RoundTrip& trip : probed.round_trips()) {
      if (trip.connections() == 0) continue;
      const auto [found, first] = nearest_ns.emplace(trip.target(), trip.fastest_ns());
      if (!first) found->second = std::min(found->second, trip.fastest_ns());
    }
  }
  return nearest_ns;
}

proto::PreflightCheck Judge(const proto::Probed& probed,
                            const std::map<std::string, int64_t>& nearest_ns) {
  std::vector<std::string> found;
  bool known = probed.round_trips_size() > 0;
  bool near = true;
  bool allowed = true;
  for (const proto::RoundTrip& trip : probed.round_trips()) {
    if (trip.connections() == 0) {
      known = false;
      allowed = allowed && !trip.not_allowed();
      found.push_back(absl::StrCat(trip.target(), " not known: ", trip.fault()));
      continue;
    }
    near = near && trip.fastest_ns() <= nearest_ns.at(trip.target()) + kMostRoundTripSpreadNs;
    found.push_back(absl::StrFormat("%s %.0f µs", trip.target(), trip.fastest_ns() / 1e3));
  }
  proto::PreflightCheck check;
  check.set_id("round_trip");
  check.set_found(found.empty() ? "not known here" : absl::StrJoin(found, ", "));
  check.set_wanted(allowed ? absl::StrCat("at most ", kMostRoundTripSpreadNs / 1'000,
                                          " µs more than the nearest agent's")
                           : "each target on the agent's allow-list");
  check.set_finding(!allowed ? Finding::FATAL
                    : !near  ? Finding::WARNING
                    : known  ? Finding::OK
                             : Finding::NOT_KNOWN);
  if (!allowed) {
    check.set_remedy(
        "start it with an --allow that has the target: ADDRESS[/PREFIX][:PORT] or "
        "NAME[:PORT]");
  } else if (!near) {
    check.set_remedy(
        "place all agents alike: the same subnet, switch or placement group as the target's");
  }
  return check;
}

}  // namespace

proto::Probed OnlyPossible(const proto::Probed& probed, std::set<std::string> asked,
                           int64_t longest_ns) {
  proto::Probed kept;
  for (const proto::RoundTrip& trip : probed.round_trips()) {
    const bool possible = trip.fastest_ns() >= 0 && trip.fastest_ns() <= longest_ns;
    if (possible && asked.erase(trip.target()) > 0) *kept.add_round_trips() = trip;
  }
  return kept;
}

void JudgeRoundTrips(const RoundTripsByAgent& round_trips, proto::Preflight* preflight) {
  const std::map<std::string, int64_t> nearest_ns = NearestNs(round_trips);
  for (proto::HostPreflight& host : *preflight->mutable_hosts()) {
    for (const auto& [agent_id, probed] : round_trips) {
      if (host.role() == absl::StrCat("agent ", agent_id)) {
        *host.add_checks() = Judge(probed, nearest_ns);
      }
    }
  }
}

}  // namespace drumline
