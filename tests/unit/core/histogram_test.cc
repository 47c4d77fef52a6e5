#include "core/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace drumline {
namespace {

constexpr int64_t kMicrosecond = 1'000;
constexpr int64_t kMillisecond = 1'000'000;

// HdrHistogram's index, written from its published description and not from our code: with a
// sub-bucket count of 2^m, a value lies in bucket b = the number of times that it has to be halved
// to be below 2^m; its index is (b + 1) 2^(m−1) + (value / 2^b − 2^(m−1)).
int PublishedIndex(int64_t value) {
  constexpr int64_t kSubBuckets = 2048;
  int bucket = 0;
  while ((value >> bucket) >= kSubBuckets) ++bucket;
  return (bucket + 1) * 1024 + static_cast<int>((value >> bucket) - 1024);
}

TEST(HistogramSlots, FollowThePublishedIndexAtEveryEdge) {
  for (int64_t value = 0; value <= 20'000; ++value) {
    ASSERT_EQ(Histogram::SlotOf(value), PublishedIndex(value)) << value;
  }
  for (int bit = 11; bit <= 41; ++bit) {
    for (int64_t sub : {0L, 1L, 511L, 512L, 1023L}) {
      const int64_t edge = (int64_t{1} << bit) + (sub << (bit - 10));
      for (int64_t value : {edge - 1, edge, edge + 1}) {
        if (value > Histogram::kHighestNs) continue;
        ASSERT_EQ(Histogram::SlotOf(value), PublishedIndex(value)) << value;
      }
    }
  }
  EXPECT_EQ(Histogram::SlotOf(Histogram::kHighestNs), PublishedIndex(Histogram::kHighestNs));
}

TEST(HistogramSlots, HaveTheSizeOfHdrHistogramsArray) {
  // HdrHistogram doubles from 2,048 until the highest value fits, and keeps one half more.
  int buckets = 1;
  for (int64_t reach = 2048; reach <= Histogram::kHighestNs; reach *= 2) ++buckets;
  EXPECT_EQ(Histogram::kSlots, (buckets + 1) * 1024);
}

TEST(HistogramSlots, TileTheWholeRangeWithoutGaps) {
  int64_t expected_low = 0;
  for (int slot = 0; slot < Histogram::kSlots; ++slot) {
    const int64_t low = Histogram::LowestInSlot(slot);
    const int64_t high = Histogram::HighestInSlot(slot);
    ASSERT_EQ(low, expected_low) << slot;
    ASSERT_GE(high, low) << slot;
    ASSERT_EQ(Histogram::SlotOf(low), slot);
    ASSERT_EQ(Histogram::SlotOf(high), slot);
    if (low >= kMicrosecond) {
      ASSERT_LE(static_cast<double>(high - low), 0.001 * static_cast<double>(low)) << slot;
    }
    expected_low = high + 1;
  }
  EXPECT_GT(expected_low, Histogram::kHighestNs);
}

TEST(Histogram, StartsEmpty) {
  const Histogram histogram;
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.out_of_range(), 0u);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.max_ns(), 0);
  EXPECT_EQ(histogram.ValueAtQuantile(0.5), 0);
  EXPECT_EQ(histogram.SlotAtRank(1), -1);
  EXPECT_EQ(histogram.MeanNs(), 0);
  EXPECT_EQ(histogram.CountAtOrBelow(Histogram::kHighestNs), 0u);
  EXPECT_GT(histogram.first_slot(), histogram.last_slot());
}

TEST(Histogram, CountsWhatIsOutOfRange) {
  Histogram histogram;
  EXPECT_FALSE(histogram.Record(-1));
  EXPECT_FALSE(histogram.Record(std::numeric_limits<int64_t>::min()));
  EXPECT_FALSE(histogram.Record(Histogram::kHighestNs + 1));
  EXPECT_FALSE(histogram.Record(std::numeric_limits<int64_t>::max()));
  EXPECT_FALSE(histogram.RecordMany(-5, 10));
  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.out_of_range(), 14u);
  EXPECT_TRUE(histogram.Record(0));
  EXPECT_TRUE(histogram.Record(Histogram::kHighestNs));
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.max_ns(), Histogram::kHighestNs);

  Histogram other;
  EXPECT_TRUE(other.Merge(histogram));
  EXPECT_EQ(other.out_of_range(), 14u);
}

TEST(Histogram, RecordManyEqualsManyRecords) {
  Histogram one_by_one;
  Histogram at_once;
  for (int i = 0; i < 100; ++i) one_by_one.Record(7 * kMillisecond);
  EXPECT_TRUE(at_once.RecordMany(7 * kMillisecond, 100));
  EXPECT_TRUE(at_once.RecordMany(kMillisecond, 0));
  EXPECT_EQ(one_by_one, at_once);
}

TEST(Histogram, AFullHistogramCountsTheRestAsOutOfRange) {
  Histogram full;
  EXPECT_TRUE(full.RecordMany(5, Histogram::kMaxCount));
  EXPECT_FALSE(full.Record(5));
  EXPECT_FALSE(full.RecordMany(6, 2));
  EXPECT_EQ(full.count(), Histogram::kMaxCount);
  EXPECT_EQ(full.out_of_range(), 3u);
  EXPECT_EQ(full.max_ns(), 5);

  Histogram more;
  more.RecordMany(9, 4);
  EXPECT_FALSE(full.Merge(more));
  EXPECT_EQ(full.count(), Histogram::kMaxCount);
  EXPECT_EQ(full.max_ns(), 5);
  EXPECT_EQ(full.out_of_range(), 7u);
}

TEST(Histogram, OutOfRangeSaturates) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  Histogram histogram;
  EXPECT_FALSE(histogram.RecordMany(-1, kMost - 1));
  EXPECT_FALSE(histogram.Record(-1));
  EXPECT_FALSE(histogram.Record(-1));
  EXPECT_EQ(histogram.out_of_range(), kMost);
}

TEST(Histogram, RanksFollowTheWrittenDecimal) {
  EXPECT_EQ(Histogram::RankOfQuantile(0.5, 0), 0u);
  EXPECT_EQ(Histogram::RankOfQuantile(0.0, 10), 1u);
  EXPECT_EQ(Histogram::RankOfQuantile(1.0, 10), 10u);
  EXPECT_EQ(Histogram::RankOfQuantile(0.5, 1), 1u);
  EXPECT_EQ(Histogram::RankOfQuantile(0.5, 11), 6u);
  EXPECT_EQ(Histogram::RankOfQuantile(std::nan(""), 10), 1u);
  EXPECT_EQ(Histogram::RankOfQuantile(7.0, 10), 10u);
  EXPECT_EQ(Histogram::RankOfQuantile(1.0, Histogram::kMaxCount), Histogram::kMaxCount);
  // Every thousandth against whole-number arithmetic, also through a division as a parser has it.
  for (uint64_t thousandths = 1; thousandths < 1000; ++thousandths) {
    const double q = static_cast<double>(thousandths) / 1000;
    const double from_percent = static_cast<double>(thousandths) / 10 / 100;
    for (uint64_t n : {1ul, 7ul, 100ul, 1'000ul, 1'001ul, 999'999ul, 3'600'000'000ul}) {
      const uint64_t expected = (thousandths * n + 999) / 1000;
      ASSERT_EQ(Histogram::RankOfQuantile(q, n), expected) << q << " of " << n;
      ASSERT_EQ(Histogram::RankOfQuantile(from_percent, n), expected) << q << " of " << n;
    }
  }
}

TEST(Histogram, QuantilesOfOneToTenThousandMicroseconds) {
  Histogram histogram;
  for (int64_t us = 1; us <= 10'000; ++us) histogram.Record(us * kMicrosecond);
  for (double q : {0.001, 0.5, 0.9, 0.99, 0.999}) {
    const double truth = 10'000.0 * q * static_cast<double>(kMicrosecond);
    EXPECT_NEAR(static_cast<double>(histogram.ValueAtQuantile(q)), truth, 0.001 * truth) << q;
  }
  EXPECT_EQ(histogram.ValueAtQuantile(1), 10 * kMillisecond);
  EXPECT_NEAR(histogram.MeanNs(), 5'000'500, 0.0005 * 5'000'500);
}

TEST(Histogram, ValuesBelowTwoMicrosecondsAreExact) {
  Histogram histogram;
  for (int64_t ns = 0; ns < 2048; ++ns) histogram.Record(ns);
  for (uint64_t rank = 1; rank <= 2048; ++rank) {
    ASSERT_EQ(histogram.ValueAtRank(rank), static_cast<int64_t>(rank) - 1);
  }
  EXPECT_EQ(histogram.ValueAtRank(0), 0);
  EXPECT_EQ(histogram.SlotAtRank(2049), -1);
  EXPECT_EQ(histogram.MeanNs(), 1023.5);
}

TEST(Histogram, QuantilesNeverExceedTheMaximum) {
  Histogram histogram;
  histogram.Record(1'000'001);
  EXPECT_GT(Histogram::HighestInSlot(histogram.last_slot()), 1'000'001);
  EXPECT_EQ(histogram.ValueAtQuantile(0.5), 1'000'001);
  EXPECT_EQ(histogram.ValueAtQuantile(1), 1'000'001);
}

TEST(Histogram, CountsOnEitherSideOfAValue) {
  Histogram histogram;
  for (int64_t value : {10L, 20L, 20L, 30L}) histogram.Record(value * kMicrosecond);
  EXPECT_EQ(histogram.CountAtOrBelow(-1), 0u);
  EXPECT_EQ(histogram.CountAtOrBelow(9 * kMicrosecond), 0u);
  EXPECT_EQ(histogram.CountAtOrBelow(10 * kMicrosecond), 1u);
  EXPECT_EQ(histogram.CountAtOrBelow(25 * kMicrosecond), 3u);
  EXPECT_EQ(histogram.CountAbove(25 * kMicrosecond), 1u);
  EXPECT_EQ(histogram.CountAtOrBelow(std::numeric_limits<int64_t>::max()), 4u);
}

TEST(Histogram, ClearLeavesNothing) {
  Histogram histogram;
  for (int64_t value = 1; value < Histogram::kHighestNs; value = value * 3 + 1) {
    histogram.Record(value);
  }
  histogram.Record(-1);
  histogram.Clear();
  for (int slot = 0; slot < Histogram::kSlots; ++slot) ASSERT_EQ(histogram.CountAtSlot(slot), 0u);
  EXPECT_EQ(histogram, Histogram());
  histogram.Clear();
  histogram.Record(42);
  Histogram fresh;
  fresh.Record(42);
  EXPECT_EQ(histogram, fresh);
}

TEST(Histogram, CopiesAndMovesKeepEverything) {
  Histogram original;
  original.RecordMany(kMillisecond, 3);
  original.Record(-1);
  Histogram copy = original;
  EXPECT_EQ(copy, original);
  copy.Record(1);
  EXPECT_FALSE(copy == original);
  Histogram moved = std::move(copy);
  EXPECT_EQ(moved.count(), 4u);
  EXPECT_EQ(moved.out_of_range(), 1u);
  copy = original;
  EXPECT_EQ(copy, original);
}

TEST(Histogram, EqualityLooksAtEverything) {
  Histogram a;
  a.RecordMany(1'000'000, 2);
  Histogram same_slot;
  same_slot.Record(1'000'000);
  same_slot.Record(1'000'001);
  ASSERT_EQ(Histogram::SlotOf(1'000'000), Histogram::SlotOf(1'000'001));
  EXPECT_FALSE(a == same_slot);
  Histogram with_stray = a;
  with_stray.Record(-1);
  EXPECT_FALSE(a == with_stray);
}

TEST(Histogram, MergeWithItselfDoubles) {
  Histogram histogram;
  histogram.Record(3);
  histogram.Record(kMillisecond);
  EXPECT_TRUE(histogram.Merge(histogram));
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.CountAtSlot(3), 2u);
}

}  // namespace
}  // namespace drumline
