// Fleet: the agents and targets of a campaign. Without a cluster in the scenario they are children
// of this program on this machine; with one, agents dial in and targets run elsewhere.
//
//     Fleet fleet(&loop, scenario, terms, bundle.LogPath…, events);
//     absl::Status ready = co_await fleet.Assemble();
//     fleet.SlicesOf(run);              // one for each agent, with the target's address
//     co_await fleet.Disband();
//
// Lives on the loop and is used from its thread.
#ifndef CONTROLLER_CAMPAIGN_FLEET_H_
#define CONTROLLER_CAMPAIGN_FLEET_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/campaign/cluster_terms.h"
#include "controller/campaign/roster.h"
#include "controller/campaign/round_trip_probe.h"
#include "controller/campaign/round_trips.h"
#include "controller/fleet/local_fleet.h"
#include "controller/link/agent_link_service.h"
#include "controller/scenario/url.h"
#include "controller/scrape/metrics_source.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// What an owner wants to hear of.
struct FleetEvents {
  std::function<void(const proto::Join&)> joined;
  std::function<void(const std::string& agent_id, const proto::FromAgent&, int64_t received_ns)>
      said;
  std::function<void(const std::string& agent_id)> left;
  // Its part is over, though it may go on somewhere until its lease has run out.
  std::function<void(const std::string& agent_id, const std::string& how)> lost;
  // Children of a local fleet: gone for good.
  std::function<void(const std::string& agent_id, const std::string& how)> agent_died;
  std::function<void(const std::string& target, const std::string& how)> target_died;
  // For the person who waits.
  std::function<void(const std::string& text)> note;
};

// What agents know a controller by: HOST:PATH. A bundle has one writer at a time and keeps its name
// when it is resumed, so that its path is as good as a name.
std::string ControllerIdOf(const std::string& path);

class Fleet {
 public:
  // An agent of the local fleet must have joined by then.
  static constexpr int64_t kLocalJoinNs = 20'000'000'000;
  // A service that is started anew must have answered by then.
  static constexpr int64_t kFirstAnswerNs = 10'000'000'000;

  // [scenario] must outlive the fleet. Children's output goes to files in [log_directory].
  // Files that it names are relative to [directory].
  // [controller_id] is what agents know this controller by.
  Fleet(boost::asio::io_context* loop, const proto::Scenario& scenario, std::string directory,
        ClusterTerms terms, const std::string& log_directory, std::string controller_id,
        FleetEvents events);

  // Returns when all targets are there and all agents that are waited for have joined. Unavailable,
  // naming who is missing, if they do not.
  boost::asio::awaitable<absl::Status> Assemble();
  // Before each run: starts the run's target anew, if the scenario wants each run to begin cold, or
  // each repeat, and this is the first run of one.
  boost::asio::awaitable<absl::Status> PrepareRun(const proto::RunPlan& run);
  boost::asio::awaitable<void> Disband();
  // Of a cluster, once it is assembled: how far each agent of the crew is from each target that is
  // there by then. An agent that does not answer in time has no answer.
  boost::asio::awaitable<RoundTripsByAgent> MeasureRoundTrips();
  // Ends an Assemble, or a MeasureRoundTrips, that is waiting.
  void GiveUp() {
    roster_.GiveUp();
    round_trip_probe_.GiveUp();
  }

  const Roster& roster() const { return roster_; }
  AgentLinkService* service() { return &service_; }
  // The agents that take part: the first agents.count of those who are there (and are expected, if
  // the terms name whom to expect).
  std::vector<std::string> Crew() const;
  // What they said of themselves.
  std::vector<proto::Join> CrewJoins() const;
  std::map<std::string, proto::Slice> SlicesOf(const proto::RunPlan& run,
                                               const proto::Plan& plan) const;
  // Where the metrics of the run's target are read; nothing where it has none.
  std::optional<MetricsSource> MetricsOf(const proto::RunPlan& run) const;
  // Of a target whose process begins with this run: from its exec to its first complete answer.
  std::optional<int64_t> ColdStartNs(const proto::RunPlan& run) const;
  // The executables of the targets that this fleet starts: of each, and in `target_sha256` the sums
  // of each kind in the order of their names, with a blank between.
  void DescribeServices(proto::Environment* environment) const;

 private:
  struct TargetAddress {
    std::string host;
    uint16_t port = 0;
    std::string authority;
    std::optional<proto::TlsPlan> tls;
    std::optional<MetricsSource> metrics;
    // Of a service that was started here.
    std::string service_id;
    std::optional<int64_t> cold_start_ns;
    // The run with which its process began to serve, and that run's repeat.
    std::string first_run;
    uint32_t repeat = 0;
  };

  // One target of the scenario; where the matrix varies threads, one for each number of them.
  struct TargetKey {
    std::string name;
    // Of a service that is started; 0 of any other.
    uint32_t threads = 0;
    auto operator<=>(const TargetKey&) const = default;
  };

  TargetKey KeyOf(const proto::RunPlan& run) const;
  bool IsStale(const TargetAddress& address, const proto::RunPlan& run) const;
  bool MovesItsServices() const;
  boost::asio::awaitable<absl::Status> StartTargets(const std::string& name,
                                                    const proto::Target& target);
  boost::asio::awaitable<absl::Status> StartTarget(TargetKey key);
  absl::Status LocateTarget(const std::string& name, const proto::Target& target);
  boost::asio::awaitable<std::vector<std::string>> AllowedTargets();
  AgentLinkService::Events ServiceEvents();
  void OnJoined(const proto::Join& join);
  // Gives the local agents, or those that dial in, their time to join.
  boost::asio::awaitable<absl::Status> GatherAgents(int port);
  bool AllPresent() const;
  std::string MissingAgents() const;
  // "4 agents", "the agents gen-1 and gen-2".
  std::string AwaitedAgents() const;
  uint32_t AwaitedCount() const;

  boost::asio::io_context* const loop_;
  const proto::Scenario& scenario_;
  const std::string directory_;
  const ClusterTerms terms_;
  const FleetEvents events_;
  Roster roster_;
  AgentLinkService service_;
  // What agents that have another controller said of it; they dial again and again.
  std::set<std::string> declined_;
  LocalFleet local_;
  std::map<TargetKey, TargetAddress> targets_;
  RoundTripProbe round_trip_probe_;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_FLEET_H_
