// The engine against arithmetic: targets so simple that every response time is known beforehand.
#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tests/simulation/simulated_run.h"

namespace drumline {
namespace {

constexpr int64_t kUs = 1'000;
constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;

LoadProfile Hold(int64_t per_second, int64_t length_ns) {
  const Rate rate = Rate::PerSecond(per_second);
  return *LoadProfile::Create({{rate, rate, length_ns}});
}

// An open loop without warm-up over the profile's whole length.
SimulatedRun::Terms OpenLoop(const LoadProfile& profile, size_t connections, int64_t timeout_ns,
                             int64_t drain_ns, ModelWire::Target target) {
  SimulatedRun::Terms terms;
  terms.dispatch.timeout_ns = timeout_ns;
  terms.dispatch.drain_ns = drain_ns;
  terms.window.measure_ns = profile.length_ns();
  terms.profile = &profile;
  terms.connections = connections;
  terms.open_at_start = connections;
  terms.target = std::move(target);
  return terms;
}

ModelWire::Opening OpensAtOnce(int64_t) { return {.opens = true, .after_ns = 1}; }

// A target that works for [service_ns] on each request, on all connections at once, and stands
// still from [from_ns] to [to_ns].
ModelWire::Target StallingTarget(int64_t service_ns, int64_t from_ns, int64_t to_ns) {
  return {.reply =
              [=](int64_t now_ns) {
                int64_t after_ns = service_ns;
                if (now_ns < to_ns && now_ns + service_ns > from_ns) {
                  after_ns += to_ns - std::max(now_ns, from_ns);
                }
                return ModelWire::Reply{Outcome::kOk, after_ns, true};
              },
          .opening = OpensAtOnce};
}

TEST(DispatcherClosedForm, AFixedServiceTimeIsEveryResponseTime) {
  const LoadProfile profile = Hold(10'000, 2 * kSecond);
  // 10,000/s times 3.21 ms: 33 in flight at most.
  constexpr int64_t kService = 3'210 * kUs;
  SimulatedRun run(OpenLoop(profile, 33, kSecond, kSecond, StallingTarget(kService, 0, 0)));
  ASSERT_TRUE(run.Play().ok());
  const Book& book = run.measure();
  EXPECT_EQ(book.ledger().Count(Outcome::kOk), 20'000u);
  EXPECT_EQ(book.response_time().min_ns(), kService);
  EXPECT_EQ(book.response_time().max_ns(), kService);
  EXPECT_EQ(book.service_time(), book.response_time());
  EXPECT_EQ(book.send_lag().max_ns(), 0);
  EXPECT_EQ(book.generator_lag().max_ns(), 0);
  EXPECT_EQ(book.lower_bound_min_ns(), 0);
  EXPECT_NEAR(static_cast<double>(book.response_time().ValueAtQuantile(0.5)), kService,
              0.001 * kService);
}

TEST(DispatcherClosedForm, OneConnectionTooFewQueues) {
  const LoadProfile profile = Hold(10'000, 2 * kSecond);
  SimulatedRun run(OpenLoop(profile, 32, kSecond, kSecond, StallingTarget(3'210 * kUs, 0, 0)));
  ASSERT_TRUE(run.Play().ok());
  // Request k waits for the answer to request k - 32, which takes 10 us longer than 32 beats: each
  // round of 32 waits 10 us longer than the one before, and the last, of 20,000 / 32, 6.24 ms.
  EXPECT_EQ(run.measure().send_lag().max_ns(), 624 * 10 * kUs);
  EXPECT_EQ(run.measure().service_time().max_ns(), 3'210 * kUs);
  EXPECT_EQ(run.measure().generator_lag().max_ns(), 0);
}

// One connection, a beat each P, a service time D < P, so that the load is r = D / P; the target
// stands still from T1 to T2, L = T2 - T1. A request with the intended start t >= T1 is answered
// after the stall and after the requests that came due since T1, each of which takes D:
//
//     T2 + ((t - T1) / P) D + D,   that is, response time - D = L - (1 - r) (t - T1)
//
// as long as this is positive: before and during the stall and while the backlog lasts, the excess
// falls in a straight line from L to 0 over L / (1 - r) of time. So m = L / ((1 - r) P) requests
// of n have an excess that is uniform over [0, L], and all others have none:
//
//     Q(q) = D                              for q <= 1 - m / n
//     Q(q) = D + L (1 - (1 - q) n / m)      beyond
TEST(DispatcherClosedForm, AStallIsSeenByAllWhoWouldHaveCome) {
  constexpr int64_t kPeriod = 100 * kUs;
  constexpr int64_t kService = 20 * kUs;
  constexpr int64_t kStall = kSecond;
  const LoadProfile profile = Hold(kSecond / kPeriod, 10 * kSecond);
  SimulatedRun run(OpenLoop(profile, 1, 5 * kSecond, kSecond,
                            StallingTarget(kService, 4 * kSecond, 4 * kSecond + kStall)));
  ASSERT_TRUE(run.Play().ok());
  const Histogram& response = run.measure().response_time();
  const double n = 100'000;
  const double load = static_cast<double>(kService) / kPeriod;
  const double m = kStall / ((1 - load) * kPeriod);
  ASSERT_EQ(response.count(), 100'000u);
  for (double q : {0.1, 0.5, 0.8, 0.87, 0.88, 0.9, 0.95, 0.99, 0.999, 0.9999}) {
    const double excess = std::max(0.0, kStall * (1 - (1 - q) * n / m));
    const double expected = kService + excess;
    // A beat's distance besides, where requests are what the line is made of.
    EXPECT_NEAR(static_cast<double>(response.ValueAtQuantile(q)), expected,
                0.001 * expected + (excess > 0 ? kPeriod : 0))
        << "q " << q;
  }
  // What a client that measures from the send would have reported: one slow request of 100,000.
  EXPECT_NEAR(static_cast<double>(run.measure().service_time().ValueAtQuantile(0.9999)), kService,
              0.001 * kService);
  EXPECT_EQ(run.measure().service_time().CountAbove(2 * kService), 1u);
}

// N connections in order of arrival with the same service time for all are answered in order, so
// that request k is sent when it is due or when request k - N has its answer, whichever is later
// (Lindley's recursion): every single response time follows.
TEST(DispatcherClosedForm, AStallWithManyConnectionsFollowsLindleysRecursion) {
  constexpr int64_t kPeriod = 137 * kUs;
  constexpr int64_t kService = 950 * kUs;
  constexpr int64_t kLength = 3 * kSecond;
  constexpr int64_t kFrom = kSecond + 12'345;
  constexpr int64_t kTo = kFrom + 333 * kMs;
  const Rate rate = Rate::MicroPerHour(Rate::kMicroPerHourInOnePerSecond / kPeriod * kSecond);
  const LoadProfile profile = *LoadProfile::Create({{rate, rate, kLength}});
  for (size_t connections : {7u, 8u, 20u, 5000u}) {
    SimulatedRun run(OpenLoop(profile, connections, 100 * kSecond, 100 * kSecond,
                              StallingTarget(kService, kFrom, kTo)));
    ASSERT_TRUE(run.Play().ok());
    Histogram expected;
    std::vector<int64_t> answered;
    size_t hint = 0;
    for (uint64_t k = 0; k < profile.beats(); ++k) {
      const int64_t intended_ns = profile.InstantOfBeat(k, &hint);
      int64_t at_ns = intended_ns;
      if (k >= connections) at_ns = std::max(at_ns, answered[k - connections]);
      int64_t end_ns = at_ns + kService;
      if (at_ns < kTo && end_ns > kFrom) end_ns += kTo - std::max(at_ns, kFrom);
      answered.push_back(end_ns);
      expected.Record(end_ns - intended_ns);
    }
    EXPECT_EQ(run.measure().response_time(), expected) << connections << " connections";
  }
}

TEST(DispatcherClosedForm, TimeoutsAreLowerBounds) {
  constexpr int64_t kTimeout = 70 * kMs;
  const LoadProfile profile = Hold(1'000, 2 * kSecond);
  // One connection, a target that never answers, and 10 ms to open the connection again: of eleven
  // requests one is sent, and ten pass their deadline while there is no connection. Whichever it
  // was, it had waited as long as it might.
  SimulatedRun run(OpenLoop(profile, 1, kTimeout, kSecond,
                            {.reply = [](int64_t) { return ModelWire::Reply{}; },
                             .opening =
                                 [](int64_t) {
                                   return ModelWire::Opening{true, 10 * kMs + 1};
                                 }}));
  ASSERT_TRUE(run.Play().ok());
  const Book& book = run.measure();
  EXPECT_EQ(book.response_time().count(), 2'000u);
  EXPECT_EQ(book.response_time().min_ns(), kTimeout);
  EXPECT_EQ(book.response_time().max_ns(), kTimeout);
  EXPECT_EQ(book.lower_bound_min_ns(), kTimeout);
  EXPECT_EQ(book.ledger().Count(Outcome::kTimeout), 182u);
  EXPECT_EQ(book.ledger().Count(Outcome::kUnsent), 2'000u - 182u);
}

TEST(DispatcherClosedForm, WhatIsInFlightAtTheEndIsALowerBound) {
  constexpr int64_t kSilence = 1'500 * kMs;
  const LoadProfile profile = Hold(1'000, 2 * kSecond);
  // From 1.5 s on nobody is answered; the window closes at 2 s without a drain. Beat k, due at
  // k ms, had then waited 2,000 - k ms.
  SimulatedRun run(OpenLoop(profile, 600, 10 * kSecond, 0,
                            {.reply =
                                 [](int64_t now_ns) {
                                   if (now_ns >= kSilence) return ModelWire::Reply{};
                                   return ModelWire::Reply{Outcome::kOk, 100 * kUs, true};
                                 },
                             .opening = OpensAtOnce}));
  ASSERT_TRUE(run.Play().ok());
  Histogram expected;
  expected.RecordMany(100 * kUs, 1'500);
  for (int64_t k = 1'500; k < 2'000; ++k) expected.Record((2'000 - k) * kMs);
  EXPECT_EQ(run.measure().response_time(), expected);
  EXPECT_EQ(run.measure().ledger().Count(Outcome::kCensored), 500u);
  EXPECT_EQ(run.measure().lower_bound_min_ns(), kMs);
  EXPECT_EQ(run.ended_ns(), 2 * kSecond);
}

TEST(DispatcherClosedForm, AClosedLoopSendsAsFastAsItIsAnswered) {
  SimulatedRun::Terms terms;
  terms.dispatch = {.closed_loop = true, .timeout_ns = kSecond, .warmup_ns = kSecond / 2};
  terms.window = {kSecond / 2, kSecond};
  terms.connections = 8;
  terms.open_at_start = 8;
  terms.target = StallingTarget(4 * kMs, 0, 0);
  SimulatedRun run(terms);
  ASSERT_TRUE(run.Play().ok());
  // 125 rounds of eight within the warm-up, 250 within the window; what was sent at its end is
  // censored, for there is no drain.
  EXPECT_EQ(run.warmup().ledger().Count(Outcome::kOk), 1'000u);
  EXPECT_EQ(run.measure().ledger().scheduled(), 2'000u);
  EXPECT_EQ(run.measure().response_time().ValueAtQuantile(0.5),
            run.measure().service_time().ValueAtQuantile(0.5));
  EXPECT_EQ(run.measure().send_lag().max_ns(), 0);
}

}  // namespace
}  // namespace drumline
