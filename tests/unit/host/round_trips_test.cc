// What is made of the agents' distances from the targets.
#include "controller/campaign/round_trips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace drumline {
namespace {

using proto::Finding;
using testing::IsEmpty;
using testing::Not;

void Add(const std::string& target, int64_t fastest_ns, proto::Probed* probed) {
  proto::RoundTrip& trip = *probed->add_round_trips();
  trip.set_target(target);
  trip.set_connections(10);
  trip.set_fastest_ns(fastest_ns);
}

class RoundTripsTest : public testing::Test {
 protected:
  // Of the agent, in a preflight of the controller and all agents.
  proto::PreflightCheck CheckOf(const std::string& agent_id) const {
    proto::Preflight preflight;
    preflight.add_hosts()->set_role("controller");
    for (const auto& [id, probed] : round_trips_) preflight.add_hosts()->set_role("agent " + id);
    JudgeRoundTrips(round_trips_, &preflight);
    EXPECT_EQ(preflight.hosts(0).checks_size(), 0) << "no load comes from the controller's host";
    for (const proto::HostPreflight& host : preflight.hosts()) {
      if (host.role() == "agent " + agent_id && host.checks_size() == 1) return host.checks(0);
    }
    ADD_FAILURE() << "no check, or more than one, of " << agent_id;
    return {};
  }

  RoundTripsByAgent round_trips_;
};

TEST_F(RoundTripsTest, WhoIsFurtherAwayThanTheNearestIsWarnedOf) {
  Add("old", 100'000, &round_trips_["a"]);
  Add("old", 150'000, &round_trips_["b"]);
  Add("old", 150'001, &round_trips_["c"]);
  EXPECT_EQ(CheckOf("a").id(), "round_trip");
  EXPECT_EQ(CheckOf("a").found(), "old 100 µs");
  EXPECT_EQ(CheckOf("a").finding(), Finding::OK);
  EXPECT_EQ(CheckOf("b").finding(), Finding::OK);
  EXPECT_EQ(CheckOf("c").finding(), Finding::WARNING);
  EXPECT_THAT(CheckOf("c").remedy(), Not(IsEmpty()));
  EXPECT_THAT(CheckOf("b").remedy(), IsEmpty());
}

TEST_F(RoundTripsTest, EachTargetIsHeldAgainstItsOwnNearestAgent) {
  Add("old", 100'000, &round_trips_["a"]);
  Add("new", 900'000, &round_trips_["a"]);
  Add("old", 100'000, &round_trips_["b"]);
  Add("new", 800'000, &round_trips_["b"]);
  EXPECT_EQ(CheckOf("a").finding(), Finding::WARNING);
  EXPECT_EQ(CheckOf("b").finding(), Finding::OK);
}

TEST_F(RoundTripsTest, WhoMayNotSendToATargetCannotTakePart) {
  Add("old", 100'000, &round_trips_["a"]);
  proto::RoundTrip& forbidden = *round_trips_["a"].add_round_trips();
  forbidden.set_target("new");
  forbidden.set_fault("not on this agent's allow-list");
  forbidden.set_not_allowed(true);
  Add("new", 100'000, &round_trips_["b"]);
  EXPECT_EQ(CheckOf("a").finding(), Finding::FATAL);
  EXPECT_EQ(CheckOf("a").found(), "old 100 µs, new not known: not on this agent's allow-list");
  EXPECT_THAT(CheckOf("a").remedy(), testing::HasSubstr("--allow"));
  EXPECT_EQ(CheckOf("b").finding(), Finding::OK);
}

TEST(OnlyPossibleTest, WhatIsNotAskedOrCannotBeIsDropped) {
  proto::Probed said;
  Add("old", 100'000, &said);
  Add("old", 1, &said);
  Add("elsewhere", 100'000, &said);
  Add("new", -1, &said);
  Add("new", 3'000'001, &said);
  Add("new", 3'000'000, &said);
  const proto::Probed kept = OnlyPossible(said, {"old", "new"}, 3'000'000);
  ASSERT_EQ(kept.round_trips_size(), 2);
  EXPECT_EQ(kept.round_trips(0).target(), "old");
  EXPECT_EQ(kept.round_trips(0).fastest_ns(), 100'000);
  EXPECT_EQ(kept.round_trips(1).target(), "new");
  EXPECT_EQ(kept.round_trips(1).fastest_ns(), 3'000'000);
}

TEST_F(RoundTripsTest, WhatIsNotKnownIsSaidAndHeldAgainstNobody) {
  Add("old", 100'000, &round_trips_["a"]);
  proto::RoundTrip& closed = *round_trips_["a"].add_round_trips();
  closed.set_target("new");
  closed.set_fault("Connection refused");
  round_trips_["silent"] = {};
  EXPECT_EQ(CheckOf("a").finding(), Finding::NOT_KNOWN);
  EXPECT_EQ(CheckOf("a").found(), "old 100 µs, new not known: Connection refused");
  EXPECT_EQ(CheckOf("silent").finding(), Finding::NOT_KNOWN);
  EXPECT_EQ(CheckOf("silent").found(), "not known here");
  Add("old", 10'000, &round_trips_["b"]);
  EXPECT_EQ(CheckOf("a").finding(), Finding::WARNING);
}

}  // namespace
}  // namespace drumline
