// What an agent will not do, whoever asks.
#include "agent/own_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace drumline {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

// This agent's share: two of [lanes] lanes of a ramp up to [peak] requests a second.
proto::Slice SliceOf(int64_t peak, uint64_t lanes) {
  constexpr int64_t kMicroPerHour = 3'600'000'000;
  proto::Slice slice;
  slice.set_host("target.lab");
  slice.set_port(8080);
  proto::RateSegment& ramp = *slice.mutable_load()->add_segments();
  ramp.mutable_from()->set_micro_per_hour(peak / 2 * kMicroPerHour);
  ramp.mutable_to()->set_micro_per_hour(peak * kMicroPerHour);
  slice.mutable_load()->add_segments()->mutable_from()->set_micro_per_hour(kMicroPerHour);
  for (uint64_t first : {0, 1}) {
    proto::WorkerSlice& worker = *slice.add_workers();
    worker.mutable_lane()->set_first(first);
    worker.mutable_lane()->set_stride(lanes);
    worker.set_connections(5);
  }
  return slice;
}

std::string Refusal(const OwnLimits& limits, const proto::Slice& slice) {
  const boost::asio::ip::tcp::endpoint target(boost::asio::ip::make_address("127.0.0.1"), 8080);
  const absl::Status status = CheckLimits(limits, slice, target);
  EXPECT_TRUE(status.ok() || absl::IsPermissionDenied(status)) << status;
  return std::string(status.message());
}

TEST(OwnLimits, ThePeakOfItsOwnShareCounts) {
  EXPECT_DOUBLE_EQ(PlannedPeak(SliceOf(900, 6), ShareOfBeats(SliceOf(900, 6))), 300);
  OwnLimits limits;
  EXPECT_THAT(Refusal(limits, SliceOf(9'000'000, 2)), IsEmpty()) << "no ceiling";
  limits.max_rate = 300;
  EXPECT_THAT(Refusal(limits, SliceOf(900, 6)), IsEmpty());
  limits.max_rate = 299;
  EXPECT_THAT(Refusal(limits, SliceOf(900, 6)),
              AllOf(HasSubstr("300"), HasSubstr("299"), HasSubstr("--max-rate")));
}

TEST(OwnLimits, WhatIsTakenOverCountsToo) {
  const proto::Slice slice = SliceOf(900, 6);
  OwnLimits limits;
  EXPECT_EQ(CheckShare(limits, slice, 1), absl::OkStatus()) << "no ceiling";
  limits.max_rate = 450;
  EXPECT_EQ(CheckShare(limits, slice, 1.0 / 2), absl::OkStatus());
  const absl::Status refused = CheckShare(limits, slice, 1.0 / 2 + 1.0 / 12);
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refused.message()), AllOf(HasSubstr("525"), HasSubstr("450")));
}

TEST(OwnLimits, AClosedLoopHasNoRateToHold) {
  proto::Slice slice = SliceOf(900, 6);
  slice.mutable_load()->set_closed_loop(true);
  OwnLimits limits;
  EXPECT_THAT(Refusal(limits, slice), IsEmpty());
  limits.max_rate = 1e9;
  EXPECT_THAT(Refusal(limits, slice), HasSubstr("closed loop"));
}

TEST(OwnLimits, ConnectionsOfAllWorkersCount) {
  OwnLimits limits;
  limits.max_connections = 10;
  EXPECT_THAT(Refusal(limits, SliceOf(900, 6)), IsEmpty());
  limits.max_connections = 9;
  EXPECT_THAT(Refusal(limits, SliceOf(900, 6)), HasSubstr("--max-connections"));
}

TEST(OwnLimits, TheTargetIsAllowedByAddressOrByName) {
  const auto allowing = [](const char* entry) {
    return OwnLimits{.allow_list = *AllowList::Parse({entry})};
  };
  EXPECT_THAT(Refusal(allowing("127.0.0.1:8080"), SliceOf(1, 1)), IsEmpty());
  EXPECT_THAT(Refusal(allowing("target.lab:8080"), SliceOf(1, 1)), IsEmpty());
  EXPECT_THAT(Refusal(allowing("127.0.0.1:80"), SliceOf(1, 1)), HasSubstr("allow-list"));
  EXPECT_THAT(Refusal(allowing("other.lab"), SliceOf(1, 1)), HasSubstr("other.lab"));
}

TEST(OwnLimits, CeilingsAreReadExactly) {
  EXPECT_DOUBLE_EQ(*ParseCeiling("250"), 250);
  EXPECT_DOUBLE_EQ(*ParseCeiling("250/s"), 250);
  EXPECT_DOUBLE_EQ(*ParseCeiling("1.5k"), 1500);
  EXPECT_DOUBLE_EQ(*ParseCeiling("2M/s"), 2e6);
  for (const char* text :
       {"", "/s", "k", "-1", "+1", "0", "1e3", "1/m", "1 k", "1G", "nan", "1..2"}) {
    EXPECT_FALSE(ParseCeiling(text).ok()) << text;
  }
}

}  // namespace
}  // namespace drumline
