#include "controller/page/page_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/page/seeded_interval.h"

namespace drumline {
namespace {

namespace json = boost::json;

// The value of the point at `x`; fails the test if there is none.
int64_t ValueAt(const json::array& curve, double x) {
  for (const json::value& point : curve) {
    if (point.at(0).to_number<double>() == x) return point.at(1).to_number<int64_t>();
  }
  ADD_FAILURE() << "no point at " << x;
  return 0;
}

TEST(CurveToJson, HasTheReportsQuantilesAmongItsPoints) {
  std::mt19937_64 random(5);
  Histogram histogram;
  for (int i = 0; i < 30'000; ++i) histogram.Record(SeededTimeNs(&random));
  const json::array curve = CurveToJson(histogram);
  EXPECT_EQ(ValueAt(curve, 2), histogram.ValueAtQuantile(0.5));
  EXPECT_EQ(ValueAt(curve, 10), histogram.ValueAtQuantile(0.9));
  EXPECT_EQ(ValueAt(curve, 100), histogram.ValueAtQuantile(0.99));
  EXPECT_EQ(ValueAt(curve, 1'000), histogram.ValueAtQuantile(0.999));
  EXPECT_EQ(ValueAt(curve, 10'000), histogram.ValueAtQuantile(0.9999));
  EXPECT_EQ(ValueAt(curve, 30'000), histogram.max_ns());
  const auto ascending = [](const json::value& a, const json::value& b) {
    return a.at(0).to_number<double>() < b.at(0).to_number<double>();
  };
  EXPECT_TRUE(std::is_sorted(curve.begin(), curve.end(), ascending));
}

TEST(CurveToJson, OfNothingIsEmpty) { EXPECT_TRUE(CurveToJson({}).empty()); }

TEST(ColumnToJson, HeatHoldsEveryResponse) {
  std::mt19937_64 random(5);
  RunTimeline timeline({}, 10);
  ASSERT_TRUE(timeline.Add(SeededInterval("a", 1, 1, 400, &random)).ok());
  const json::array column = ColumnToJson(timeline.columns().at(0));
  const json::array& heat = column.at(20).as_array();
  uint64_t sum = 0;
  for (size_t i = 1; i < heat.size(); ++i) sum += heat[i].to_number<uint64_t>();
  EXPECT_EQ(sum, 401u);
  // 5 s is 1 µs · 10^6.698…, so in row 133; its slot begins a little below.
  EXPECT_EQ(heat[0].to_number<int>() + static_cast<int>(heat.size()) - 2, 133);
  EXPECT_EQ(column.at(3).to_number<uint64_t>(), 401u);
  EXPECT_EQ(column.at(5).to_number<uint64_t>(), 400u);
}

TEST(ColumnToJson, ManyAgentsTakeNoMoreRoomThanAFew) {
  TimelineColumn column;
  for (uint64_t i = 1; i <= 6; ++i) {
    column.agents[std::to_string(i)] = {.cpu_ns = 2'000'000, .sent = 100 * i};
  }
  json::array of_six = ColumnToJson(column);
  EXPECT_EQ(
      of_six.at(21),
      (json::object{{"1", 100u}, {"2", 200u}, {"3", 300u}, {"4", 400u}, {"5", 500u}, {"6", 600u}}));
  EXPECT_EQ(of_six.at(22).to_number<int64_t>(), 12);
  for (uint64_t i = 7; i <= 1'001; ++i) {
    column.agents[std::to_string(i)] = {.cpu_ns = 2'000'000, .sent = 100 * i};
  }
  const json::array of_many = ColumnToJson(column);
  EXPECT_EQ(of_many.at(21),
            (json::object{{"slowest", 100u}, {"median", 50'100u}, {"fastest", 100'100u}}));
  EXPECT_EQ(of_many.at(22).to_number<int64_t>(), 2'002);
}

TEST(HeatRow, BeginsARowAtEachTwentiethOfADecade) {
  EXPECT_EQ(HeatRow(0), 0);
  EXPECT_EQ(HeatRow(1'000), 0);
  EXPECT_EQ(HeatRow(10'001), 20);
  EXPECT_EQ(HeatRow(9'999), 19);
  EXPECT_EQ(HeatRow(1'000'001), 60);
}

TEST(ScrapesToJson, KeepsTheLargestMemoryAndTheGaps) {
  std::vector<proto::Scrape> scrapes(1'000);
  for (size_t i = 0; i < scrapes.size(); ++i) {
    scrapes[i].set_at_ns(static_cast<int64_t>(i) * kIntervalSecondNs);
    scrapes[i].set_rss_bytes(i == 777 ? 9e9 : 1e6);
  }
  scrapes[500].set_gap("timeout");
  const json::array kept = ScrapesToJson(scrapes, 100);
  EXPECT_LE(kept.size(), 102u);
  int gaps = 0;
  double largest = 0;
  for (const json::value& scrape : kept) {
    if (scrape.at(1).is_string()) {
      ++gaps;
      EXPECT_EQ(scrape.at(0).to_number<int64_t>(), 500'000);
    } else {
      largest = std::max(largest, scrape.at(2).to_number<double>());
    }
  }
  EXPECT_EQ(gaps, 1);
  EXPECT_EQ(largest, 9e9);
}

}  // namespace
}  // namespace drumline
