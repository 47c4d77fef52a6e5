#include "controller/report/target_resources.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace drumline {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr int64_t kSecond = 1'000'000'000;

const ScrapeWindow kWindow = {.run_id = "r1",
                              .target = "dom",
                              .begin_ns = 2 * kSecond,
                              .end_ns = 12 * kSecond,
                              .answered_per_second = 1'000};

// What is said of a memory that grows by a MiB each second, exactly.
constexpr char kGrows[] =
    "the memory of dom grew all the time, by 1048576 bytes a second [1048576, 1048576]: a leak, or "
    "a cache that fills";

proto::Scrape Reading(int64_t at_s, double cpu_seconds, double rss_bytes) {
  proto::Scrape scrape;
  scrape.set_run_id("r1");
  scrape.set_target("dom");
  scrape.set_at_ns(at_s * kSecond);
  scrape.set_cpu_seconds_total(cpu_seconds);
  scrape.set_rss_bytes(rss_bytes);
  scrape.set_open_fds(static_cast<double>(at_s));
  scrape.set_requests_total(static_cast<double>(1'000 * at_s));
  return scrape;
}

// Half a core and one MiB a second, from 100 MiB at second 0.
std::vector<proto::Scrape> Steady() {
  std::vector<proto::Scrape> scrapes;
  for (int64_t s = 0; s <= 15; ++s) {
    const auto at = static_cast<double>(s);
    scrapes.push_back(Reading(s, 0.5 * at, (100 + at) * kMiB));
  }
  return scrapes;
}

TEST(SummarizeScrapes, UsesTheMeasuredWindowAlone) {
  std::vector<proto::Scrape> scrapes = Steady();
  // Outside the window, anything may happen.
  scrapes[0].set_cpu_seconds_total(-100);
  scrapes[1].set_rss_bytes(1e15);
  scrapes[13].set_cpu_seconds_total(1e6);
  scrapes[14].set_rss_bytes(1e15);
  const ResourceSummary summary = SummarizeScrapes(scrapes, kWindow);
  ASSERT_TRUE(summary.resources);
  EXPECT_EQ(summary.resources->scrapes(), 11u);
  EXPECT_EQ(summary.resources->scrape_gaps(), 0u);
  EXPECT_DOUBLE_EQ(summary.resources->cpu_cores_mean(), 0.5);
  EXPECT_DOUBLE_EQ(summary.resources->cpu_us_per_request(), 500);
  EXPECT_EQ(summary.resources->cpu_not_known(), "");
  EXPECT_DOUBLE_EQ(summary.resources->rss_bytes_mean(), 107 * kMiB);
  EXPECT_DOUBLE_EQ(summary.resources->rss_bytes_max(), 112 * kMiB);
  EXPECT_NEAR(summary.resources->rss_slope_bytes_per_s(), kMiB, 1e-3);
  EXPECT_EQ(summary.resources->watched().at("open_fds_max"), 12);
  EXPECT_DOUBLE_EQ(summary.resources->watched().at("requests_per_second"), 1'000);
  EXPECT_EQ(summary.remarks, std::vector<std::string>{kGrows});
}

TEST(SummarizeScrapes, DoesNotDependOnTheOrder) {
  std::vector<proto::Scrape> scrapes = Steady();
  const ResourceSummary forwards = SummarizeScrapes(scrapes, kWindow);
  std::reverse(scrapes.begin(), scrapes.end());
  const ResourceSummary backwards = SummarizeScrapes(scrapes, kWindow);
  EXPECT_EQ(forwards.resources->cpu_cores_mean(), backwards.resources->cpu_cores_mean());
  EXPECT_EQ(backwards.remarks, std::vector<std::string>{kGrows});
}

TEST(SummarizeScrapes, IgnoresOtherRunsAndTargets) {
  std::vector<proto::Scrape> scrapes = Steady();
  proto::Scrape other = Reading(5, 1e9, 1e15);
  other.set_target("zero-copy");
  scrapes.push_back(other);
  other.set_target("dom");
  other.set_run_id("r2");
  scrapes.push_back(other);
  const ResourceSummary summary = SummarizeScrapes(scrapes, kWindow);
  EXPECT_EQ(summary.resources->scrapes(), 11u);
  EXPECT_DOUBLE_EQ(summary.resources->rss_bytes_max(), 112 * kMiB);
}

TEST(SummarizeScrapes, TheSlopeIsOfTheLeastSquaresLine) {
  // By hand: t = 2, 3, 4, 5; RSS = 10, 30, 20, 40. Σ(t − 3.5)(y − 25) = 40, Σ(t − 3.5)² = 5.
  const std::vector<proto::Scrape> scrapes = {Reading(2, 1, 10), Reading(3, 2, 30),
                                              Reading(4, 3, 20), Reading(5, 4, 40)};
  EXPECT_DOUBLE_EQ(SummarizeScrapes(scrapes, kWindow).resources->rss_slope_bytes_per_s(), 8);
}

TEST(SummarizeScrapes, CountsGapsAndSaysWhy) {
  std::vector<proto::Scrape> scrapes = Steady();
  scrapes[5].set_gap("timed out");
  scrapes[6].set_gap("connection refused");
  scrapes[13].set_gap("outside the window");
  const ResourceSummary summary = SummarizeScrapes(scrapes, kWindow);
  EXPECT_EQ(summary.resources->scrapes(), 9u);
  EXPECT_EQ(summary.resources->scrape_gaps(), 2u);
  EXPECT_DOUBLE_EQ(summary.resources->cpu_cores_mean(), 0.5);
  EXPECT_EQ(
      summary.remarks,
      (std::vector<std::string>{
          "2 of 11 scrapes of the metrics of dom failed; the last: connection refused", kGrows}));
}

TEST(SummarizeScrapes, WithGapsAloneThereAreNoFigures) {
  proto::Scrape gap = Reading(5, 1, 1);
  gap.set_gap("HTTP 404");
  const ResourceSummary summary = SummarizeScrapes({gap}, kWindow);
  ASSERT_TRUE(summary.resources);
  EXPECT_EQ(summary.resources->scrapes(), 0u);
  EXPECT_EQ(summary.resources->rss_bytes_max(), 0);
}

TEST(SummarizeScrapes, WithoutScrapesThereIsNothing) {
  EXPECT_FALSE(SummarizeScrapes({}, kWindow).resources);
  EXPECT_FALSE(SummarizeScrapes({Reading(1, 1, 1)}, kWindow).resources);
}

TEST(SummarizeScrapes, ARestartedTargetHasNoCpuFigure) {
  std::vector<proto::Scrape> scrapes = Steady();
  for (size_t s = 8; s < scrapes.size(); ++s) scrapes[s].set_cpu_seconds_total(1e3 + 0.1 * s);
  scrapes[7].set_cpu_seconds_total(2e3);
  const ResourceSummary summary = SummarizeScrapes(scrapes, kWindow);
  EXPECT_EQ(summary.resources->cpu_cores_mean(), 0);
  EXPECT_EQ(summary.resources->cpu_not_known(), "its counters fell: was it restarted?");
  EXPECT_EQ(summary.remarks,
            (std::vector<std::string>{"the counters of dom fell during the run: was it restarted?",
                                      kGrows}));
  EXPECT_DOUBLE_EQ(summary.resources->rss_bytes_max(), 112 * kMiB);
}

// Half a core in five seconds, divided into the answers of ten: twice too little was reported of a
// target that had died.
TEST(SummarizeScrapes, AShareOfARequestIsNotKnownWhereTheReadingsDoNotSpanTheWindow) {
  std::vector<proto::Scrape> died = Steady();
  for (size_t s = 8; s < died.size(); ++s) died[s].set_gap("connection refused");
  ResourceSummary summary = SummarizeScrapes(died, kWindow);
  EXPECT_DOUBLE_EQ(summary.resources->cpu_cores_mean(), 0.5);
  EXPECT_EQ(summary.resources->cpu_us_per_request(), 0);
  EXPECT_EQ(summary.resources->cpu_not_known(),
            "its metrics could be read from 0.0 s to 5.0 s of a window of 10.0 s");
  std::vector<proto::Scrape> late = Steady();
  for (size_t s = 0; s < 4; ++s) late[s].set_gap("connection refused");
  summary = SummarizeScrapes(late, kWindow);
  EXPECT_EQ(summary.resources->cpu_us_per_request(), 0);
  EXPECT_EQ(summary.resources->cpu_not_known(),
            "its metrics could be read from 2.0 s to 10.0 s of a window of 10.0 s");
}

TEST(SummarizeScrapes, ASecondAtEitherEndOfTheWindowIsUsual) {
  const std::vector<proto::Scrape> all = Steady();
  const std::vector<proto::Scrape> inner(all.begin() + 3, all.begin() + 12);
  EXPECT_DOUBLE_EQ(SummarizeScrapes(inner, kWindow).resources->cpu_us_per_request(), 500);
  // A twentieth of a long window is little, however many seconds it has.
  ScrapeWindow longer = kWindow;
  longer.end_ns = longer.begin_ns + 100 * kSecond;
  std::vector<proto::Scrape> most;
  for (int64_t s = 5; s <= 97; ++s) most.push_back(Reading(s, 0.5 * static_cast<double>(s), 1));
  EXPECT_DOUBLE_EQ(SummarizeScrapes(most, longer).resources->cpu_us_per_request(), 500);
  most.erase(most.end() - 1);
  EXPECT_EQ(SummarizeScrapes(most, longer).resources->cpu_us_per_request(), 0);
}

TEST(SummarizeScrapes, WithoutAnAnswerThereIsNoShareOfOne) {
  ScrapeWindow silent = kWindow;
  silent.answered_per_second = 0;
  const ResourceSummary summary = SummarizeScrapes(Steady(), silent);
  EXPECT_DOUBLE_EQ(summary.resources->cpu_cores_mean(), 0.5);
  EXPECT_EQ(summary.resources->cpu_not_known(), "nothing was answered");
}

TEST(SummarizeScrapes, ARestartIsKnownByEitherCounter) {
  std::vector<proto::Scrape> scrapes = Steady();
  for (size_t s = 8; s < scrapes.size(); ++s) scrapes[s].set_requests_total(0);
  const ResourceSummary summary = SummarizeScrapes(scrapes, kWindow);
  EXPECT_EQ(summary.resources->cpu_cores_mean(), 0);
  EXPECT_EQ(summary.resources->cpu_not_known(), "its counters fell: was it restarted?");
}

TEST(SummarizeScrapes, ValuesThatAreNotExportedAreNamedAndLeftOut) {
  std::vector<proto::Scrape> scrapes = Steady();
  for (proto::Scrape& scrape : scrapes) {
    scrape.add_missing("rss_bytes");
    scrape.add_missing("requests_total");
  }
  const ResourceSummary summary = SummarizeScrapes(scrapes, kWindow);
  EXPECT_DOUBLE_EQ(summary.resources->cpu_cores_mean(), 0.5);
  EXPECT_EQ(summary.resources->rss_bytes_max(), 0);
  EXPECT_EQ(summary.resources->watched().count("requests_per_second"), 0u);
  EXPECT_EQ(summary.remarks,
            std::vector<std::string>{"the metrics of dom do not export rss_bytes, requests_total"});
}

}  // namespace
}  // namespace drumline
