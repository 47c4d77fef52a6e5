#include "target-services/oracle/books.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "target-services/oracle/time_tally.h"

namespace drumline::target {
namespace {

TEST(TimeTallyTest, AnEmptyOneIsZero) {
  const TimeTally tally;
  for (const int64_t quantile : tally.ReadQuantiles()) EXPECT_EQ(quantile, 0);
  EXPECT_EQ(tally.max_ns(), 0);
}

TEST(TimeTallyTest, QuantilesAreNeverBelowTheTruthAndAtMostA512thAbove) {
  std::mt19937_64 random(11);
  for (const size_t count : {1u, 2u, 9u, 100u, 20'000u}) {
    for (int round = 0; round < 20; ++round) {
      TimeTally tally;
      std::vector<int64_t> values;
      for (size_t i = 0; i < count; ++i) {
        // Of any magnitude from 1 ns to half an hour.
        const double magnitude = static_cast<double>(random() % 10'000) / 10'000 * 12.25;
        values.push_back(static_cast<int64_t>(std::pow(10, magnitude)));
        tally.Record(values.back());
      }
      std::sort(values.begin(), values.end());
      const TimeTally::Quantiles quantiles = tally.ReadQuantiles();
      for (size_t i = 0; i < quantiles.size(); ++i) {
        const double rank = std::ceil(TimeTally::kQuantiles[i].q * static_cast<double>(count));
        const int64_t truth = values[static_cast<size_t>(rank) - 1];
        EXPECT_GE(quantiles[i], truth) << TimeTally::kQuantiles[i].label;
        EXPECT_LE(quantiles[i], truth + truth / 512) << TimeTally::kQuantiles[i].label;
      }
      EXPECT_EQ(tally.max_ns(), values.back());
      EXPECT_EQ(tally.count(), count);
      EXPECT_EQ(tally.sum_ns(), std::accumulate(values.begin(), values.end(), int64_t{0}));
    }
  }
}

TEST(TimeTallyTest, EverySmallValueIsExactAndExtremesAreKept) {
  for (int64_t value = 0; value < 1'024; ++value) {
    TimeTally tally;
    tally.Record(value);
    tally.Record(value + 1'000'000);
    EXPECT_EQ(tally.ReadQuantiles().front(), value);
  }
  TimeTally tally;
  tally.Record(-5);
  EXPECT_EQ(tally.ReadQuantiles().back(), 0);
  tally.Record(INT64_MAX);
  EXPECT_EQ(tally.ReadQuantiles().back(), 3'600'000'000'000);
}

// The value of the sample that begins so.
std::string Sample(const std::string& text, const std::string& name) {
  const size_t at = text.find("\n" + name + " ");
  if (at == text.npos) return "none";
  const size_t begin = at + name.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(BooksTest, SayWhatWasDone) {
  Books books;
  for (int i = 0; i < 5; ++i) books.Numbered();
  books.Answered(Fate::kOk, 2'000'000, 2'000'500, 500);
  books.Answered(Fate::kError, 20'000'000, 20'000'000, 0);
  books.Answered(Fate::kReset, 2'000'000, 2'000'001, 1);
  books.Answered(Fate::kTruncated, 2'000'000, 202'000'000, 2'000'000);
  books.Unsent();
  books.Stopped(200'000'000);
  books.Unstamped();
  books.Overloaded();
  PrometheusText page;
  books.Render(page);
  const std::string& text = page.text();
  EXPECT_EQ(Sample(text, "oracle_requests_total"), "5");
  for (const char* fate : {"ok", "error", "reset", "truncated", "unsent"}) {
    EXPECT_EQ(Sample(text, std::string("oracle_answers_total{fate=\"") + fate + "\"}"), "1")
        << fate;
  }
  EXPECT_EQ(Sample(text, "oracle_delay_chosen_seconds_sum"), "0.026");
  EXPECT_EQ(Sample(text, "oracle_delay_chosen_seconds_count"), "4");
  EXPECT_EQ(Sample(text, "oracle_delay_chosen_seconds_bucket{le=\"0.001\"}"), "0");
  EXPECT_EQ(Sample(text, "oracle_delay_chosen_seconds_bucket{le=\"0.0025\"}"), "3");
  EXPECT_EQ(Sample(text, "oracle_delay_chosen_seconds_bucket{le=\"+Inf\"}"), "4");
  EXPECT_EQ(Sample(text, "oracle_delay_made_seconds_sum"), "0.226000501");
  EXPECT_EQ(Sample(text, "oracle_lateness_seconds{quantile=\"0.5\"}"), "1e-09");
  EXPECT_EQ(Sample(text, "oracle_lateness_seconds{quantile=\"0.9999\"}"), "0.002");
  EXPECT_EQ(Sample(text, "oracle_lateness_seconds_count"), "4");
  EXPECT_EQ(Sample(text, "oracle_lateness_max_seconds"), "0.002");
  EXPECT_EQ(Sample(text, "oracle_made_seconds{quantile=\"0.9999\"}"), "0.202");
  EXPECT_EQ(Sample(text, "oracle_made_max_seconds"), "0.202");
  EXPECT_EQ(Sample(text, "oracle_stops_total"), "1");
  EXPECT_EQ(Sample(text, "oracle_stopped_seconds_total"), "0.2");
  EXPECT_EQ(Sample(text, "oracle_unstamped_total"), "1");
  EXPECT_EQ(Sample(text, "oracle_overloads_total"), "1");
}

}  // namespace
}  // namespace drumline::target
