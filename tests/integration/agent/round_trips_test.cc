// Round trips over loopback: to a socket that listens, to one that does not, and to those that the
// agent may not send to.
#include "agent/round_trips.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <exception>
#include <string>

#include "agent/clock.h"

namespace drumline {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::IsEmpty;

class RoundTripsTest : public testing::Test {
 protected:
  void Ask(const std::string& name, const std::string& host, uint16_t port) {
    proto::ProbeTarget& target = *probe_.add_targets();
    target.set_name(name);
    target.set_host(host);
    target.set_port(port);
  }
  proto::Probed Answer(const AllowList& allowed = AllowList()) {
    proto::Probed answer;
    boost::asio::co_spawn(loop_, MeasureRoundTrips(probe_, allowed),
                          [&answer](const std::exception_ptr& bug, const proto::Probed& probed) {
                            if (bug) std::rethrow_exception(bug);
                            answer = probed;
                          });
    loop_.run();
    return answer;
  }

  boost::asio::io_context loop_;
  // Nobody accepts: the kernel answers all the same, as does that of a target that is busy.
  tcp::acceptor listener_{loop_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  const uint16_t port_ = listener_.local_endpoint().port();
  proto::Probe probe_;
};

TEST_F(RoundTripsTest, TheFastestOfAFewConnectionsIsTold) {
  Ask("near", "127.0.0.1", port_);
  const int64_t before_ns = MonotonicNowNs();
  const proto::Probed answer = Answer();
  const int64_t all_ns = MonotonicNowNs() - before_ns;
  ASSERT_EQ(answer.round_trips_size(), 1);
  const proto::RoundTrip& trip = answer.round_trips(0);
  EXPECT_EQ(trip.target(), "near");
  EXPECT_EQ(trip.connections(), uint32_t{kProbeConnections});
  EXPECT_THAT(trip.fault(), IsEmpty());
  EXPECT_GT(trip.fastest_ns(), 0);
  EXPECT_LE(trip.fastest_ns() * kProbeConnections, all_ns) << "no other was faster";
}

TEST_F(RoundTripsTest, WhatCannotBeReachedHasAFaultAndHindersNoOther) {
  const uint16_t closed = port_;
  listener_.close();
  tcp::acceptor other(loop_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  Ask("closed", "127.0.0.1", closed);
  Ask("near", "localhost", other.local_endpoint().port());
  const proto::Probed answer = Answer();
  ASSERT_EQ(answer.round_trips_size(), 2);
  EXPECT_EQ(answer.round_trips(0).connections(), 0U);
  EXPECT_THAT(answer.round_trips(0).fault(), HasSubstr("refused"));
  EXPECT_FALSE(answer.round_trips(0).not_allowed());
  EXPECT_EQ(answer.round_trips(1).connections(), uint32_t{kProbeConnections});
}

TEST_F(RoundTripsTest, WhereLoadMayNotGoNoConnectionGoes) {
  Ask("near", "127.0.0.1", port_);
  const proto::Probed answer = Answer(*AllowList::Parse({"10.0.0.0/8"}));
  ASSERT_EQ(answer.round_trips_size(), 1);
  EXPECT_EQ(answer.round_trips(0).connections(), 0U);
  EXPECT_THAT(answer.round_trips(0).fault(), HasSubstr("allow-list"));
  EXPECT_TRUE(answer.round_trips(0).not_allowed());
  listener_.non_blocking(true);
  boost::system::error_code error;
  tcp::socket none(loop_);
  listener_.accept(none, error);
  EXPECT_EQ(error, boost::asio::error::would_block);
}

TEST_F(RoundTripsTest, TooManyTargetsAreNamedAndNotAsked) {
  for (int i = 0; i < kMostProbeTargets; ++i) Ask("forbidden", "10.0.0.1", 80);
  Ask("near", "127.0.0.1", port_);
  const proto::Probed answer = Answer();
  ASSERT_EQ(answer.round_trips_size(), kMostProbeTargets + 1);
  EXPECT_THAT(answer.round_trips(kMostProbeTargets - 1).fault(), HasSubstr("allow-list"));
  const proto::RoundTrip& last = answer.round_trips(kMostProbeTargets);
  EXPECT_EQ(last.target(), "near");
  EXPECT_EQ(last.connections(), 0U);
  EXPECT_THAT(last.fault(), HasSubstr("not asked"));
}

}  // namespace
}  // namespace drumline
