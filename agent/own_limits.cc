#include "agent/own_limits.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace drumline {
namespace {

// proto::Rate counts millionths of a request an hour.
constexpr double kMicroPerHour = 3'600.0 * 1'000'000;
// So that a share of an exact plan does not exceed its ceiling by an error of rounding.
constexpr double kRounding = 1e-9;

uint64_t ConnectionsOf(const proto::Slice& slice) {
  uint64_t sum = 0;
  for (const proto::WorkerSlice& worker : slice.workers()) sum += worker.connections();
  return sum;
}

absl::Status CheckTarget(const OwnLimits& limits, const proto::Slice& slice,
                         const boost::asio::ip::tcp::endpoint& target) {
  if (limits.allow_list.Allows(target.address(), target.port()) ||
      limits.allow_list.AllowsName(slice.host(), target.port())) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(absl::StrCat(
      "the target ", limits.allow_list.RefusalOf(slice.host(), static_cast<uint16_t>(slice.port())),
      ": start the agent with --allow ", target.address().to_string()));
}

absl::Status CheckRate(const OwnLimits& limits, const proto::Slice& slice) {
  if (limits.max_rate <= 0) return absl::OkStatus();
  if (slice.load().closed_loop()) {
    return absl::PermissionDeniedError(
        absl::StrCat("a closed loop sends as fast as it is answered, and this agent has a ceiling "
                     "of ",
                     limits.max_rate, " requests a second (--max-rate): use an open loop"));
  }
  return CheckShare(limits, slice, ShareOfBeats(slice));
}

}  // namespace

double ShareOfBeats(const proto::Slice& slice) {
  double share = 0;
  for (const proto::WorkerSlice& worker : slice.workers()) {
    if (worker.lane().stride() > 0) share += 1.0 / static_cast<double>(worker.lane().stride());
  }
  return share;
}

double PlannedPeak(const proto::Slice& slice, double share) {
  if (slice.load().closed_loop()) return 0;
  int64_t peak = 0;
  for (const proto::RateSegment& segment : slice.load().segments()) {
    peak = std::max({peak, segment.from().micro_per_hour(), segment.to().micro_per_hour()});
  }
  return static_cast<double>(peak) / kMicroPerHour * share;
}

absl::Status CheckLimits(const OwnLimits& limits, const proto::Slice& slice,
                         const boost::asio::ip::tcp::endpoint& target) {
  if (!slice.has_null_service()) {
    if (absl::Status status = CheckTarget(limits, slice, target); !status.ok()) return status;
  }
  const uint64_t connections = ConnectionsOf(slice);
  if (limits.max_connections > 0 && connections > limits.max_connections) {
    return absl::PermissionDeniedError(
        absl::StrCat(connections, " connections are above this agent's ceiling of ",
                     limits.max_connections, " (--max-connections): use more agents"));
  }
  return slice.has_null_service() ? absl::OkStatus() : CheckRate(limits, slice);
}

absl::Status CheckShare(const OwnLimits& limits, const proto::Slice& slice, double share) {
  if (limits.max_rate <= 0) return absl::OkStatus();
  if (const double peak = PlannedPeak(slice, share); peak > limits.max_rate * (1 + kRounding)) {
    return absl::PermissionDeniedError(
        absl::StrCat("a peak of ", peak, " requests a second is above this agent's ceiling of ",
                     limits.max_rate, " (--max-rate): use more agents"));
  }
  return absl::OkStatus();
}

proto::AgentLimits ToProto(const OwnLimits& limits) {
  proto::AgentLimits message;
  message.set_max_rate(limits.max_rate);
  message.set_max_connections(limits.max_connections);
  for (std::string& entry : limits.allow_list.Entries()) message.add_allow(std::move(entry));
  return message;
}

absl::StatusOr<double> ParseCeiling(absl::string_view text) {
  absl::string_view number = text;
  absl::ConsumeSuffix(&number, "/s");
  double factor = 1;
  if (absl::ConsumeSuffix(&number, "k")) {
    factor = 1e3;
  } else if (absl::ConsumeSuffix(&number, "M")) {
    factor = 1e6;
  }
  double rate = 0;
  const bool digits = !number.empty() && std::all_of(number.begin(), number.end(), [](char c) {
    return absl::ascii_isdigit(c) || c == '.';
  });
  if (!digits || !absl::SimpleAtod(number, &rate) || rate <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", text, "` is not a rate above 0, for example 20k/s"));
  }
  return rate * factor;
}

}  // namespace drumline
