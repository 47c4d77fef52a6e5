#include "controller/run/clock_sync.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "core/random.h"

namespace drumline {
namespace {

// A ping that left at `sent_ns` and took `there_ns` and `back_ns`, with a clock `offset_ns` ahead.
ClockSync::Sample SampleOf(int64_t sent_ns, int64_t there_ns, int64_t back_ns, int64_t offset_ns) {
  return {sent_ns, sent_ns + there_ns + offset_ns, sent_ns + there_ns + back_ns};
}

TEST(ClockSyncTest, EqualWaysGiveTheOffsetExactly) {
  ClockSync sync;
  sync.Add(SampleOf(5'000, 300, 300, -77'000));
  EXPECT_EQ(sync.offset_ns(), -77'000);
  EXPECT_EQ(sync.uncertainty_ns(), 300);
}

TEST(ClockSyncTest, OneWayThatTakesAllTheTimeIsJustWithinTheBound) {
  for (const auto& [there_ns, back_ns] : {std::pair(0, 1'001), std::pair(1'001, 0)}) {
    ClockSync sync;
    sync.Add(SampleOf(9, there_ns, back_ns, 123'456));
    EXPECT_LE(std::abs(sync.offset_ns() - 123'456), sync.uncertainty_ns());
    EXPECT_EQ(sync.uncertainty_ns(), 501) << "half of an odd round trip, rounded up";
  }
}

TEST(ClockSyncTest, TheTrueOffsetLiesWithinTheBoundWhateverTheDelays) {
  for (uint64_t seed = 0; seed < 2'000; ++seed) {
    const RandomSequence random(seed);
    const auto below = [&random](uint64_t position, uint64_t limit) {
      return static_cast<int64_t>(random.BitsAt(position) % limit);
    };
    const int64_t offset_ns = below(0, 1ULL << 50) - (int64_t{1} << 49);
    ClockSync sync;
    int64_t fastest_ns = INT64_MAX;
    for (uint64_t ping = 0; ping < 16; ++ping) {
      const int64_t there_ns = below(3 * ping + 1, 50'000'000);
      const int64_t back_ns = below(3 * ping + 2, 50'000'000);
      sync.Add(SampleOf(below(3 * ping + 3, 1ULL << 40), there_ns, back_ns, offset_ns));
      fastest_ns = std::min(fastest_ns, there_ns + back_ns);
    }
    EXPECT_LE(std::abs(sync.offset_ns() - offset_ns), sync.uncertainty_ns()) << "seed " << seed;
    EXPECT_EQ(sync.uncertainty_ns(), (fastest_ns + 1) / 2) << "seed " << seed;
  }
}

TEST(ClockSyncTest, TheFastestRoundTripIsKeptWhereverItComes) {
  ClockSync sync;
  sync.Add(SampleOf(0, 9'000, 1'000, 50));
  sync.Add(SampleOf(20'000, 10, 10, 50));
  sync.Add(SampleOf(40'000, 1'000, 90'000, 50));
  EXPECT_EQ(sync.offset_ns(), 50);
  EXPECT_EQ(sync.uncertainty_ns(), 10);
  EXPECT_EQ(sync.samples(), 3);
}

TEST(ClockSyncTest, AnAnswerFromBeforeTheQuestionIsNotBelieved) {
  ClockSync sync;
  sync.Add(SampleOf(0, 500, 500, 7));
  sync.Add({100, 1'000'000, 50});
  EXPECT_EQ(sync.offset_ns(), 7);
  EXPECT_EQ(sync.uncertainty_ns(), 500);
}

}  // namespace
}  // namespace drumline
