#include "controller/ui/live_feed.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/page/seeded_interval.h"

namespace drumline {
namespace {

namespace json = boost::json;

proto::RunPlan PlanOf(int64_t measure_seconds) {
  proto::RunPlan plan;
  plan.set_run_id("001-echo-r1");
  plan.set_target("echo");
  plan.mutable_load()->set_measure_ns(measure_seconds * kIntervalSecondNs);
  return plan;
}

// What a page makes of the messages: the columns by their number, and the scrapes.
class Page {
 public:
  void Take(const std::string& text) {
    const json::value message = json::parse(text);
    if (message.at("kind") == "snapshot") {
      columns_.clear();
      scrapes_.clear();
      const json::value& run = message.at("run");
      const auto width = run.at("column_ms").to_number<int64_t>();
      for (const json::value& column : run.at("columns").as_array()) {
        columns_[column.at(0).to_number<int64_t>() / width] = json::serialize(column);
      }
      curves_ = json::serialize(run.at("curves"));
      Append(run.at("scrapes").as_array());
    } else {
      if (const json::value* curves = message.as_object().if_contains("curves")) {
        curves_ = json::serialize(*curves);
      }
      for (const json::value& change : message.at("columns").as_array()) {
        columns_[change.at(0).to_number<int64_t>()] = json::serialize(change.at(1));
      }
      Append(message.at("scrapes").as_array());
    }
  }

  friend bool operator==(const Page&, const Page&) = default;

 private:
  void Append(const json::array& scrapes) {
    for (const json::value& scrape : scrapes) scrapes_.push_back(json::serialize(scrape));
  }

  std::map<int64_t, std::string> columns_;
  std::vector<std::string> scrapes_;
  std::string curves_;
};

// Whenever somebody comes, and whatever was said before: all see the same. [planned] seconds of 0
// make columns widen on the way.
void ExpectAllSeeTheSame(int64_t planned, uint64_t seconds) {
  std::mt19937_64 random(11);
  LiveFeed feed({.name = "x", .runs = 1, .agents = 2});
  feed.BeginRun(PlanOf(planned));
  Page first;
  for (uint64_t number = 1; number <= seconds; ++number) {
    for (const char* agent : {"a", "b"}) {
      // One agent now and then falls behind.
      if (*agent == 'b' && random() % 4 == 0) continue;
      feed.Add(SeededInterval(agent, number, 1, 5, &random));
    }
    proto::Scrape scrape;
    scrape.set_at_ns(static_cast<int64_t>(number) * kIntervalSecondNs);
    scrape.set_rss_bytes(static_cast<double>(number));
    feed.Add(scrape);
    if (random() % 3 == 0) continue;
    const std::optional<std::string> news = feed.TakeNews();
    ASSERT_TRUE(news.has_value());
    first.Take(*news);
    Page late;
    late.Take(feed.Snapshot());
    ASSERT_EQ(first, late) << number;
  }
}

TEST(LiveFeed, NewsAddUpToTheSnapshot) { ExpectAllSeeTheSame(100, 100); }

TEST(LiveFeed, NewsAddUpWhereColumnsWiden) { ExpectAllSeeTheSame(0, 700); }

TEST(LiveFeed, SaysNothingWhereThereIsNoNews) {
  LiveFeed feed({.name = "x", .runs = 1, .agents = 2});
  EXPECT_FALSE(feed.TakeNews().has_value());
  feed.BeginRun(PlanOf(5));
  EXPECT_TRUE(feed.TakeNews().has_value());
  EXPECT_FALSE(feed.TakeNews().has_value());
}

// What does not belong to the run, or is broken, changes nothing.
TEST(LiveFeed, LeavesOutWhatIsNotOfThisRun) {
  std::mt19937_64 random(11);
  LiveFeed feed({.name = "x", .runs = 2, .agents = 1});
  feed.BeginRun(PlanOf(5));
  const std::string before = feed.Snapshot();
  proto::Interval interval = SeededInterval("a", 1, 1, 5, &random);
  interval.set_run_id("000-other");
  feed.Add(interval);
  interval.set_run_id("001-echo-r1");
  interval.set_end_ns(-1);
  feed.Add(interval);
  EXPECT_EQ(feed.Snapshot(), before);
}

TEST(LiveFeed, KeepsTheNewestNotes) {
  LiveFeed feed({.name = "x", .runs = 1, .agents = 1});
  for (int i = 0; i < 100; ++i) feed.Note(std::to_string(i));
  const json::value message = json::parse(feed.Snapshot());
  const json::array& notes = message.at("status").at("notes").as_array();
  ASSERT_EQ(notes.size(), LiveFeed::kMostNotes);
  EXPECT_EQ(notes.back(), "99");
}

}  // namespace
}  // namespace drumline
