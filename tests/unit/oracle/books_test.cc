#include "target-services/oracle/books.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "target-services/oracle/lateness.h"

namespace drumline::target {
namespace {

TEST(LatenessTest, AnEmptyOneIsZero) {
  const Lateness lateness;
  EXPECT_EQ(lateness.QuantileNs(0.5), 0);
  EXPECT_EQ(lateness.max_ns(), 0);
}

TEST(LatenessTest, QuantilesAreNeverBelowTheTruthAndAtMostA32ndAbove) {
  std::mt19937_64 random(11);
  Lateness lateness;
  std::vector<int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    // Of any magnitude from 1 ns to half an hour.
    const double magnitude = static_cast<double>(random() % 10'000) / 10'000 * 12.25;
    values.push_back(static_cast<int64_t>(std::pow(10, magnitude)));
    lateness.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (int percent = 1; percent <= 1'000; ++percent) {
    const double q = percent / 1'000.0;
    const auto rank = static_cast<size_t>(std::ceil(q * 20'000));
    const int64_t truth = values[rank - 1];
    EXPECT_GE(lateness.QuantileNs(q), truth) << q;
    EXPECT_LE(lateness.QuantileNs(q), truth + truth / 32) << q;
  }
  EXPECT_EQ(lateness.max_ns(), values.back());
  EXPECT_EQ(lateness.count(), 20'000u);
}

TEST(LatenessTest, EverySmallValueIsExactAndExtremesAreKept) {
  for (int64_t value = 0; value < 64; ++value) {
    Lateness lateness;
    lateness.Record(value);
    EXPECT_EQ(lateness.QuantileNs(1), value);
  }
  Lateness lateness;
  lateness.Record(-5);
  EXPECT_EQ(lateness.QuantileNs(1), 0);
  lateness.Record(INT64_MAX);
  EXPECT_EQ(lateness.QuantileNs(1), 3'600'000'000'000);
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
  EXPECT_EQ(Sample(text, "oracle_stops_total"), "1");
  EXPECT_EQ(Sample(text, "oracle_stopped_seconds_total"), "0.2");
  EXPECT_EQ(Sample(text, "oracle_unstamped_total"), "1");
  EXPECT_EQ(Sample(text, "oracle_overloads_total"), "1");
}

}  // namespace
}  // namespace drumline::target
