// RoundTripProbe: asks agents how far away targets are, and waits for what they say.
//
//     RoundTripProbe probe(&loop, &service);
//     RoundTripsByAgent round_trips = co_await probe.Ask({"gen-1", "gen-2"}, targets);
//     probe.OnProbed("gen-1", probed);       // from the service's events
//     probe.GiveUp();                        // ends the waiting
//
// Asked once. Used from the loop's thread.
#ifndef CONTROLLER_CAMPAIGN_ROUND_TRIP_PROBE_H_
#define CONTROLLER_CAMPAIGN_ROUND_TRIP_PROBE_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "controller/campaign/gate.h"
#include "controller/campaign/round_trips.h"
#include "controller/link/agent_link_service.h"
#include "proto/agent_link.pb.h"

namespace drumline {

class RoundTripProbe {
 public:
  // An agent must have answered by then, and by so much more for each target.
  static constexpr int64_t kLongestNs = 2'000'000'000;
  static constexpr int64_t kLongestEachNs = 3'000'000'000;

  RoundTripProbe(boost::asio::io_context* loop, AgentLinkService* service)
      : service_(service), all_probed_(loop) {}

  // An agent that does not answer in time has an empty answer.
  boost::asio::awaitable<RoundTripsByAgent> Ask(std::vector<std::string> agents,
                                                proto::Probe targets);
  void OnProbed(const std::string& agent_id, const proto::Probed& probed);
  void GiveUp() { all_probed_.Open(); }

 private:
  AgentLinkService* const service_;
  RoundTripsByAgent round_trips_;
  // The names of the targets.
  std::set<std::string> asked_;
  // Who has not answered yet.
  std::set<std::string> awaited_;
  Gate all_probed_;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_ROUND_TRIP_PROBE_H_
