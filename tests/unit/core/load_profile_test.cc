// LoadProfile against closed forms: what an integral of straight lines is, one can work out by
// hand.
#include "core/load_profile.h"

#include <cmath>

#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

LoadProfile Profile(const std::vector<LoadProfile::Segment>& segments) {
  absl::StatusOr<LoadProfile> profile = LoadProfile::Create(segments);
  EXPECT_TRUE(profile.ok()) << profile.status();
  return *profile;
}

int64_t InstantOf(const LoadProfile& profile, uint64_t beat) {
  size_t hint = 0;
  return profile.InstantOfBeat(beat, &hint);
}

TEST(LoadProfileTest, AHoldStartsARequestEachPeriod) {
  const Rate rate = Rate::PerSecond(100'000);
  const LoadProfile profile = Profile({{rate, rate, 30 * 60 * kSecond}});
  EXPECT_EQ(profile.beats(), 180'000'000u);
  EXPECT_EQ(InstantOf(profile, 0), 0);
  EXPECT_EQ(InstantOf(profile, 1), 10'000);
  EXPECT_EQ(InstantOf(profile, 179'999'999), 30 * 60 * kSecond - 10'000);
}

TEST(LoadProfileTest, CountsAreExactForRatesThatBinaryFractionsAreNot) {
  // 0.1/s for 30 s is 3 requests: at 0, 10 and 20 s; the fourth would start at the very end.
  const Rate tenth = Rate::MicroPerHour(Rate::kMicroPerHourInOnePerSecond / 10);
  EXPECT_EQ(Profile({{tenth, tenth, 30 * kSecond}}).beats(), 3u);
  EXPECT_EQ(Profile({{tenth, tenth, 30 * kSecond + 1}}).beats(), 4u);
  // 100 a minute for half an hour.
  const Rate per_minute = Rate::MicroPerHour(100LL * 60 * 1'000'000);
  EXPECT_EQ(Profile({{per_minute, per_minute, 1800 * kSecond}}).beats(), 3000u);
}

TEST(LoadProfileTest, ARampReachesBeatKAtTheRootOfItsIntegral) {
  // r(t) = 100 t, so I(t) = 50 t², so beat k starts at sqrt(k / 50) s.
  const LoadProfile profile = Profile({{Rate(), Rate::PerSecond(1000), 10 * kSecond}});
  EXPECT_EQ(profile.beats(), 5000u);
  for (uint64_t k : {0u, 1u, 2u, 50u, 777u, 4999u}) {
    EXPECT_NEAR(static_cast<double>(InstantOf(profile, k)), std::sqrt(k / 50.0) * 1e9, 2.0) << k;
  }
}

TEST(LoadProfileTest, ARampDownIsTheRampUpMirrored) {
  const LoadProfile down = Profile({{Rate::PerSecond(1000), Rate(), 10 * kSecond}});
  EXPECT_EQ(down.beats(), 5000u);
  // I(t) = 1000 t − 50 t² = k.
  for (uint64_t k : {0u, 1u, 2500u, 4999u}) {
    const double exact = 10.0 - std::sqrt(100.0 - static_cast<double>(k) / 50.0);
    EXPECT_NEAR(static_cast<double>(InstantOf(down, k)), exact * 1e9, 10.0) << k;
  }
}

TEST(LoadProfileTest, ABurstIsThreeSegmentsOnOneCount) {
  const Rate low = Rate::PerSecond(100);
  const Rate high = Rate::PerSecond(1000);
  const LoadProfile profile =
      Profile({{low, low, kSecond}, {high, high, kSecond}, {low, low, kSecond}});
  EXPECT_EQ(profile.beats(), 1200u);
  EXPECT_EQ(InstantOf(profile, 99), 990'000'000);
  EXPECT_EQ(InstantOf(profile, 100), kSecond);
  EXPECT_EQ(InstantOf(profile, 101), kSecond + 1'000'000);
  EXPECT_EQ(InstantOf(profile, 1100), 2 * kSecond);
  EXPECT_EQ(profile.BeatsBefore(kSecond), 100u);
  EXPECT_EQ(profile.BeatsBefore(kSecond + 1), 101u);
  EXPECT_EQ(profile.BeatsBefore(3 * kSecond), 1200u);
  EXPECT_EQ(profile.BeatsBefore(0), 0u);
}

TEST(LoadProfileTest, SilenceStartsNothingAndIsSkipped) {
  const Rate rate = Rate::PerSecond(10);
  const LoadProfile profile =
      Profile({{rate, rate, kSecond}, {Rate(), Rate(), 5 * kSecond}, {rate, rate, kSecond}});
  EXPECT_EQ(profile.beats(), 20u);
  EXPECT_EQ(InstantOf(profile, 9), 900'000'000);
  EXPECT_EQ(InstantOf(profile, 10), 6 * kSecond);
  EXPECT_DOUBLE_EQ(profile.RatePerSecondAt(3 * kSecond), 0);
  EXPECT_DOUBLE_EQ(profile.RatePerSecondAt(6 * kSecond), 10);
}

TEST(LoadProfileTest, TheHintChangesTheCostAndNotTheAnswer) {
  const LoadProfile profile = Profile({{Rate(), Rate::PerSecond(500), kSecond},
                                       {Rate::PerSecond(500), Rate::PerSecond(500), kSecond},
                                       {Rate::PerSecond(20), Rate::PerSecond(700), 2 * kSecond}});
  size_t hint = 0;
  int64_t last = -1;
  for (uint64_t beat = 0; beat < profile.beats(); ++beat) {
    const int64_t with_hint = profile.InstantOfBeat(beat, &hint);
    EXPECT_EQ(with_hint, InstantOf(profile, beat));
    EXPECT_GT(with_hint, last);
    EXPECT_LT(with_hint, profile.length_ns());
    last = with_hint;
  }
}

TEST(LoadProfileTest, RefusesWhatItCannotHold) {
  const Rate one = Rate::PerSecond(1);
  EXPECT_FALSE(LoadProfile::Create({{Rate::MicroPerHour(-1), one, kSecond}}).ok());
  EXPECT_FALSE(LoadProfile::Create({{one, one, -1}}).ok());
  EXPECT_FALSE(
      LoadProfile::Create({{one, Rate::MicroPerHour(Rate::kMaxMicroPerHour + 1), kSecond}}).ok());
  EXPECT_FALSE(LoadProfile::Create({{one, one, LoadProfile::kMaxLengthNs}, {one, one, 1}}).ok());
  EXPECT_FALSE(
      LoadProfile::Create(std::vector<LoadProfile::Segment>(LoadProfile::kMaxSegments + 1)).ok());
}

TEST(LoadProfileTest, TheLargestProfileDoesNotOverflow) {
  const Rate most = Rate::MicroPerHour(Rate::kMaxMicroPerHour);
  const LoadProfile profile = Profile({{most, most, LoadProfile::kMaxLengthNs}});
  EXPECT_EQ(profile.beats(), 10'000'000ull * 7 * 24 * 3600);
  EXPECT_EQ(InstantOf(profile, profile.beats() - 1), LoadProfile::kMaxLengthNs - 100);
}

}  // namespace
}  // namespace drumline
