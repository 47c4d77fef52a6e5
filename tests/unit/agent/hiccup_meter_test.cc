#include "agent/hiccup_meter.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kBeat = HiccupMeter::kBeatNs;

class HiccupMeterTest : public testing::Test {
 protected:
  HiccupMeterTest() { meter_.Start(0); }

  void Look(int64_t now_ns) {
    meter_.Look(now_ns, [this](int64_t delay_ns, uint64_t beats) {
      delays_.insert(delays_.end(), beats, delay_ns);
    });
  }

  HiccupMeter meter_;
  std::vector<int64_t> delays_;
};

TEST_F(HiccupMeterTest, ALoopThatAlwaysLooksIsNeverLate) {
  for (int64_t now_ns = 0; now_ns <= 1'000 * kBeat; now_ns += kBeat / 7) Look(now_ns);
  Look(1'000 * kBeat);
  ASSERT_EQ(delays_.size(), 1'000u);
  // A look comes at most a seventh of a beat after it.
  EXPECT_LE(*std::max_element(delays_.begin(), delays_.end()), kBeat / 7);
}

TEST_F(HiccupMeterTest, AStopIsSeenByEachBeatInIt) {
  Look(kBeat);
  // A stop of 40 beats, which ends on the beat.
  Look(41 * kBeat);
  ASSERT_EQ(delays_.size(), 41u);
  EXPECT_EQ(delays_[0], 0);
  for (int64_t i = 1; i <= 40; ++i) {
    EXPECT_EQ(delays_[static_cast<size_t>(i)], (40 - i) * kBeat);
  }
}

TEST_F(HiccupMeterTest, ASleepThatEndsOnTimeIsNoHiccup) {
  meter_.AsleepUntil(10 * kBeat);
  Look(10 * kBeat);
  EXPECT_EQ(delays_, std::vector<int64_t>(10, 0));
}

TEST_F(HiccupMeterTest, ASleepThatIsInterruptedIsNoHiccup) {
  meter_.AsleepUntil(10 * kBeat);
  Look(4 * kBeat + 1);
  EXPECT_EQ(delays_, std::vector<int64_t>(4, 0));
}

TEST_F(HiccupMeterTest, AStopAfterAnInterruptedSleepIsOne) {
  meter_.AsleepUntil(10 * kBeat);
  Look(kBeat);
  // Awake since then, and stopped until a beat before the sleep would have ended.
  Look(9 * kBeat);
  EXPECT_EQ(delays_, (std::vector<int64_t>{0, 7 * kBeat, 6 * kBeat, 5 * kBeat, 4 * kBeat, 3 * kBeat,
                                           2 * kBeat, kBeat, 0}));
}

TEST_F(HiccupMeterTest, ASleepThatEndsLateIsLateForAllItsBeats) {
  meter_.AsleepUntil(3 * kBeat);
  // Late by 2.5 beats: what was asked for ends with beat 3; beats 4 and 5 come while it is late.
  Look(3 * kBeat + 5 * kBeat / 2);
  const int64_t late_ns = 5 * kBeat / 2;
  EXPECT_EQ(delays_, (std::vector<int64_t>{late_ns, late_ns, late_ns, late_ns - kBeat,
                                           late_ns - 2 * kBeat}));
}

TEST_F(HiccupMeterTest, CountsEveryBeatOnceHoweverItIsLookedAt) {
  uint64_t state = 1;
  int64_t now_ns = 0;
  for (int i = 0; i < 10'000; ++i) {
    state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    const auto step_ns = static_cast<int64_t>((state >> 33) % (3 * kBeat));
    if (state >> 63) meter_.AsleepUntil(now_ns + step_ns / 2);
    now_ns += step_ns;
    Look(now_ns);
  }
  EXPECT_EQ(delays_.size(), static_cast<uint64_t>(now_ns / kBeat));
  EXPECT_GE(*std::min_element(delays_.begin(), delays_.end()), 0);
}

}  // namespace
}  // namespace drumline
