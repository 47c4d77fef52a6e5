#include "tests/benchmark/floor/traffic.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace drumline::floor {
namespace {

constexpr int64_t kStart = 1'000'000'007;

TEST(Beats, AreAtEqualDistancesToTheNanosecond) {
  Beats beats(kStart, 3, 1, 7);
  std::vector<int64_t> offsets;
  for (; beats.Left(); beats.Next()) {
    EXPECT_EQ(beats.ReleaseNs(), beats.IntendedNs());
    offsets.push_back(beats.IntendedNs() - kStart);
  }
  EXPECT_EQ(offsets, (std::vector<int64_t>{0, 333333333, 666666666, 1000000000, 1333333333,
                                           1666666666, 2000000000}));
}

TEST(Beats, AreReleasedAtTheTickThatIsNotBeforeThem) {
  constexpr int64_t kTick = 1'000'000;
  Beats beats(kStart, 20'000, kTick, 100);
  for (int64_t i = 0; beats.Left(); ++i, beats.Next()) {
    ASSERT_EQ(beats.IntendedNs(), kStart + i * 50'000);
    // 20 beats a tick; the one on the tick itself goes with the 19 before it.
    ASSERT_EQ(beats.ReleaseNs(), kStart + (i + 19) / 20 * kTick) << i;
  }
}

TEST(Samples, GiveTheQuantilesOfAKnownDistribution) {
  Samples samples(1000);
  // 1 to 1000 µs, in an order of their own: 11 is a primitive root of the prime 1009.
  int64_t value = 1;
  for (int i = 0; i < 1008; ++i, value = value * 11 % 1009) {
    if (value <= 1000) samples.Add(value * 1000);
  }
  const Quantiles quantiles = samples.Summarize();
  EXPECT_EQ(quantiles.count, 1000);
  EXPECT_EQ(quantiles.dropped, 0);
  EXPECT_EQ(quantiles.p50_us, 500);
  EXPECT_EQ(quantiles.p99_us, 990);
  EXPECT_EQ(quantiles.p99_9_us, 999);
  EXPECT_EQ(quantiles.max_us, 1000);
}

TEST(Samples, RoundTheRankUp) {
  Samples samples(3);
  for (int64_t ns : {3000, 1000, 2000}) samples.Add(ns);
  const Quantiles quantiles = samples.Summarize();
  EXPECT_EQ(quantiles.p50_us, 2);
  EXPECT_EQ(quantiles.p99_us, 3);
}

TEST(Samples, CountWhatFoundNoRoom) {
  Samples samples(2);
  for (int64_t ns : {3000, 1000, 2000}) samples.Add(ns);
  const Quantiles quantiles = samples.Summarize();
  EXPECT_EQ(quantiles.count, 2);
  EXPECT_EQ(quantiles.dropped, 1);
  EXPECT_EQ(quantiles.max_us, 3);
}

Plan RatePlan() {
  Plan plan;
  plan.closed = false;
  plan.connections = 2;
  plan.seconds = 1;
  plan.rate_per_second = 4;
  return plan;
}

TEST(Traffic, SendsABeatWhenItIsDueAndAConnectionIsFree) {
  Traffic traffic(RatePlan(), 10);
  traffic.Start(kStart);
  const std::optional<int> first = traffic.TakeDue(kStart);
  ASSERT_TRUE(first);
  traffic.Sent(*first, kStart + 5'000);
  EXPECT_FALSE(traffic.TakeDue(kStart));
  EXPECT_EQ(traffic.WakeNs(), kStart + 250'000'000);

  const std::optional<int> second = traffic.TakeDue(kStart + 600'000'000);
  ASSERT_TRUE(second);
  EXPECT_NE(*first, *second);
  traffic.Sent(*second, kStart + 600'000'000);
  // The third beat is due too, but must wait for a connection: no clock wakes it.
  EXPECT_FALSE(traffic.TakeDue(kStart + 600'000'000));
  EXPECT_EQ(traffic.WakeNs(), kStart + 1'000'000'000 + Traffic::kDrainNs);

  traffic.Answered(*first, kStart + 700'000'000);
  EXPECT_EQ(traffic.TakeDue(kStart + 700'000'000), first);
  traffic.Sent(*first, kStart + 700'000'000);
  EXPECT_EQ(traffic.in_flight(), 2);
  EXPECT_EQ(traffic.answered(), 1);

  traffic.Answered(*second, kStart + 800'000'000);
  EXPECT_EQ(traffic.TakeDue(kStart + 800'000'000), second);
  traffic.Sent(*second, kStart + 800'000'000);
  traffic.Answered(*second, kStart + 801'000'000);
  EXPECT_FALSE(traffic.Over(kStart + 801'000'000));
  traffic.Answered(*first, kStart + 802'000'000);
  EXPECT_TRUE(traffic.Over(kStart + 802'000'000));

  // Beats at 0, 250, 500 and 750 ms; sent at 0.005, 600, 700 and 800; answered at 700, 800, 802,
  // 801.
  EXPECT_EQ(traffic.send_lag().Summarize().max_us, 350'000);
  EXPECT_EQ(traffic.service_time().Summarize().max_us, 699'995);
  EXPECT_EQ(traffic.response_time().Summarize().p50_us, 302'000);
  EXPECT_EQ(traffic.response_time().Summarize().max_us, 700'000);
}

TEST(Traffic, EndsWithoutTheAnswersThatDoNotCome) {
  Traffic traffic(RatePlan(), 10);
  traffic.Start(kStart);
  while (traffic.TakeDue(kStart + 1'000'000'000)) {
  }
  EXPECT_EQ(traffic.in_flight(), 2);
  EXPECT_FALSE(traffic.Over(kStart + 1'000'000'000 + Traffic::kDrainNs - 1));
  EXPECT_TRUE(traffic.Over(kStart + 1'000'000'000 + Traffic::kDrainNs));
}

TEST(Traffic, AClosedLoopHasEachConnectionSendOnceForEachAnswer) {
  Plan plan;
  plan.connections = 3;
  plan.seconds = 1;
  Traffic traffic(plan, 10);
  traffic.Start(kStart);
  std::set<int> taken;
  while (const std::optional<int> index = traffic.TakeDue(0)) taken.insert(*index);
  EXPECT_EQ(taken, (std::set<int>{0, 1, 2}));
  traffic.Sent(1, kStart + 1'000);
  traffic.Answered(1, kStart + 43'000);
  EXPECT_EQ(traffic.TakeDue(0), 1);
  EXPECT_FALSE(traffic.TakeDue(0));
  EXPECT_EQ(traffic.service_time().Summarize().max_us, 42);
  EXPECT_EQ(traffic.WakeNs(), kStart + 1'000'000'000);
  EXPECT_FALSE(traffic.Over(kStart + 999'999'999));
  EXPECT_TRUE(traffic.Over(kStart + 1'000'000'000));
}

TEST(Traffic, AResponseIsCompleteWithItsLastByte) {
  Traffic traffic(RatePlan(), 20);
  EXPECT_FALSE(traffic.Received(0, "HTTP/"));
  EXPECT_FALSE(traffic.Received(1, "HTTP/1.1 200 12345"));
  EXPECT_FALSE(traffic.Received(0, "1.1 200 123456"));
  EXPECT_TRUE(traffic.Received(0, "7"));
  EXPECT_TRUE(traffic.Received(0, "HTTP/1.1 200 1234567"));
  EXPECT_TRUE(traffic.Received(1, "67"));
}

TEST(TrafficDeathTest, RefusesOtherStatusesAndLongerResponses) {
  Traffic traffic(RatePlan(), 20);
  EXPECT_EXIT(traffic.Received(0, "HTTP/1.1 500 Oh\r\n"), testing::ExitedWithCode(kExitUnusable),
              "answered HTTP/1.1 500 Oh");
  EXPECT_EXIT(traffic.Received(0, "HTTP/1.1 200 12345678"), testing::ExitedWithCode(kExitUnusable),
              "longer than the first one, of 20 bytes");
}

}  // namespace
}  // namespace drumline::floor
