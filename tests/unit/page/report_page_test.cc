#include "controller/page/report_page.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <string>

#include "controller/page/page_json.h"
#include "tests/unit/page/seeded_interval.h"

namespace drumline {
namespace {

namespace json = boost::json;

size_t Occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// What a browser takes for the text of the JSON element: up to the first `</script`.
std::string EmbeddedJson(const std::string& page) {
  const std::string open = "id=\"measured\">";
  const size_t begin = page.find(open) + open.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

TEST(ReportPage, NoNameBecomesMarkup) {
  const std::string evil = "</script><img src=x onerror=alert(1)>&<!--\xe2\x80\xa8\"'";
  proto::Report report;
  report.set_name(evil);
  report.add_runs()->set_target(evil);
  auto bundle = BundleToJson("results/" + evil, evil, report, {});
  ASSERT_TRUE(bundle.ok());
  const std::string page = ReportPage(evil, {*std::move(bundle)});
  const std::string plain = ReportPage("plain", {});
  EXPECT_EQ(Occurrences(page, "</script"), Occurrences(plain, "</script"));
  EXPECT_EQ(Occurrences(page, "<img"), 0u);
  EXPECT_EQ(Occurrences(page, "<!--"), Occurrences(plain, "<!--"));
  const json::value read = json::parse(EmbeddedJson(page));
  EXPECT_EQ(read.at("bundles").at(0).at("report").at("name").as_string(), evil);
  EXPECT_EQ(read.at("bundles").at(0).at("scenario").as_string(), evil);
}

TEST(ReportPage, NeedsNothingFromElsewhere) {
  const std::string page = ReportPage("plain", {});
  EXPECT_EQ(Occurrences(page, " src="), 0u);
  EXPECT_EQ(Occurrences(page, "<link"), 1u);
  EXPECT_EQ(Occurrences(page, "<link rel=\"icon\" href=\"data:,\">"), 1u);
  EXPECT_EQ(Occurrences(page, "@import"), 0u);
  EXPECT_EQ(Occurrences(page, "default-src 'none'"), 1u);
  // The library is in it, with its licence.
  EXPECT_EQ(Occurrences(page, "var uPlot="), 1u);
  EXPECT_EQ(Occurrences(page, "Permission is hereby granted"), 1u);
}

// Three repeats of half an hour after a warm-up of five minutes, two agents, a scrape a second.
TEST(ReportPage, OfThreeTimesHalfAnHourIsBelowTwoMegabytes) {
  std::mt19937_64 random(9);
  proto::Report report;
  json::array runs;
  for (int run = 0; run < 3; ++run) {
    *report.add_runs() = {};
    proto::RunPlan plan;
    plan.mutable_load()->set_warmup_ns(300 * kIntervalSecondNs);
    plan.mutable_load()->set_measure_ns(1'800 * kIntervalSecondNs);
    RunTimeline timeline(plan, ColumnsFor(3));
    for (uint64_t number = 1; number <= 525; ++number) {
      for (const char* agent : {"agent-1", "agent-2"}) {
        ASSERT_TRUE(timeline.Add(SeededInterval(agent, number, 4, 1'000, &random)).ok());
      }
    }
    EXPECT_EQ(timeline.columns().size(), 525u);
    std::vector<proto::Scrape> scrapes(2'100);
    for (size_t i = 0; i < scrapes.size(); ++i) {
      scrapes[i].set_at_ns(static_cast<int64_t>(i) * kIntervalSecondNs);
      scrapes[i].set_cpu_seconds_total(0.4321 * static_cast<double>(i));
      scrapes[i].set_rss_bytes(1e8 + static_cast<double>(i));
    }
    runs.emplace_back(RunToJson(timeline, {}, scrapes));
  }
  auto bundle = BundleToJson("results/long", "name: long\n", report, std::move(runs));
  ASSERT_TRUE(bundle.ok());
  EXPECT_LT(ReportPage("long", {*std::move(bundle)}).size(), 2'000'000u);
}

}  // namespace
}  // namespace drumline
