#include "target-services/oracle/stop_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace drumline::target {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kOrigin = 123'456'789;

StopSchedule Begun(const StopSchedule::Terms& terms) {
  StopSchedule stops(terms);
  stops.Begin(kOrigin);
  return stops;
}

TEST(StopScheduleTest, WithoutTermsOrABeginningNothingStops) {
  StopSchedule none({});
  EXPECT_FALSE(none.begun());
  none.Begin(kOrigin);
  EXPECT_TRUE(none.begun());
  StopSchedule not_begun({.pause_ns = 2, .every_ns = 10});
  StopSchedule cancelled =
      Begun({.pause_ns = 2, .every_ns = 10, .stop_at_ns = 1, .stop_for_ns = 5});
  cancelled.Cancel();
  for (const StopSchedule& stops : {none, not_begun, cancelled}) {
    for (int64_t at_ns = kOrigin - 30; at_ns < kOrigin + 60; ++at_ns) {
      EXPECT_EQ(stops.ClearFrom(at_ns), at_ns);
      EXPECT_EQ(stops.NextStop(at_ns).begin_ns, StopSchedule::kNever);
    }
  }
}

// A second implementation: a line of time, instant by instant, on which stops are painted.
TEST(StopScheduleTest, AgreesWithATimeLine) {
  constexpr int64_t kLine = 600;
  std::mt19937_64 random(3);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  for (int round = 0; round < 2'000; ++round) {
    StopSchedule::Terms terms;
    if (below(4) != 0) {
      terms.every_ns = 2 + below(60);
      terms.pause_ns = 1 + below(terms.every_ns - 1);
    }
    if (below(2) != 0) {
      terms.stop_at_ns = below(200);
      terms.stop_for_ns = 1 + below(150);
    }
    std::vector<bool> stopped(kLine);
    for (int64_t t = 0; t < kLine; ++t) {
      const bool pause =
          terms.pause_ns > 0 && t >= terms.every_ns && t % terms.every_ns < terms.pause_ns;
      stopped[static_cast<size_t>(t)] =
          pause || (t >= terms.stop_at_ns && t - terms.stop_at_ns < terms.stop_for_ns);
    }
    const StopSchedule stops = Begun(terms);
    for (int64_t t = 0; t < kLine / 2; ++t) {
      const auto from = stopped.begin() + t;
      const int64_t clear = std::find(from, stopped.end(), false) - stopped.begin();
      ASSERT_EQ(stops.ClearFrom(kOrigin + t), kOrigin + clear) << t;
      const StopSchedule::Stop next = stops.NextStop(kOrigin + t);
      const int64_t begin = std::find(from, stopped.end(), true) - stopped.begin();
      if (begin == kLine) {
        EXPECT_EQ(next.begin_ns, StopSchedule::kNever);
        continue;
      }
      // One that has begun may be told from an earlier instant.
      ASSERT_EQ(std::max(next.begin_ns, kOrigin + t), kOrigin + begin) << t;
      ASSERT_EQ(next.end_ns, stops.ClearFrom(kOrigin + begin)) << t;
    }
  }
}

// The response times of arrivals that are uniform over whole periods: a delay D, stops of length P
// every T. An answer that is due at phase x of a stop waits P − x longer, so of those due in stops
// the excess is uniform over (0, P]; their share is P / T:
//
//     Q(q) = D                              for q ≤ 1 − P / T
//     Q(q) = D + P − (1 − q) T              beyond
TEST(StopScheduleTest, UniformArrivalsHaveTheClosedForm) {
  constexpr int64_t kDelay = 2 * kMs;
  constexpr int64_t kPause = 200 * kMs;
  constexpr int64_t kEvery = 2'000 * kMs;
  constexpr int64_t kStep = kMs / 50;
  const StopSchedule stops = Begun({.pause_ns = kPause, .every_ns = kEvery});
  std::vector<double> times;
  for (int64_t at_ns = kOrigin + kEvery; at_ns < kOrigin + 6 * kEvery; at_ns += kStep) {
    times.push_back(static_cast<double>(stops.ClearFrom(at_ns + kDelay) - at_ns));
  }
  std::sort(times.begin(), times.end());
  const auto n = static_cast<double>(times.size());
  for (double q : {0.01, 0.5, 0.899, 0.95, 0.99, 0.999, 1.0}) {
    const double expected =
        kDelay + std::max(0.0, static_cast<double>(kPause) - (1 - q) * static_cast<double>(kEvery));
    const double got = times[static_cast<size_t>(std::ceil(q * n - 1e-9)) - 1];
    EXPECT_NEAR(got, expected, kStep) << q;
  }
}

}  // namespace
}  // namespace drumline::target
