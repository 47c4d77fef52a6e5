// The rules of the schedule: whatever the number of lanes, their union is the plan's schedule, beat
// by beat; counts are exact; Poisson arrivals are exponential.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/load_profile.h"
#include "core/schedule.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
using Arrivals = Schedule::Arrivals;

std::vector<int64_t> StartsOf(const LoadProfile& profile, Arrivals arrivals, uint64_t seed,
                              Lane lane) {
  const uint64_t beats = Schedule::CountBeats(profile, arrivals, seed);
  Schedule schedule(profile, arrivals, seed, beats, lane);
  std::vector<int64_t> starts;
  while (std::optional<int64_t> start = schedule.Next()) starts.push_back(*start);
  EXPECT_EQ(starts.size(), schedule.lane_beats());
  return starts;
}

LoadProfile RandomProfile(std::mt19937_64& random) {
  std::uniform_int_distribution<int> segments(1, 6);
  std::uniform_int_distribution<int> kind(0, 3);
  std::uniform_int_distribution<int64_t> rate(0, 3000 * Rate::kMicroPerHourInOnePerSecond);
  std::uniform_int_distribution<int64_t> length(0, kSecond);
  std::vector<LoadProfile::Segment> result;
  Rate current = Rate::MicroPerHour(rate(random));
  for (int i = segments(random); i > 0; --i) {
    const Rate next = kind(random) == 0 ? current : Rate::MicroPerHour(rate(random));
    const Rate from = kind(random) == 1 ? next : current;
    result.push_back({from, next, length(random)});
    current = next;
  }
  return *LoadProfile::Create(result);
}

TEST(SchedulePropertyTest, TheUnionOfTheLanesIsThePlansSchedule) {
  std::mt19937_64 random(20260101);
  for (int trial = 0; trial < 60; ++trial) {
    const LoadProfile profile = RandomProfile(random);
    const Arrivals arrivals = trial % 2 == 0 ? Arrivals::kConstant : Arrivals::kPoisson;
    const std::vector<int64_t> whole = StartsOf(profile, arrivals, trial, {0, 1});
    EXPECT_TRUE(std::is_sorted(whole.begin(), whole.end()));
    for (uint64_t lanes : {2u, 3u, 7u, 40u}) {
      // Not only the same instants: beat k of the plan is beat k / lanes of lane k % lanes.
      std::vector<int64_t> merged(whole.size(), -1);
      for (uint64_t lane = 0; lane < lanes; ++lane) {
        const std::vector<int64_t> part = StartsOf(profile, arrivals, trial, {lane, lanes});
        for (size_t i = 0; i < part.size(); ++i) {
          ASSERT_LT(lane + i * lanes, merged.size());
          merged[lane + i * lanes] = part[i];
        }
      }
      ASSERT_EQ(merged, whole) << "trial " << trial << ", " << lanes << " lanes";
    }
  }
}

TEST(SchedulePropertyTest, ALaneSplitAgainIsStillTheSameLane) {
  // What a redistribution does: lane {first, stride} among n is {first + stride i, stride n}.
  const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(997), Rate::PerSecond(53), kSecond}});
  const std::vector<int64_t> lane = StartsOf(profile, Arrivals::kConstant, 1, {2, 5});
  for (uint64_t i = 0; i < 3; ++i) {
    const std::vector<int64_t> part = StartsOf(profile, Arrivals::kConstant, 1, {2 + 5 * i, 15});
    for (size_t j = 0; j < part.size(); ++j) EXPECT_EQ(part[j], lane[i + 3 * j]);
  }
}

TEST(SchedulePropertyTest, BeatsStayWithinTheProfile) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 40; ++trial) {
    const LoadProfile profile = RandomProfile(random);
    for (Arrivals arrivals : {Arrivals::kConstant, Arrivals::kPoisson}) {
      for (int64_t start : StartsOf(profile, arrivals, trial, {0, 1})) {
        ASSERT_GE(start, 0);
        ASSERT_LT(start, profile.length_ns());
      }
    }
  }
}

TEST(SchedulePropertyTest, TheSameSeedGivesTheSameScheduleAndAnotherDoesNot) {
  const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(1000), Rate::PerSecond(1000), kSecond}});
  EXPECT_EQ(StartsOf(profile, Arrivals::kPoisson, 5, {0, 1}),
            StartsOf(profile, Arrivals::kPoisson, 5, {0, 1}));
  EXPECT_NE(StartsOf(profile, Arrivals::kPoisson, 5, {0, 1}),
            StartsOf(profile, Arrivals::kPoisson, 6, {0, 1}));
}

TEST(SchedulePropertyTest, TheSeedFixesTheScheduleOnEveryMachine) {
  // A change of the generator would silently change what every kept scenario sends.
  const RandomSequence random(42);
  EXPECT_EQ(random.BitsAt(0), RandomSequence(42).BitsAt(0));
  const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(1000), Rate::PerSecond(1000), 10 * kSecond}});
  const std::vector<int64_t> starts = StartsOf(profile, Arrivals::kPoisson, 42, {0, 1});
  // S_0 = E_0 beats = E_0 ms at 1,000/s.
  EXPECT_NEAR(static_cast<double>(starts[0]), -std::log(random.UniformAt(0)) * 1e6, 1.0);
}

// Anderson and Darling, "A test of goodness of fit", JASA 49 (1954): A² of the sorted sample's
// probabilities u under the hypothesis.
double AndersonDarling(std::vector<double> u) {
  std::sort(u.begin(), u.end());
  const double n = static_cast<double>(u.size());
  double sum = 0;
  for (size_t i = 0; i < u.size(); ++i) {
    sum +=
        (2.0 * static_cast<double>(i) + 1.0) * (std::log(u[i]) + std::log1p(-u[u.size() - 1 - i]));
  }
  return -n - sum / n;
}

std::vector<double> GapProbabilities(const std::vector<int64_t>& starts, double per_second) {
  std::vector<double> u;
  for (size_t i = 1; i < starts.size(); ++i) {
    // Instants are whole nanoseconds: half of one keeps the logarithm finite.
    const double gap = (static_cast<double>(starts[i] - starts[i - 1]) + 0.5) * 1e-9;
    u.push_back(-std::expm1(-gap * per_second));
  }
  return u;
}

TEST(SchedulePropertyTest, PoissonGapsPassAndersonDarlingAgainstTheExponential) {
  // With all parameters known, P(A² > 3.857) = 1 % for any continuous distribution (D'Agostino and
  // Stephens, Goodness-of-Fit Techniques, 1986, table 4.2). Of 40 seeds, 4 or more beyond it would
  // happen once in some 1,500 times; the seeds are fixed, so it does not come and go.
  const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(2000), Rate::PerSecond(2000), 5 * kSecond}});
  int beyond = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    const auto starts = StartsOf(profile, Arrivals::kPoisson, seed, {0, 1});
    beyond += AndersonDarling(GapProbabilities(starts, 2000)) > 3.857 ? 1 : 0;
  }
  EXPECT_LT(beyond, 4);
  // The test can fail: a constant schedule is as far from exponential as can be.
  const auto constant = StartsOf(profile, Arrivals::kConstant, 1, {0, 1});
  EXPECT_GT(AndersonDarling(GapProbabilities(constant, 2000)), 100);
}

TEST(SchedulePropertyTest, PoissonCountsHaveMeanAndVarianceOfTheIntegral) {
  // A ramp of 0 to 2,000/s over 1 s: counts are Poisson(1000). Over 400 seeds the mean's standard
  // error is sqrt(1000 / 400) = 1.6, and the variance's is 1000 · sqrt(2 / 400) = 71.
  const LoadProfile profile = *LoadProfile::Create({{Rate(), Rate::PerSecond(2000), kSecond}});
  double sum = 0;
  double squares = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const auto count = static_cast<double>(Schedule::CountBeats(profile, Arrivals::kPoisson, seed));
    sum += count;
    squares += count * count;
  }
  const double mean = sum / 400;
  EXPECT_NEAR(mean, 1000, 4 * 1.6);
  EXPECT_NEAR(squares / 400 - mean * mean, 1000, 4 * 71);
}

TEST(SchedulePropertyTest, EdgeCases) {
  const LoadProfile empty;
  EXPECT_EQ(empty.beats(), 0u);
  EXPECT_TRUE(StartsOf(empty, Arrivals::kConstant, 1, {0, 1}).empty());
  EXPECT_TRUE(StartsOf(empty, Arrivals::kPoisson, 1, {0, 1}).empty());
  const LoadProfile one = *LoadProfile::Create({{Rate::PerSecond(1), Rate::PerSecond(1), kSecond}});
  EXPECT_EQ(StartsOf(one, Arrivals::kConstant, 1, {0, 8}), std::vector<int64_t>{0});
  EXPECT_TRUE(StartsOf(one, Arrivals::kConstant, 1, {1, 8}).empty());
}

}  // namespace
}  // namespace drumline
