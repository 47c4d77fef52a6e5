#include "controller/report/slo.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/unit/controller/report/sample_run.h"

namespace drumline {
namespace {

using proto::SloOutcome;

// 10,000 requests with response times of 1, 2 … 10,000 µs.
Book TenThousand() {
  Book book;
  for (int k = 1; k <= 10'000; ++k) AddAnswered(Outcome::kOk, 0, k * kUs, &book);
  return book;
}

proto::Bound P99Below(double limit_ns) {
  return BoundOf("p99", 0.99, proto::COMPARISON_LESS, limit_ns, "p99 < …");
}

SloEvaluation Against(const proto::Bound& bound, const Book& book) {
  return EvaluateBound(bound, {.measure = &book, .offered_rps = 1'000, .achieved_rps = 999});
}

TEST(EvaluateBound, AQuantileHasItsMeasureItsIntervalAndItsUnit) {
  const SloEvaluation p99 = Against(P99Below(10e6), TenThousand());
  EXPECT_EQ(p99.result.result(), SloOutcome::PASS);
  EXPECT_EQ(p99.reason, "");
  EXPECT_EQ(p99.result.unit(), "us");
  EXPECT_EQ(p99.result.expression(), "p99 < …");
  EXPECT_NEAR(p99.result.measured(), 9'900, 9.9);
  // Ranks 9,900 ± 1.96 sqrt(10,000 · 0.99 · 0.01), hence about 9,880.5 and 9,919.5 µs.
  EXPECT_NEAR(p99.result.low(), 9'880.5, 12);
  EXPECT_NEAR(p99.result.high(), 9'919.5, 12);
}

// The interval is 9.88 to 9.92 ms.
TEST(EvaluateBound, TheWholeIntervalDecides) {
  const Book book = TenThousand();
  EXPECT_EQ(Against(P99Below(9.96e6), book).result.result(), SloOutcome::PASS);
  const SloEvaluation failed = Against(P99Below(9.85e6), book);
  EXPECT_EQ(failed.result.result(), SloOutcome::FAIL);
  EXPECT_EQ(failed.reason, "p99 < …: measured 9.90 ms");
  for (double limit : {9.89e6, 9.91e6}) {
    const SloEvaluation straddled = Against(P99Below(limit), book);
    EXPECT_EQ(straddled.result.result(), SloOutcome::INCONCLUSIVE) << limit;
    EXPECT_EQ(straddled.reason,
              "p99 < …: measured 9.90 ms, and the limit lies within the 95 % interval, 9.88 ms … "
              "9.92 ms");
  }
}

// No error in a thousand requests leaves 0.4 % of them possible.
TEST(EvaluateBound, ErrorsNeedSamplesEnoughToBeExcluded) {
  Book book;
  for (int i = 0; i < 1'000; ++i) AddAnswered(Outcome::kOk, 0, kMs, &book);
  const auto at = [&](proto::Comparison comparison, double limit) {
    return Against(BoundOf("errors", 0, comparison, limit, "errors"), book).result.result();
  };
  EXPECT_EQ(at(proto::COMPARISON_LESS, 0.01), SloOutcome::PASS);
  EXPECT_EQ(at(proto::COMPARISON_LESS, 0.001), SloOutcome::INCONCLUSIVE);
  // No number of samples could show it: it asks for what was counted.
  EXPECT_EQ(at(proto::COMPARISON_LESS_OR_EQUAL, 0), SloOutcome::PASS);
}

TEST(EvaluateBound, EachComparisonAtItsLimit) {
  Book book;
  for (int i = 0; i < 10; ++i) AddAnswered(Outcome::kOk, 0, 500, &book);
  const auto result = [&](proto::Comparison comparison) {
    return Against(BoundOf("max", 0, comparison, 500, "max"), book).result.result();
  };
  EXPECT_EQ(result(proto::COMPARISON_LESS), SloOutcome::FAIL);
  EXPECT_EQ(result(proto::COMPARISON_LESS_OR_EQUAL), SloOutcome::PASS);
  EXPECT_EQ(result(proto::COMPARISON_GREATER), SloOutcome::FAIL);
  EXPECT_EQ(result(proto::COMPARISON_GREATER_OR_EQUAL), SloOutcome::PASS);
}

TEST(EvaluateBound, MeanAndMax) {
  const Book book = TenThousand();
  const auto mean = Against(BoundOf("mean", 0, proto::COMPARISON_LESS, 5.1e6, "mean"), book);
  EXPECT_EQ(mean.result.result(), SloOutcome::PASS);
  EXPECT_NEAR(mean.result.measured(), 5'000.5, 5);
  EXPECT_FALSE(mean.result.has_low());
  const auto max = Against(BoundOf("max", 0, proto::COMPARISON_LESS, 10e6, "max"), book);
  EXPECT_EQ(max.result.result(), SloOutcome::FAIL);
  EXPECT_EQ(max.result.measured(), 10'000);
}

TEST(EvaluateBound, TooFewSamplesAreInconclusiveAndSaidSo) {
  Book book;
  for (int k = 1; k <= 300; ++k) AddAnswered(Outcome::kOk, 0, k * kUs, &book);
  const SloEvaluation p99 = Against(P99Below(10e6), book);
  EXPECT_EQ(p99.result.result(), SloOutcome::INCONCLUSIVE);
  EXPECT_EQ(p99.reason, "p99 < …: 300 samples are too few for this quantile; 368 are the fewest");
  EXPECT_TRUE(p99.result.has_low());
  EXPECT_FALSE(p99.result.has_high());
}

TEST(EvaluateBound, TooFewSamplesStillFailWhatIsCertainlyBroken) {
  Book book;
  for (int i = 0; i < 300; ++i) AddAnswered(Outcome::kOk, 0, 50 * kMs, &book);
  EXPECT_EQ(Against(P99Below(10e6), book).result.result(), SloOutcome::FAIL);
  // The other way round: a bound from below is certainly met.
  const auto above = BoundOf("p99", 0.99, proto::COMPARISON_GREATER, 10e6, "p99 > 10ms");
  EXPECT_EQ(Against(above, book).result.result(), SloOutcome::PASS);
}

TEST(EvaluateBound, NoSampleAtAllIsInconclusive) {
  const SloEvaluation p99 = Against(P99Below(10e6), Book());
  EXPECT_EQ(p99.result.result(), SloOutcome::INCONCLUSIVE);
  EXPECT_EQ(p99.reason, "p99 < …: nothing was measured");
  EXPECT_FALSE(p99.result.has_measured());
}

TEST(EvaluateBound, ALowerBoundCanFailButNotPass) {
  Book book = TenThousand();
  for (int i = 0; i < 500; ++i) AddUnanswered(Outcome::kTimeout, 20 * kMs, &book);
  // Nearly 5 % got no answer within 20 ms: the p99 is 20 ms or more.
  EXPECT_EQ(Against(P99Below(10e6), book).result.result(), SloOutcome::FAIL);
  const SloEvaluation beyond = Against(P99Below(50e6), book);
  EXPECT_EQ(beyond.result.result(), SloOutcome::INCONCLUSIVE);
  EXPECT_EQ(beyond.reason,
            "p99 < …: measured ≥ 20.0 ms, a lower bound: requests without an answer are among "
            "them");
  EXPECT_FALSE(beyond.result.has_high());
  // The median lies below all of them and is as good as ever.
  const auto median = BoundOf("p50", 0.5, proto::COMPARISON_LESS, 6e6, "p50 < 6ms");
  EXPECT_EQ(Against(median, book).result.result(), SloOutcome::PASS);
  const auto at_least = BoundOf("p99", 0.99, proto::COMPARISON_GREATER, 15e6, "p99 > 15ms");
  EXPECT_EQ(Against(at_least, book).result.result(), SloOutcome::PASS);
}

TEST(EvaluateBound, ErrorsAreAFractionOfTheScheduledRequests) {
  Book book;
  for (int i = 0; i < 995; ++i) AddAnswered(Outcome::kOk, 0, kMs, &book);
  for (int i = 0; i < 2; ++i) AddAnswered(Outcome::kBadStatus, 0, kMs, &book);
  AddUnanswered(Outcome::kTimeout, kMs, &book);
  AddUnanswered(Outcome::kUnsent, kMs, &book);
  AddUnanswered(Outcome::kCensored, kMs, &book);
  const auto below = [](double limit) {
    return BoundOf("errors", 0, proto::COMPARISON_LESS, limit, "errors");
  };
  const SloEvaluation failed = Against(below(0.001), book);
  EXPECT_EQ(failed.result.result(), SloOutcome::FAIL);
  EXPECT_DOUBLE_EQ(failed.result.measured(), 0.005);
  EXPECT_EQ(failed.result.unit(), "fraction");
  EXPECT_EQ(failed.reason, "errors: measured 0.50 %");
  EXPECT_LT(failed.result.low(), 0.005);
  EXPECT_GT(failed.result.high(), 0.005);
  EXPECT_EQ(Against(below(0.02), book).result.result(), SloOutcome::PASS);
  EXPECT_EQ(Against(below(0.01), book).result.result(), SloOutcome::INCONCLUSIVE);
  EXPECT_EQ(Against(below(0.01), Book()).result.result(), SloOutcome::INCONCLUSIVE);
}

TEST(EvaluateBound, WhatWaitedWhenItsAgentWasLostIsNoErrorOfTheTargets) {
  Book book;
  for (int i = 0; i < 3; ++i) AddAnswered(Outcome::kOk, 0, kMs, &book);
  AddUnanswered(Outcome::kTimeout, kMs, &book);
  Carry after = book.after();
  for (; after.waiting < 6; ++after.waiting) book.Due();
  book.set_after(after);
  const proto::Bound bound = BoundOf("errors", 0, proto::COMPARISON_LESS, 0.5, "errors");
  EXPECT_DOUBLE_EQ(Against(bound, book).result.measured(), 0.25);
}

TEST(EvaluateBound, AchievedIsAFractionOfTheOfferedRate) {
  const auto bound =
      BoundOf("achieved", 0, proto::COMPARISON_GREATER_OR_EQUAL, 0.999, "achieved >= 99.9%");
  const Book book;
  const auto at = [&](double achieved, double offered) {
    return EvaluateBound(bound,
                         {.measure = &book, .offered_rps = offered, .achieved_rps = achieved});
  };
  EXPECT_EQ(at(999, 1'000).result.result(), SloOutcome::PASS);
  EXPECT_EQ(at(998, 1'000).result.result(), SloOutcome::FAIL);
  EXPECT_EQ(at(0, 0).result.result(), SloOutcome::INCONCLUSIVE);
}

TEST(EvaluateBound, RssIsTheLargestReading) {
  const auto bound = BoundOf("rss", 0, proto::COMPARISON_LESS, 200, "rss < 200B");
  const Book book;
  proto::TargetResources resources;
  resources.set_rss_bytes_mean(100);
  resources.set_rss_bytes_max(250);
  const SloEvaluation failed = EvaluateBound(bound, {.measure = &book, .resources = &resources});
  EXPECT_EQ(failed.result.result(), SloOutcome::FAIL);
  EXPECT_EQ(failed.reason, "rss < 200B: measured 250 B");
  const SloEvaluation unknown = EvaluateBound(bound, {.measure = &book});
  EXPECT_EQ(unknown.result.result(), SloOutcome::INCONCLUSIVE);
  EXPECT_EQ(unknown.reason, "rss < 200B: the memory of the target was not read");
}

TEST(EvaluateBound, AnUnknownMetricIsNoPass) {
  const auto bound = BoundOf("luck", 0, proto::COMPARISON_LESS, 1, "luck < 1");
  EXPECT_EQ(Against(bound, Book()).result.result(), SloOutcome::INCONCLUSIVE);
}

// The same durations, but all slow ones in one of twenty seconds: nobody knows how often such a
// second comes.
TEST(EvaluateBound, AQuantileThatOneStallMadeHasNoUpperEnd) {
  BlockSeries blocks;
  Book book;
  for (int64_t second = 0; second < 20; ++second) {
    Book part;
    for (int k = 1; k <= 500; ++k) {
      const bool stalled = second == 7 && k <= 200;
      AddAnswered(Outcome::kOk, 0, stalled ? 500 * kMs : k * kUs, &part);
    }
    blocks.Add(second * kSecond, part.response_time());
    book.Merge(part);
  }
  const SloEvaluation by_number = Against(P99Below(1e9), book);
  EXPECT_TRUE(by_number.result.has_high());
  const SloEvaluation by_time =
      EvaluateBound(P99Below(1e9), {.measure = &book, .response_time_blocks = &blocks});
  EXPECT_FALSE(by_time.result.has_high());
  EXPECT_LT(by_time.result.low(), by_number.result.low());
  // The largest value that was seen stands for the open end: there are samples enough.
  EXPECT_EQ(by_time.result.result(), SloOutcome::PASS);
}

TEST(EstimateQuantile, OfABookWithoutTimesIsByNumber) {
  const Book book = TenThousand();
  const proto::QuantileEstimate p99 = EstimateQuantile(0.99, {.measure = &book});
  EXPECT_EQ(p99.blocks(), 0u);
  EXPECT_NEAR(p99.value_us(), 9'900, 9.9);
  EXPECT_NEAR(p99.low_us(), 9'880.5, 12);
  EXPECT_NEAR(p99.high_us(), 9'919.5, 12);
}

TEST(WilsonInterval, SolvesItsDefiningEquation) {
  // Each end is a fraction p from which the observed one is z standard errors away.
  for (uint64_t hits : {1ul, 5ul, 50ul, 99ul}) {
    const FractionInterval interval = WilsonInterval(hits, 100);
    const double observed = static_cast<double>(hits) / 100;
    for (double p : {interval.low, interval.high}) {
      EXPECT_NEAR(std::abs(observed - p) / std::sqrt(p * (1 - p) / 100), 1.959964, 1e-5);
    }
  }
  EXPECT_EQ(WilsonInterval(0, 100).low, 0);
  EXPECT_EQ(WilsonInterval(100, 100).high, 1);
  EXPECT_EQ(WilsonInterval(0, 0).high, 1);
}

}  // namespace
}  // namespace drumline
