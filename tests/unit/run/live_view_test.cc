#include "controller/run/live_view.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/run/sample_interval.h"

namespace drumline {
namespace {

// A receipt as RunTotals gives it.
RunTotals::Receipt ReceiptOf(const Book& measure, const Book& warmup = {}) {
  RunTotals::Receipt receipt;
  receipt.news = true;
  receipt.measure = measure;
  receipt.warmup = warmup;
  return receipt;
}

void Add(LiveView* view, const std::string& agent, uint64_t number, const Book& measure,
         const Book& warmup = {}) {
  view->Add(SampleInterval(agent, number, measure, warmup), ReceiptOf(measure, warmup));
}

TEST(LiveViewTest, ASecondIsShownOnceAllAgentsHaveReportedIt) {
  LiveView view(2);
  EXPECT_EQ(view.newest().number, 0U);
  Add(&view, "a", 1, SampleBook(30, 1'000'000));
  EXPECT_EQ(view.newest().number, 0U) << "b is still missing";
  Add(&view, "b", 1, SampleBook(10, 9'000'000));
  EXPECT_EQ(view.newest().number, 1U);
  EXPECT_EQ(view.newest().agents, 2U);
  EXPECT_DOUBLE_EQ(view.newest().sent_per_second, 40);
  EXPECT_DOUBLE_EQ(view.newest().answered_per_second, 40);
  EXPECT_NEAR(static_cast<double>(view.newest().p50_ns), 1e6, 1e3);
  EXPECT_NEAR(static_cast<double>(view.newest().p99_ns), 9e6, 1e4);
}

TEST(LiveViewTest, WarmUpAndWindowAreOneToThoseWhoWatch) {
  LiveView view(1);
  Add(&view, "a", 1, SampleBook(3), SampleBook(4));
  EXPECT_DOUBLE_EQ(view.newest().sent_per_second, 7);
}

TEST(LiveViewTest, AShortIntervalIsScaledToASecond) {
  LiveView view(1);
  proto::Interval interval = SampleInterval("a", 1, SampleBook(30));
  interval.set_end_ns(interval.begin_ns() + 250'000'000);
  view.Add(interval, ReceiptOf(SampleBook(30)));
  EXPECT_DOUBLE_EQ(view.newest().sent_per_second, 120);
}

TEST(LiveViewTest, AnIntervalOfNoLengthDividesByNothing) {
  LiveView view(1);
  proto::Interval interval = SampleInterval("a", 1, SampleBook(3));
  interval.set_end_ns(interval.begin_ns());
  view.Add(interval, ReceiptOf(SampleBook(3)));
  EXPECT_EQ(view.newest().number, 1U);
  EXPECT_DOUBLE_EQ(view.newest().sent_per_second, 0);
}

TEST(LiveViewTest, AMissingAgentHoldsTheViewUpForTwoSecondsAndNoMore) {
  LiveView view(2);
  Add(&view, "a", 1, SampleBook(5));
  Add(&view, "a", 2, SampleBook(6));
  EXPECT_EQ(view.newest().number, 0U);
  Add(&view, "a", 3, SampleBook(7));
  EXPECT_EQ(view.newest().number, 1U);
  EXPECT_EQ(view.newest().agents, 1U);
  EXPECT_DOUBLE_EQ(view.newest().sent_per_second, 5);
}

TEST(LiveViewTest, WhatComesTooLateToBeShownIsNotShownTwice) {
  LiveView view(2);
  for (uint64_t number = 1; number <= 4; ++number) Add(&view, "a", number, SampleBook(5));
  ASSERT_EQ(view.newest().number, 2U);
  Add(&view, "b", 1, SampleBook(100));
  EXPECT_EQ(view.newest().number, 2U);
  Add(&view, "b", 2, SampleBook(100));
  Add(&view, "b", 3, SampleBook(100));
  EXPECT_EQ(view.newest().number, 3U);
  EXPECT_DOUBLE_EQ(view.newest().sent_per_second, 105);
}

TEST(LiveViewTest, FailuresAreCountedEvenWhenTheyComeLate) {
  Book failing;
  failing.Due();
  failing.Unsent(5);
  failing.Due();
  failing.Refused();
  LiveView view(2);
  for (uint64_t number = 1; number <= 4; ++number) Add(&view, "a", number, failing);
  EXPECT_EQ(view.failed(), 8U);
  Add(&view, "b", 1, SampleBook(1), failing);
  EXPECT_EQ(view.failed(), 10U);
}

TEST(LiveViewTest, AgentsAreSeenAtOnceEachByItself) {
  LiveView view(2);
  proto::Interval interval = SampleInterval("a", 1, SampleBook(30));
  interval.set_agent_cpu_ns(250'000'000);
  interval.add_worker_busy(0.1);
  interval.add_worker_busy(0.2);
  interval.set_connections_open(7);
  view.Add(interval, ReceiptOf(SampleBook(30)));
  EXPECT_EQ(view.newest().number, 0U) << "b is still missing";
  ASSERT_EQ(view.agents().size(), 1U);
  const LiveView::Agent& agent = view.agents().at("a");
  EXPECT_DOUBLE_EQ(agent.sent_per_second, 30);
  EXPECT_DOUBLE_EQ(agent.cpu_cores, 0.25);
  EXPECT_DOUBLE_EQ(agent.busiest, 0.2);
  EXPECT_EQ(agent.connections_open, 7U);
  EXPECT_EQ(agent.generator_lag_p99_ns, 1'000);
}

TEST(LiveViewTest, OldSecondsAreForgotten) {
  LiveView view(1);
  for (uint64_t number = 1; number <= LiveView::kRemembered + 5; ++number) {
    Add(&view, "a", number, SampleBook(1));
  }
  EXPECT_EQ(view.recent().size(), LiveView::kRemembered);
  EXPECT_EQ(view.recent().front().number, 6U);
  EXPECT_EQ(view.recent().back().number, view.newest().number);
  EXPECT_EQ(view.ledger().scheduled(), LiveView::kRemembered + 5);
}

}  // namespace
}  // namespace drumline
