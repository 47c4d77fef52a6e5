#include "controller/scrape/beat.h"

#include <gtest/gtest.h>

#include <random>

namespace drumline {
namespace {

TEST(NextBeatTest, OneAfterAnotherWhileThereIsTime) {
  EXPECT_EQ(NextBeat(100, -1, 0).number, 0);
  EXPECT_EQ(NextBeat(100, 0, 1).number, 1);
  EXPECT_EQ(NextBeat(100, 0, 99).number, 1);
  EXPECT_EQ(NextBeat(100, 0, 100).number, 1);
  EXPECT_EQ(NextBeat(100, 0, 100).missed, 0);
}

TEST(NextBeatTest, BeatsThatWentByAreMissed) {
  EXPECT_EQ(NextBeat(100, 0, 101).number, 2);
  EXPECT_EQ(NextBeat(100, 0, 101).missed, 1);
  EXPECT_EQ(NextBeat(100, 3, 1000).number, 10);
  EXPECT_EQ(NextBeat(100, 3, 1000).missed, 6);
}

// Against counting: walk beat by beat to the first one that lies ahead.
TEST(NextBeatTest, AgreesWithCounting) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto interval = static_cast<int64_t>(random() % 50 + 1);
    const auto last = static_cast<int64_t>(random() % 20) - 1;
    const auto elapsed = static_cast<int64_t>(random() % 2000);
    int64_t number = last + 1;
    int64_t missed = 0;
    while (number * interval < elapsed) ++number, ++missed;
    const BeatStep step = NextBeat(interval, last, elapsed);
    ASSERT_EQ(step.number, number);
    ASSERT_EQ(step.missed, missed);
  }
}

}  // namespace
}  // namespace drumline
