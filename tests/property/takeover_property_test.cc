// When an agent is lost, the rest take its beats over: each beat keeps its instant and is started
// by one of them alone, and those that nobody starts are counted exactly.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "core/beat_count.h"
#include "core/load_profile.h"
#include "core/mix.h"
#include "core/plan.h"
#include "core/schedule.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class TakeoverPropertyTest : public testing::Test {
 protected:
  int64_t Between(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }

  // A ramp and a hold, 0 to 300 beats a second, with a warm-up.
  proto::LoadPlan RandomLoad() {
    proto::LoadPlan load;
    load.set_warmup_ns(Between(0, 1) * kSecond);
    load.set_measure_ns(3 * kSecond);
    load.set_arrivals(Between(0, 1) == 0 ? proto::ARRIVALS_CONSTANT : proto::ARRIVALS_POISSON);
    load.set_seed(static_cast<uint64_t>(Between(1, 1'000'000)));
    const int64_t lengths[] = {load.warmup_ns(), kSecond, 2 * kSecond};
    int64_t rate = Between(0, 300) * Rate::kMicroPerHourInOnePerSecond;
    for (const int64_t length_ns : lengths) {
      proto::RateSegment& segment = *load.add_segments();
      segment.mutable_from()->set_micro_per_hour(rate);
      rate = Between(0, 300) * Rate::kMicroPerHourInOnePerSecond;
      segment.mutable_to()->set_micro_per_hour(rate);
      segment.set_length_ns(length_ns);
    }
    load.set_beats(Schedule::CountBeats(*ProfileOf(load), ArrivalsOf(load), load.seed()));
    return load;
  }

  std::mt19937_64 random_{20261126};
};

std::vector<int64_t> StartsOf(const proto::LoadPlan& load, const LoadProfile& profile, Lane lane) {
  Schedule schedule(profile, ArrivalsOf(load), load.seed(), load.beats(), lane);
  std::vector<int64_t> starts;
  while (const std::optional<int64_t> start_ns = schedule.Next()) starts.push_back(*start_ns);
  return starts;
}

// As a worker walks it: the next beat is always fetched already, and an adoption comes at any time,
// even after the instant from which it counts.
struct Walker {
  Walker(const proto::LoadPlan& load, const LoadProfile& profile, Lane lane)
      : schedule(profile, ArrivalsOf(load), load.seed(), load.beats(), lane),
        next_ns(schedule.Next()) {}

  void RunUntil(int64_t until_ns) {
    for (; next_ns.has_value() && *next_ns < until_ns; next_ns = schedule.Next()) {
      started.push_back(*next_ns);
    }
  }
  void Adopt(Lane lane, int64_t from_ns) {
    schedule.Adopt(lane, from_ns, next_ns);
    next_ns = schedule.Next();
  }

  Schedule schedule;
  std::optional<int64_t> next_ns;
  std::vector<int64_t> started;
};

TEST_F(TakeoverPropertyTest, SharesAreDisjointAndTogetherTheLane) {
  for (uint64_t parts = 1; parts <= 7; ++parts) {
    std::vector<int> taken(500, 0);
    for (uint64_t part = 0; part < parts; ++part) {
      const Lane share = ShareOf({3, 5}, part, parts);
      for (uint64_t beat = share.first; beat < taken.size(); beat += share.stride) ++taken[beat];
    }
    for (uint64_t beat = 0; beat < taken.size(); ++beat) {
      EXPECT_EQ(taken[beat], beat % 5 == 3 ? 1 : 0) << beat << " of " << parts;
    }
  }
}

TEST_F(TakeoverPropertyTest, EachBeatKeepsItsInstantAndIsStartedOnce) {
  for (int trial = 0; trial < 150; ++trial) {
    const proto::LoadPlan load = RandomLoad();
    const LoadProfile profile = *ProfileOf(load);
    const auto agents = static_cast<uint64_t>(Between(2, 6));
    std::map<int64_t, int> balance;
    for (const int64_t start_ns : StartsOf(load, profile, {0, 1})) ++balance[start_ns];

    // One is lost, and later on, in half of the trials, an heir of it.
    const int64_t stopped_ns = Between(0, 3 * kSecond);
    const int64_t from_ns = stopped_ns + Between(0, kSecond);
    std::vector<Walker> rest;
    for (uint64_t agent = 1; agent < agents; ++agent) {
      rest.emplace_back(load, profile, Lane{agent, agents});
    }
    const auto note = [&balance](const std::vector<int64_t>& started) {
      EXPECT_TRUE(std::is_sorted(started.begin(), started.end()));
      for (const int64_t start_ns : started) --balance[start_ns];
    };
    for (size_t heir = 0; heir < rest.size(); ++heir) {
      rest[heir].RunUntil(Between(0, 1) == 0 ? stopped_ns : std::max(stopped_ns, from_ns));
      rest[heir].Adopt(ShareOf({0, agents}, heir, rest.size()), from_ns);
    }
    uint64_t missed = 0;
    for (const int64_t start_ns : StartsOf(load, profile, {0, agents})) {
      if (start_ns < stopped_ns) --balance[start_ns];
      if (start_ns >= stopped_ns && start_ns < from_ns) {
        --balance[start_ns];
        ++missed;
      }
    }
    if (trial % 2 == 1 && rest.size() > 1) {
      const int64_t again_ns = from_ns + Between(0, kSecond);
      Walker second = std::move(rest.back());
      rest.pop_back();
      second.RunUntil(again_ns);
      note(second.started);
      for (size_t heir = 0; heir < rest.size(); ++heir) {
        rest[heir].RunUntil(again_ns - Between(0, again_ns - from_ns));
        rest[heir].Adopt(ShareOf({agents - 1, agents}, heir, rest.size()), again_ns);
        const Lane inherited = ShareOf({0, agents}, rest.size(), rest.size() + 1);
        rest[heir].Adopt(ShareOf(inherited, heir, rest.size()), again_ns);
      }
    }
    for (Walker& walker : rest) {
      walker.RunUntil(100 * kSecond);
      EXPECT_TRUE(std::is_sorted(walker.started.begin(), walker.started.end())) << trial;
      for (const int64_t start_ns : walker.started) --balance[start_ns];
    }
    for (const auto& [start_ns, count] : balance) {
      ASSERT_EQ(count, 0) << "trial " << trial << ", the beat at " << start_ns << " ns";
    }
    const BeatCounts counted = CountBeats(load, profile, {{0, agents}, stopped_ns, from_ns});
    EXPECT_EQ(counted.warmup + counted.measure, missed) << trial;
  }
}

TEST_F(TakeoverPropertyTest, BeatsAreCountedAsTheyStart) {
  for (int trial = 0; trial < 200; ++trial) {
    const proto::LoadPlan load = RandomLoad();
    const LoadProfile profile = *ProfileOf(load);
    const auto stride = static_cast<uint64_t>(Between(1, 9));
    LaneStretch stretch{{static_cast<uint64_t>(Between(0, 8)) % stride, stride}};
    stretch.from_ns = Between(0, 2) == 0 ? 0 : Between(0, 4 * kSecond);
    if (Between(0, 3) > 0) stretch.until_ns = Between(0, 5 * kSecond);
    BeatCounts expected;
    for (const int64_t start_ns : StartsOf(load, profile, stretch.lane)) {
      if (start_ns < stretch.from_ns || start_ns >= stretch.until_ns) continue;
      ++(start_ns < load.warmup_ns() ? expected.warmup : expected.measure);
    }
    EXPECT_EQ(CountBeats(load, profile, stretch), expected) << trial;
  }
}

// Many stretches in one walk, a few beats at a time, are counted as each of them alone.
TEST_F(TakeoverPropertyTest, StepsCountWhatOneWalkCounts) {
  for (int trial = 0; trial < 100; ++trial) {
    const proto::LoadPlan load = RandomLoad();
    const LoadProfile profile = *ProfileOf(load);
    const Mix mix({7, 2, 1}, load.seed());
    // As after a loss: lanes of one stride, and shares of lanes.
    const auto lanes = static_cast<uint64_t>(Between(1, 6));
    std::vector<LaneStretch> stretches;
    for (uint64_t i = 0; i < lanes; ++i) {
      stretches.push_back({{i, lanes}, 0, Between(0, 4 * kSecond)});
      const auto parts = static_cast<uint64_t>(Between(1, 5));
      stretches.push_back({ShareOf({i, lanes}, parts - 1, parts), stretches.back().until_ns});
    }
    BeatCounter plain(load, profile, stretches);
    BeatCounter counter(load, profile, stretches, &mix, 3);
    const auto step = static_cast<uint64_t>(Between(1, 50));
    while (plain.Advance(step)) {
    }
    while (counter.Advance(step)) {
    }
    for (size_t i = 0; i < stretches.size(); ++i) {
      std::vector<uint64_t> sent(3, 0);
      BeatCounts expected;
      Schedule schedule(profile, ArrivalsOf(load), load.seed(), load.beats(), stretches[i].lane);
      while (const std::optional<int64_t> start_ns = schedule.Next()) {
        if (*start_ns < stretches[i].from_ns || *start_ns >= stretches[i].until_ns) continue;
        ++(*start_ns < load.warmup_ns() ? expected.warmup : expected.measure);
        if (*start_ns >= load.warmup_ns()) ++sent[mix.At(schedule.number())];
      }
      EXPECT_EQ(plain.counts(i), expected) << trial << ", stretch " << i;
      EXPECT_EQ(counter.counts(i), expected) << trial << ", stretch " << i;
      EXPECT_EQ(counter.choices(i), sent) << trial << ", stretch " << i;
    }
  }
}

// Constant arrivals skip to the stretch by arithmetic, Poisson ones are walked.
TEST_F(TakeoverPropertyTest, ChoicesAreCountedAsTheirBeatsStart) {
  for (int trial = 0; trial < 100; ++trial) {
    const proto::LoadPlan load = RandomLoad();
    const LoadProfile profile = *ProfileOf(load);
    const Mix mix({7, 2, 1}, load.seed());
    const auto stride = static_cast<uint64_t>(Between(1, 9));
    LaneStretch stretch{{static_cast<uint64_t>(Between(0, 8)) % stride, stride}};
    stretch.from_ns = Between(0, 2) == 0 ? 0 : Between(0, 4 * kSecond);
    if (Between(0, 3) > 0) stretch.until_ns = Between(0, 5 * kSecond);
    std::vector<uint64_t> expected(3, 0);
    Schedule schedule(profile, ArrivalsOf(load), load.seed(), load.beats(), stretch.lane);
    while (const std::optional<int64_t> start_ns = schedule.Next()) {
      const bool within =
          *start_ns >= std::max(stretch.from_ns, load.warmup_ns()) && *start_ns < stretch.until_ns;
      if (within) ++expected[mix.At(schedule.number())];
    }
    EXPECT_EQ(CountChoices(load, profile, stretch, mix, 3), expected) << trial;
  }
}

}  // namespace
}  // namespace drumline
