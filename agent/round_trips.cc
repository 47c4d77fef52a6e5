#include "agent/round_trips.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/clock.h"

namespace drumline {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);

// The first address that load may be sent to.
asio::awaitable<absl::StatusOr<tcp::endpoint>> Locate(const proto::ProbeTarget& target,
                                                      const AllowList& allow_list) {
  tcp::resolver resolver(co_await asio::this_coro::executor);
  auto [error, found] = co_await resolver.async_resolve(
      target.host(), absl::StrCat(target.port()), tcp::resolver::numeric_service, kAwaitTuple);
  if (error) co_return absl::NotFoundError(absl::StrCat("no address: ", error.message()));
  for (const auto& entry : found) {
    const tcp::endpoint endpoint = entry.endpoint();
    if (allow_list.Allows(endpoint.address(), endpoint.port()) ||
        allow_list.AllowsName(target.host(), endpoint.port())) {
      co_return endpoint;
    }
  }
  co_return absl::PermissionDeniedError(
      allow_list.RefusalOf(target.host(), static_cast<uint16_t>(target.port())));
}

// How long one connection took to be made.
asio::awaitable<absl::StatusOr<int64_t>> ConnectOnce(tcp::endpoint endpoint) {
  boost::beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(kLongestProbe);
  const int64_t before_ns = MonotonicNowNs();
  const auto [error] = co_await stream.async_connect(endpoint, kAwaitTuple);
  const int64_t after_ns = MonotonicNowNs();
  if (error) co_return absl::UnavailableError(error.message());
  co_return after_ns - before_ns;
}

asio::awaitable<proto::RoundTrip> MeasureRoundTrip(proto::ProbeTarget target,
                                                   const AllowList& allow_list) {
  proto::RoundTrip trip;
  trip.set_target(target.name());
  const absl::StatusOr<tcp::endpoint> endpoint = co_await Locate(target, allow_list);
  if (!endpoint.ok()) {
    trip.set_fault(std::string(endpoint.status().message()));
    trip.set_not_allowed(absl::IsPermissionDenied(endpoint.status()));
    co_return trip;
  }
  int faults = 0;
  const auto last = std::chrono::steady_clock::now() + kLastProbeAfter;
  for (int i = 0; i < kProbeConnections && faults < kMostProbeFaults; ++i) {
    if (i > 0 && std::chrono::steady_clock::now() > last) break;
    const absl::StatusOr<int64_t> took_ns = co_await ConnectOnce(*endpoint);
    if (!took_ns.ok()) {
      ++faults;
      trip.set_fault(std::string(took_ns.status().message()));
      continue;
    }
    const bool first = trip.connections() == 0;
    trip.set_fastest_ns(first ? *took_ns : std::min(trip.fastest_ns(), *took_ns));
    trip.set_connections(trip.connections() + 1);
  }
  if (trip.connections() > 0) trip.clear_fault();
  co_return trip;
}

}  // namespace

asio::awaitable<proto::Probed> MeasureRoundTrips(proto::Probe probe, AllowList allow_list) {
  proto::Probed probed;
  for (const proto::ProbeTarget& target : probe.targets()) {
    if (probed.round_trips_size() < kMostProbeTargets) {
      *probed.add_round_trips() = co_await MeasureRoundTrip(target, allow_list);
      continue;
    }
    proto::RoundTrip& trip = *probed.add_round_trips();
    trip.set_target(target.name());
    trip.set_fault(absl::StrCat("not asked: more than ", kMostProbeTargets, " targets"));
  }
  co_return probed;
}

}  // namespace drumline
