#include "agent/engine/receive_clock.h"

#include "agent/clock.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

timespec WallIn(int64_t ns) {
  const int64_t wall_ns = ClockNs(CLOCK_REALTIME) + ns;
  return {.tv_sec = wall_ns / 1'000'000'000, .tv_nsec = wall_ns % 1'000'000'000};
}

TEST(ReceiveClock, AStampOfNowIsNow) {
  ReceiveClock clock;
  clock.Look();
  const int64_t before_ns = MonotonicNowNs();
  const timespec wall = WallIn(0);
  const int64_t after_ns = MonotonicNowNs();
  const int64_t received_ns = clock.FromStamp(&wall);
  constexpr int64_t kClocksNs = 1'000'000;
  EXPECT_GE(received_ns, before_ns - kClocksNs);
  EXPECT_LE(received_ns, after_ns + kClocksNs);
  EXPECT_TRUE(clock.stamped());
}

TEST(ReceiveClock, WithoutAStampItIsNowAndSaysSo) {
  ReceiveClock clock;
  clock.Look();
  const int64_t before_ns = MonotonicNowNs();
  const int64_t received_ns = clock.FromStamp(nullptr);
  EXPECT_GE(received_ns, before_ns);
  EXPECT_LE(received_ns, MonotonicNowNs());
  EXPECT_FALSE(clock.stamped());
  const timespec wall = WallIn(0);
  clock.FromStamp(&wall);
  EXPECT_TRUE(clock.stamped());
}

TEST(ReceiveClock, DoesNotBelieveAStampFromBeforeTheWallClockWasSet) {
  ReceiveClock clock;
  clock.Look();
  for (int64_t step_ns : {-3'600'000'000'000, 3'600'000'000'000}) {
    const timespec wall = WallIn(step_ns);
    const int64_t before_ns = MonotonicNowNs();
    const int64_t received_ns = clock.FromStamp(&wall);
    EXPECT_GE(received_ns, before_ns);
    EXPECT_LE(received_ns, MonotonicNowNs());
  }
}

}  // namespace
}  // namespace drumline
