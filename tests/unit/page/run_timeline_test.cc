#include "controller/page/run_timeline.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/histogram_codec.h"
#include "tests/unit/page/seeded_interval.h"

namespace drumline {
namespace {

proto::RunPlan PlanOf(int64_t measure_seconds) {
  proto::RunPlan plan;
  plan.set_run_id("001-echo-r1");
  plan.set_target("echo");
  plan.mutable_load()->set_measure_ns(measure_seconds * kIntervalSecondNs);
  return plan;
}

// Two agents, [seconds] intervals of a second each.
std::vector<proto::Interval> Intervals(uint64_t seconds) {
  std::mt19937_64 random(7);
  std::vector<proto::Interval> intervals;
  for (uint64_t number = 1; number <= seconds; ++number) {
    for (const char* agent : {"a", "b"}) {
      intervals.push_back(SeededInterval(agent, number, 1, 50, &random));
    }
  }
  return intervals;
}

// What the columns must say, by whole histograms.
void ExpectEqual(const SparseCounts& counts, const Histogram& histogram) {
  EXPECT_EQ(counts.count(), histogram.count());
  EXPECT_EQ(counts.max_ns(), histogram.max_ns());
  for (double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    EXPECT_EQ(counts.ValueAtQuantile(q), histogram.ValueAtQuantile(q)) << q;
  }
}

void ExpectSameColumns(const RunTimeline& a, const RunTimeline& b) {
  ASSERT_EQ(a.column_ns(), b.column_ns());
  ASSERT_EQ(a.columns().size(), b.columns().size());
  for (const auto& [index, column] : a.columns()) {
    const TimelineColumn& other = b.columns().at(index);
    EXPECT_EQ(column.begin_ns, other.begin_ns);
    EXPECT_EQ(column.end_ns, other.end_ns);
    EXPECT_EQ(column.ledger, other.ledger);
    EXPECT_EQ(column.agents.at("a").cpu_ns, other.agents.at("a").cpu_ns);
    for (double q : {0.5, 0.99, 1.0}) {
      EXPECT_EQ(column.response_time.ValueAtQuantile(q), other.response_time.ValueAtQuantile(q));
    }
  }
}

TEST(SparseCounts, SayWhatTheMergedHistogramSays) {
  std::mt19937_64 random(3);
  SparseCounts counts;
  SparseCounts halves;
  Histogram merged;
  for (int i = 0; i < 40; ++i) {
    Histogram part;
    for (int k = 0; k < 25; ++k) part.Record(SeededTimeNs(&random));
    proto::HistogramCounts encoded;
    EncodeHistogram(part, &encoded);
    ASSERT_TRUE(counts.Add(encoded).ok());
    SparseCounts one;
    ASSERT_TRUE(one.Add(encoded).ok());
    halves.Merge(one);
    merged.Merge(part);
  }
  ExpectEqual(counts, merged);
  ExpectEqual(halves, merged);
}

TEST(SparseCounts, RefuseSlotsThatThereAreNot) {
  proto::HistogramCounts counts;
  counts.add_slot_steps(Histogram::kSlots + 1);
  counts.add_counts(1);
  SparseCounts sparse;
  EXPECT_FALSE(sparse.Add(counts).ok());
  counts.clear_counts();
  EXPECT_FALSE(sparse.Add(counts).ok());
  EXPECT_EQ(sparse.count(), 0u);
}

TEST(RunTimeline, ColumnsHoldWhatTheIntervalsHold) {
  const std::vector<proto::Interval> intervals = Intervals(60);
  RunTimeline timeline(PlanOf(60), 12);
  EXPECT_EQ(timeline.column_ns(), 5 * kIntervalSecondNs);
  for (const proto::Interval& interval : intervals) ASSERT_TRUE(timeline.Add(interval).ok());
  ASSERT_EQ(timeline.columns().size(), 12u);
  for (const auto& [index, column] : timeline.columns()) {
    Histogram response_time;
    uint64_t sent = 0;
    for (const proto::Interval& interval : intervals) {
      if (interval.begin_ns() / timeline.column_ns() != index) continue;
      ASSERT_TRUE(DecodeHistogramInto(interval.measure().response_time(), &response_time).ok());
      sent += interval.measure().sent();
    }
    EXPECT_EQ(column.ledger.sent(), sent);
    EXPECT_EQ(column.ledger.Count(Outcome::kTimeout), 10u);
    ExpectEqual(column.response_time, response_time);
  }
}

TEST(RunTimeline, CountsAnIntervalOnce) {
  const std::vector<proto::Interval> intervals = Intervals(5);
  RunTimeline once(PlanOf(5), 100);
  RunTimeline twice(PlanOf(5), 100);
  for (const proto::Interval& interval : intervals) {
    ASSERT_TRUE(once.Add(interval).ok());
    ASSERT_TRUE(twice.Add(interval).ok());
    ASSERT_TRUE(twice.Add(interval).ok());
  }
  ExpectSameColumns(once, twice);
  EXPECT_EQ(once.response_time(), twice.response_time());
}

// A run that ends by count has no planned length: its columns widen as it goes, and are then what
// they would have been from the beginning.
TEST(RunTimeline, WidensWithoutLosingAnything) {
  RunTimeline growing(PlanOf(0), 10);
  RunTimeline wide(PlanOf(40), 10);
  for (const proto::Interval& interval : Intervals(40)) {
    ASSERT_TRUE(growing.Add(interval).ok());
    ASSERT_TRUE(wide.Add(interval).ok());
  }
  EXPECT_EQ(growing.widenings(), 2);
  ExpectSameColumns(growing, wide);
}

}  // namespace
}  // namespace drumline
