#include "agent/host_cost.h"

#include <gtest/gtest.h>

namespace drumline {
namespace {

TEST(HostCostTest, StealIsTheEighthFigureOfTheFirstLine) {
  const char stat[] =
      "cpu  10 20 30 40 50 60 70 123 80 90\n"
      "cpu0 1 2 3 4 5 6 7 999 8 9\n";
  EXPECT_EQ(StealNs(stat, 100), 1'230'000'000);
  EXPECT_EQ(StealNs(stat, 1000), 123'000'000);
}

TEST(HostCostTest, WhatIsNotThereIsNothing) {
  EXPECT_EQ(StealNs("", 100), 0);
  EXPECT_EQ(StealNs("cpu 1 2 3 4 5 6 7\n", 100), 0);
  EXPECT_EQ(StealNs("intr 1 2 3 4 5 6 7 8\n", 100), 0);
  EXPECT_EQ(StealNs("cpu 1 2 3 4 5 6 7 8\n", 0), 0);
  EXPECT_EQ(ThrottledNs(""), 0);
  EXPECT_EQ(ThrottledNs("usage_usec 5\nnr_throttled 4\n"), 0);
}

TEST(HostCostTest, BothVersionsOfControlGroupsAreRead) {
  EXPECT_EQ(ThrottledNs("usage_usec 5\nnr_periods 9\nnr_throttled 4\nthrottled_usec 250\n"),
            250'000);
  EXPECT_EQ(ThrottledNs("nr_periods 9\nnr_throttled 4\nthrottled_time 777\n"), 777);
}

TEST(HostCostTest, ThisHostHasAnAnswerThatNeverFalls) {
  const HostCost first = ReadHostCost();
  const HostCost second = ReadHostCost();
  EXPECT_GE(first.steal_ns, 0);
  EXPECT_GE(second.steal_ns, first.steal_ns);
  EXPECT_GE(second.throttled_ns, first.throttled_ns);
}

}  // namespace
}  // namespace drumline
