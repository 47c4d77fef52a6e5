#include "controller/campaign/round_trip_probe.h"

#include <utility>

#include "controller/campaign/clock.h"

namespace drumline {

boost::asio::awaitable<RoundTripsByAgent> RoundTripProbe::Ask(std::vector<std::string> agents,
                                                              proto::Probe targets) {
  const int64_t patience_ns = kLongestNs + kLongestEachNs * targets.targets_size();
  for (const proto::ProbeTarget& target : targets.targets()) asked_.insert(target.name());
  proto::ToAgent message;
  *message.mutable_probe() = std::move(targets);
  for (const std::string& agent_id : agents) {
    round_trips_[agent_id] = {};
    awaited_.insert(agent_id);
    service_->Send(agent_id, message);
  }
  co_await all_probed_.WaitUntil(SteadyInstant(MonotonicNowNs() + patience_ns));
  awaited_.clear();
  co_return round_trips_;
}

void RoundTripProbe::OnProbed(const std::string& agent_id, const proto::Probed& probed) {
  if (awaited_.erase(agent_id) == 0) return;
  round_trips_[agent_id] = OnlyPossible(probed, asked_, kLongestEachNs);
  if (awaited_.empty()) all_probed_.Open();
}

}  // namespace drumline
