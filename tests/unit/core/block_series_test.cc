#include "core/block_series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "core/student_t.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Histogram Of(const std::vector<int64_t>& values) {
  Histogram histogram;
  for (int64_t value : values) histogram.Record(value);
  return histogram;
}

std::vector<uint64_t> Counts(const BlockSeries& series) {
  std::vector<uint64_t> counts;
  for (const SlotCounts* block : series.Blocks()) counts.push_back(block->count());
  return counts;
}

TEST(SlotCounts, CountsAsTheHistogramDoes) {
  std::mt19937_64 random(7);
  Histogram histogram;
  for (int i = 0; i < 10'000; ++i)
    histogram.Record(static_cast<int64_t>(random() >> (28 + i % 30)));
  SlotCounts counts;
  counts.Add(histogram);
  SlotCounts twice = counts;
  twice.Add(counts);
  EXPECT_EQ(counts.count(), histogram.count());
  for (int slot = 0; slot < Histogram::kSlots; slot += 97) {
    const uint64_t expected = histogram.CountAtOrBelow(Histogram::LowestInSlot(slot));
    EXPECT_EQ(counts.CountUpTo(slot), expected) << slot;
    EXPECT_EQ(twice.CountUpTo(slot), 2 * expected) << slot;
  }
}

TEST(BlockSeries, KeepsSecondsApartUntilThereAreTooMany) {
  BlockSeries series;
  for (int64_t s = 5; s < 35; ++s) series.Add(s * kSecond, Of({1, 2}));
  EXPECT_EQ(Counts(series), std::vector<uint64_t>(30, 2));
  series.Add(35 * kSecond, Of({3}));
  EXPECT_EQ(series.block_ns(), 2 * kSecond);
  // Seconds 4 (empty) and 5, then pairs, then 34 and 35.
  std::vector<uint64_t> expected(16, 4);
  expected.front() = 2;
  expected.back() = 3;
  EXPECT_EQ(Counts(series), expected);
}

TEST(BlockSeries, EmptyHistogramsBeginAndEndNothing) {
  BlockSeries series;
  series.Add(0, Histogram());
  EXPECT_TRUE(series.Blocks().empty());
  series.Add(3 * kSecond, Of({1}));
  series.Add(6 * kSecond, Of({1}));
  series.Add(9 * kSecond, Histogram());
  EXPECT_EQ(Counts(series), (std::vector<uint64_t>{1, 0, 0, 1}));
}

TEST(BlockSeries, StaysSmallAndDoesNotDependOnTheOrder) {
  std::vector<std::pair<int64_t, int64_t>> seen;
  for (int64_t s = 0; s < 1'000; ++s) seen.push_back({s * kSecond + s * 1'000, 1'000 + s});
  BlockSeries forward;
  for (const auto& [at, value] : seen) forward.Add(at, Of({value}));
  EXPECT_EQ(forward.block_ns(), 64 * kSecond);
  EXPECT_EQ(forward.Blocks().size(), 16u);
  std::mt19937_64 random(3);
  std::shuffle(seen.begin(), seen.end(), random);
  BlockSeries first;
  BlockSeries second;
  for (size_t i = 0; i < seen.size(); ++i) {
    (i % 7 == 0 ? first : second).Add(seen[i].first, Of({seen[i].second}));
  }
  first.Merge(second);
  EXPECT_EQ(first.block_ns(), forward.block_ns());
  EXPECT_EQ(Counts(first), Counts(forward));
  for (size_t i = 0; i < forward.Blocks().size(); ++i) {
    for (int slot = 900; slot < 2'048; slot += 50) {
      EXPECT_EQ(first.Blocks()[i]->CountUpTo(slot), forward.Blocks()[i]->CountUpTo(slot));
    }
  }
}

// Ten blocks of 100 durations, of which 50 ± d are short.
struct Wandering {
  BlockSeries series;
  Histogram total;
};

Wandering TenBlocks(int wander) {
  Wandering w;
  for (int j = 0; j < 10; ++j) {
    Histogram block;
    const int below = 50 + (j % 2 == 0 ? wander : -wander);
    for (int i = 0; i < 100; ++i) block.Record(i < below ? 1'000 + i : 1'500 + i);
    w.series.Add(j * kSecond, block);
    w.total.Merge(block);
  }
  return w;
}

TEST(RanksOfQuantileByBlocks, IsTheClosedFormOfAlternatingBlocks) {
  const Wandering w = TenBlocks(20);
  // With d = 20 the median is the 500th of 1,000 values: the last of the short ones, 1,069 ns. Each
  // block's excess is ± 20, so that se = sqrt(10 / 9 · 10 · 400) / 1,000.
  const double reach = StudentQuantile(0.975, 9) * std::sqrt(10.0 / 9 * 10 * 400);
  const std::optional<QuantileRanks> ranks = RanksOfQuantileByBlocks(w.series, w.total, 0.5);
  ASSERT_TRUE(ranks);
  EXPECT_EQ(ranks->low, static_cast<uint64_t>(std::floor(500 - reach)));
  EXPECT_EQ(ranks->high, static_cast<uint64_t>(std::ceil(500 + reach)) + 1);
  EXPECT_TRUE(ranks->supported());
}

TEST(RanksOfQuantileByBlocks, NeedsTenBlocks) {
  BlockSeries series;
  Histogram total;
  for (int64_t s = 0; s < 9; ++s) {
    series.Add(s * kSecond, Of({s + 1}));
    total.Record(s + 1);
  }
  EXPECT_FALSE(RanksOfQuantileByBlocks(series, total, 0.5));
  EXPECT_EQ(WiderIntervalOfQuantile(series, total, 0.5).blocks, 0u);
  EXPECT_FALSE(RanksOfQuantileByBlocks(BlockSeries(), Histogram(), 0.5));
}

TEST(WiderIntervalOfQuantile, IsTheWiderOne) {
  const Wandering calm = TenBlocks(0);
  const QuantileInterval binomial = IntervalOfQuantile(calm.total, 0.5);
  const RunQuantile same = WiderIntervalOfQuantile(calm.series, calm.total, 0.5);
  EXPECT_EQ(same.blocks, 10u);
  EXPECT_EQ(same.interval.low_ns, binomial.low_ns);
  EXPECT_EQ(same.interval.high_ns, binomial.high_ns);
  const Wandering wild = TenBlocks(40);
  const QuantileInterval narrow = IntervalOfQuantile(wild.total, 0.5);
  const RunQuantile wide = WiderIntervalOfQuantile(wild.series, wild.total, 0.5);
  EXPECT_LT(wide.interval.low_ns, narrow.low_ns);
  EXPECT_GE(wide.interval.high_ns, narrow.high_ns);
}

// All that is slow was seen in one block: had there been another such stall, or none, nobody knows
// how high the quantile were.
TEST(WiderIntervalOfQuantile, ASingleStallLeavesItOpenUpwards) {
  BlockSeries series;
  Histogram total;
  for (int64_t s = 0; s < 20; ++s) {
    Histogram block;
    block.RecordMany(1'000'000, 1'000);
    if (s == 7) block.RecordMany(500'000'000, 600);
    series.Add(s * kSecond, block);
    total.Merge(block);
  }
  EXPECT_TRUE(IntervalOfQuantile(total, 0.98).supported);
  const RunQuantile p98 = WiderIntervalOfQuantile(series, total, 0.98);
  EXPECT_FALSE(p98.interval.high_bounded);
  EXPECT_FALSE(p98.interval.supported);
}

}  // namespace
}  // namespace drumline
