#include "controller/run/run_totals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/book_codec.h"
#include "core/histogram.h"
#include "core/histogram_codec.h"
#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

using testing::HasSubstr;

TEST(RunTotalsTest, IntervalsAddUp) {
  RunTotals totals(kSampleRun);
  for (uint64_t number = 1; number <= 3; ++number) {
    proto::Interval interval = SampleInterval("a", number, SampleBook(10), SampleBook(2));
    interval.set_agent_cpu_ns(100);
    interval.add_worker_busy(number == 2 ? 0.75 : 0.25);
    if (number == 1) interval.set_phase(proto::PHASE_WARMUP);
    interval.set_last(number == 3);
    const auto receipt = totals.Add(interval);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    EXPECT_TRUE(receipt->news);
    EXPECT_EQ(receipt->measure.ledger().sent(), 10U);
  }
  const AgentTotals& sums = totals.agents().at("a");
  EXPECT_EQ(sums.intervals, 3U);
  EXPECT_TRUE(sums.complete);
  EXPECT_EQ(sums.measure.ledger().sent(), 30U);
  EXPECT_EQ(sums.warmup.ledger().sent(), 6U);
  // The two intervals of the window; what was due in the warm-up counts where it happened.
  EXPECT_EQ(sums.sent_in_window, 24U);
  EXPECT_EQ(sums.answered_in_window, 24U);
  EXPECT_EQ(sums.ok_in_window, 24U);
  EXPECT_EQ(sums.window_ns, 2'000'000'000);
  EXPECT_EQ(sums.cpu_in_window_ns, 200);
  EXPECT_EQ(sums.max_worker_busy, 0.75);
}

proto::Interval IntervalOfTwo(int first, int second, int all) {
  proto::Interval interval = SampleInterval("a", 1, SampleBook(all), SampleBook(1));
  BookCodec::Encode(SampleBook(first), interval.add_requests());
  BookCodec::Encode(SampleBook(second), interval.add_requests());
  return interval;
}

TEST(RunTotalsTest, BooksOfSingleRequestsSumToTheWhole) {
  RunTotals totals(kSampleRun, 2);
  for (uint64_t number = 1; number <= 2; ++number) {
    Book sum = SampleBook(7);
    sum.Merge(SampleBook(3));
    proto::Interval interval = SampleInterval("a", number, sum, SampleBook(1));
    BookCodec::Encode(SampleBook(7), interval.add_requests());
    BookCodec::Encode(SampleBook(3), interval.add_requests());
    const auto receipt = totals.Add(interval);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
  }
  const AgentTotals& sums = totals.agents().at("a");
  ASSERT_EQ(sums.requests.size(), 2U);
  EXPECT_EQ(sums.requests[0].ledger().sent(), 14U);
  EXPECT_EQ(sums.requests[1].ledger().sent(), 6U);
}

TEST(RunTotalsTest, BooksThatDoNotSumToTheWholeAreRefused) {
  RunTotals totals(kSampleRun, 2);
  for (const auto& [first, second] : std::vector<std::pair<int, int>>{{7, 2}, {7, 4}, {10, 1}}) {
    const auto receipt = totals.Add(IntervalOfTwo(first, second, 10));
    ASSERT_FALSE(receipt.ok());
    EXPECT_THAT(std::string(receipt.status().message()), HasSubstr("single requests sum to"));
  }
  RunTotals of_one(kSampleRun);
  EXPECT_THAT(std::string(of_one.Add(IntervalOfTwo(7, 3, 10)).status().message()),
              HasSubstr("books of 2 single requests where the plan wants 0"));
}

// Numbers that no machine can have, and that would spoil the sums of all others.
TEST(RunTotalsTest, WhatCannotBeIsRefusedWithoutATrace) {
  const std::vector<std::function<void(proto::Interval*)>> lies = {
      [](auto* lie) { lie->set_end_ns(std::numeric_limits<int64_t>::max()); },
      [](auto* lie) { lie->set_begin_ns(-1); },
      [](auto* lie) { lie->set_end_ns(lie->begin_ns() - 1); },
      [](auto* lie) { lie->set_agent_cpu_ns(-1); },
      [](auto* lie) { lie->set_agent_cpu_ns(std::numeric_limits<int64_t>::max()); },
      [](auto* lie) { lie->add_worker_busy(std::numeric_limits<double>::quiet_NaN()); },
      [](auto* lie) { lie->add_worker_busy(std::numeric_limits<double>::infinity()); },
      [](auto* lie) { lie->add_worker_busy(-0.5); },
      [](auto* lie) { lie->set_run_id("another"); },
      [](auto* lie) { lie->set_number(0); },
      [](auto* lie) { lie->set_number(2); },
      [](auto* lie) { lie->set_phase(static_cast<proto::Phase>(99)); },
      [](auto* lie) { lie->mutable_measure()->set_ok(11); },
      [](auto* lie) { lie->mutable_measure()->set_in_flight_before(1); },
  };
  RunTotals totals(kSampleRun);
  for (size_t i = 0; i < lies.size(); ++i) {
    proto::Interval lie = SampleInterval("a", 1, SampleBook(10));
    lies[i](&lie);
    const absl::Status status = totals.Add(lie).status();
    EXPECT_FALSE(status.ok()) << "lie " << i;
    EXPECT_THAT(std::string(status.message()), HasSubstr("of agent a")) << "lie " << i;
    EXPECT_TRUE(totals.agents().empty()) << "lie " << i;
  }
  ASSERT_TRUE(totals.Add(SampleInterval("a", 1, SampleBook(10))).ok());
}

// What stalls, stalls for all agents at once.
TEST(RunTotalsTest, BlocksOfTimeHoldAllAgents) {
  RunTotals totals(kSampleRun);
  for (const char* agent : {"a", "b"}) {
    for (uint64_t number = 1; number <= 3; ++number) {
      const proto::Interval interval =
          SampleInterval(agent, number, SampleBook(10 * static_cast<int>(number)), SampleBook(2));
      ASSERT_TRUE(totals.Add(interval).ok());
      // Twice is once.
      ASSERT_TRUE(totals.Add(interval).ok());
    }
  }
  std::vector<uint64_t> counts;
  for (const SlotCounts* block : totals.response_time_blocks().Blocks()) {
    counts.push_back(block->count());
  }
  EXPECT_EQ(counts, (std::vector<uint64_t>{20, 40, 60}));
}

// Hiccups are counted by time: those of the warm-up and of the drain say nothing of the window.
TEST(RunTotalsTest, HiccupsAreThoseOfTheWindow) {
  RunTotals totals(kSampleRun);
  Histogram expected;
  uint64_t number = 0;
  for (auto phase :
       {proto::PHASE_WARMUP, proto::PHASE_MEASURE, proto::PHASE_MEASURE, proto::PHASE_DRAIN}) {
    proto::Interval interval = SampleInterval("a", ++number, SampleBook(1));
    interval.set_phase(phase);
    Histogram hiccups;
    hiccups.Record(static_cast<int64_t>(number) * 1'000);
    hiccups.Record(-1);
    EncodeHistogram(hiccups, interval.mutable_hiccups());
    if (phase == proto::PHASE_MEASURE) expected.Merge(hiccups);
    ASSERT_TRUE(totals.Add(interval).ok());
  }
  EXPECT_TRUE(totals.agents().at("a").hiccups == expected);
  EXPECT_EQ(expected.count(), 2U);
  EXPECT_EQ(expected.out_of_range(), 2U);
}

TEST(RunTotalsTest, AgentsAreKeptApart) {
  RunTotals totals(kSampleRun);
  ASSERT_TRUE(totals.Add(SampleInterval("a", 1, SampleBook(1))).ok());
  ASSERT_TRUE(totals.Add(SampleInterval("b", 1, SampleBook(2))).ok());
  EXPECT_EQ(totals.agents().at("a").measure.ledger().sent(), 1U);
  EXPECT_EQ(totals.agents().at("b").measure.ledger().sent(), 2U);
}

TEST(RunTotalsTest, ADuplicateIsNoNewsAndNotCountedAgain) {
  RunTotals totals(kSampleRun);
  const proto::Interval first = SampleInterval("a", 1, SampleBook(5));
  ASSERT_TRUE(totals.Add(first).ok());
  ASSERT_TRUE(totals.Add(SampleInterval("a", 2, SampleBook(5))).ok());
  const auto again = totals.Add(first);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->news);
  EXPECT_EQ(totals.agents().at("a").measure.ledger().sent(), 10U);
  EXPECT_EQ(totals.agents().at("a").intervals, 2U);
}

TEST(RunTotalsTest, RequestsMayBeOpenBetweenTwoIntervals) {
  Book first;
  first.Due();
  first.Sent(1, 2);
  first.set_after({.waiting = 0, .in_flight = 1});
  Book second;
  second.set_before({.waiting = 0, .in_flight = 1});
  second.Answered(Outcome::kOk, 30, 20);
  RunTotals totals(kSampleRun);
  ASSERT_TRUE(totals.Add(SampleInterval("a", 1, first)).ok());
  ASSERT_TRUE(totals.Add(SampleInterval("a", 2, second)).ok());
  EXPECT_TRUE(totals.agents().at("a").measure.ledger().CheckClosed().ok());
}

// What must be refused, as the third interval of agent "a", and in which words.
std::vector<std::pair<proto::Interval, std::string>> Refused() {
  const proto::Interval good = SampleInterval("a", 3, SampleBook(5));
  std::vector<std::pair<proto::Interval, std::string>> refused;
  const auto add = [&](const std::string& words) -> proto::Interval& {
    return refused.emplace_back(good, words).first;
  };
  add("numbers begin with 1").set_number(0);
  add("interval 3 is missing").set_number(4);
  add("it belongs to run 002-echo-r2, not to 001-echo-r1").set_run_id("002-echo-r2");
  add("it lies in no phase").set_phase(proto::PHASE_UNSPECIFIED);
  add("ends before it begins").set_end_ns(1);
  add("ends before it begins").set_begin_ns(-1);
  add("but the one before ended 2000000000 ns after it").set_begin_ns(1'999'999'999);
  add("but the one before ended 2000000000 ns after it").set_begin_ns(2'000'000'001);
  add("negative time").set_agent_cpu_ns(-1);
  add("do not balance").mutable_measure()->set_ok(6);
  add("do not balance").mutable_measure()->set_scheduled(4);
  add("do not balance").mutable_measure()->mutable_response_time()->clear_counts();
  add("do not balance").mutable_warmup()->set_sent(1);
  add("broken histogram").mutable_hiccups()->add_counts(1);
  // Each book balances, but nothing was left open before it.
  BookCodec::Encode(
      [] {
        Book book;
        book.set_before({.waiting = 1, .in_flight = 0});
        book.Sent(1, 2);
        book.Answered(Outcome::kOk, 3, 1);
        return book;
      }(),
      add("does not begin with what the interval before left open").mutable_warmup());
  return refused;
}

TEST(RunTotalsTest, ARefusedIntervalChangesNothing) {
  const RunTotals empty(kSampleRun);
  for (const auto& [interval, words] : Refused()) {
    RunTotals totals(kSampleRun);
    ASSERT_TRUE(totals.Add(SampleInterval("a", 1, SampleBook(5))).ok());
    ASSERT_TRUE(totals.Add(SampleInterval("a", 2, SampleBook(5))).ok());
    const auto receipt = totals.Add(interval);
    ASSERT_FALSE(receipt.ok()) << words;
    const std::string message(receipt.status().message());
    // One histogram alone may be refused by its own codec, in words of its own.
    if (words != "do not balance") {
      EXPECT_THAT(message, HasSubstr(words));
    }
    EXPECT_THAT(message, HasSubstr("of agent a: "));
    EXPECT_EQ(totals.agents().at("a").intervals, 2U) << words;
    EXPECT_EQ(totals.agents().at("a").measure.ledger(), SampleBook(10).ledger()) << words;
    EXPECT_EQ(totals.agents().at("a").warmup.ledger(), Ledger()) << words;
    EXPECT_EQ(totals.agents().at("a").window_ns, 2'000'000'000) << words;
    EXPECT_TRUE(totals.agents().at("a").hiccups.empty()) << words;
    EXPECT_TRUE(totals.Add(SampleInterval("a", 3, SampleBook(5))).ok()) << words;
  }
}

// A refused first interval used to leave an empty agent behind.
TEST(RunTotalsTest, AnAgentIsUnknownUntilItsFirstGoodInterval) {
  for (uint64_t number : {0, 2}) {
    RunTotals totals(kSampleRun);
    EXPECT_FALSE(totals.Add(SampleInterval("a", number, SampleBook(5))).ok());
    EXPECT_TRUE(totals.agents().empty());
  }
}

TEST(RunTotalsTest, NothingComesAfterTheLast) {
  RunTotals totals(kSampleRun);
  proto::Interval last = SampleInterval("a", 1, SampleBook(5));
  last.set_last(true);
  ASSERT_TRUE(totals.Add(last).ok());
  const auto after = totals.Add(SampleInterval("a", 2, SampleBook(5)));
  EXPECT_THAT(std::string(after.status().message()), HasSubstr("it comes after the last one"));
  EXPECT_FALSE(totals.Add(last)->news) << "but the last one may be repeated";
  EXPECT_EQ(totals.agents().at("a").measure.ledger().sent(), 5U);
}

}  // namespace
}  // namespace drumline
