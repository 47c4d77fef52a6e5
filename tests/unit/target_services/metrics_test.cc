// The metrics room against hand-written expositions and the kernel's own bookkeeping.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "target-services/metrics/own_usage.h"
#include "target-services/metrics/prometheus_text.h"
#include "target-services/metrics/request_metrics.h"

namespace drumline::target {
namespace {

using std::chrono::microseconds;

TEST(PrometheusTextTest, EscapesWhatTheFormatRequires) {
  PrometheusText text;
  text.Family("a_total", "counter", "Back\\slash\nand \"quotes\".");
  text.Sample("a_total", {}, uint64_t{18446744073709551615U});
  text.Sample("a_total", {{"x", "q\"b\\n\n"}, {"y", ""}}, 0.1);
  text.Sample("a_total", {}, std::numeric_limits<double>::infinity());
  EXPECT_EQ(text.text(),
            "# HELP a_total Back\\\\slash\\nand \"quotes\".\n"
            "# TYPE a_total counter\n"
            "a_total 18446744073709551615\n"
            "a_total{x=\"q\\\"b\\\\n\\n\",y=\"\"} 0.1\n"
            "a_total +Inf\n");
}

std::string Render(const RequestMetrics& metrics) {
  PrometheusText text;
  metrics.Render(text);
  return text.text();
}

// The value of the sample whose line begins with `series` and a blank; -1 where there is none.
double SampleOf(const std::string& text, const std::string& series) {
  const size_t line = text.find("\n" + series + " ");
  return line == text.npos ? -1 : std::stod(text.substr(line + series.size() + 2));
}

TEST(RequestMetricsTest, EachRequestIsCountedInOneSeries) {
  RequestMetrics metrics({"/a", "other"}, {"GET", "POST"}, 2);
  metrics.recorder(0).Record(0, 0, 200, microseconds(1));
  metrics.recorder(1).Record(0, 0, 200, microseconds(1));
  metrics.recorder(1).Record(0, 1, 404, microseconds(1));
  metrics.recorder(1).Record(1, 1, 299, microseconds(1));
  const std::string text = Render(metrics);
  const std::string family = text.substr(0, text.find("# HELP http_request_duration"));
  EXPECT_EQ(family,
            "# HELP http_requests_total Requests answered, each counted in exactly one series.\n"
            "# TYPE http_requests_total counter\n"
            "http_requests_total{path=\"/a\",method=\"GET\",status=\"200\"} 2\n"
            "http_requests_total{path=\"/a\",method=\"POST\",status=\"404\"} 1\n"
            "http_requests_total{path=\"other\",method=\"POST\",status=\"other\"} 1\n");
}

TEST(RequestMetricsTest, BucketsAreCumulativeAndTakeTheirUpperBound) {
  RequestMetrics metrics({"/a"}, {"GET"}, 1);
  for (const microseconds duration :
       {microseconds(10), microseconds(11), microseconds(2'500), microseconds(20'000'000)}) {
    metrics.recorder(0).Record(0, 0, 200, duration);
  }
  const std::string text = Render(metrics);
  const std::string bucket = "http_request_duration_seconds_bucket{path=\"/a\",le=";
  EXPECT_EQ(SampleOf(text, bucket + "\"1e-05\"}"), 1);
  EXPECT_EQ(SampleOf(text, bucket + "\"2.5e-05\"}"), 2);
  EXPECT_EQ(SampleOf(text, bucket + "\"0.001\"}"), 2);
  EXPECT_EQ(SampleOf(text, bucket + "\"0.0025\"}"), 3);
  EXPECT_EQ(SampleOf(text, bucket + "\"10\"}"), 3);
  EXPECT_EQ(SampleOf(text, bucket + "\"+Inf\"}"), 4);
  EXPECT_EQ(SampleOf(text, "http_request_duration_seconds_count{path=\"/a\"}"), 4);
  EXPECT_DOUBLE_EQ(SampleOf(text, "http_request_duration_seconds_sum{path=\"/a\"}"), 20.002521);
}

TEST(RequestMetricsTest, BucketLabelsAreTheirBounds) {
  std::chrono::nanoseconds before{0};
  for (const DurationBucket& bucket : kDurationBuckets) {
    EXPECT_DOUBLE_EQ(std::stod(std::string(bucket.label)),
                     std::chrono::duration<double>(bucket.upper_bound).count());
    EXPECT_GT(bucket.upper_bound, before);
    before = bucket.upper_bound;
  }
}

TEST(RequestMetricsTest, ConnectionsOpenAreAcceptedLessClosed) {
  RequestMetrics metrics({"/a"}, {"GET"}, 2);
  for (int i = 0; i < 3; ++i) metrics.recorder(0).ConnectionAccepted();
  metrics.recorder(1).ConnectionAccepted();
  metrics.recorder(1).ConnectionClosed();
  metrics.recorder(1).ConnectionRefused();
  const std::string text = Render(metrics);
  EXPECT_EQ(SampleOf(text, "http_connections_accepted_total"), 4);
  EXPECT_EQ(SampleOf(text, "http_connections_refused_total"), 1);
  EXPECT_EQ(SampleOf(text, "http_connections_open"), 3);
}

TEST(RequestMetricsTest, ThreadsLoseNoCountWhileScraped) {
  constexpr int kThreads = 4;
  constexpr int kRequests = 20'000;
  RequestMetrics metrics({"/a"}, {"GET"}, kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&recorder = metrics.recorder(static_cast<size_t>(i))] {
      for (int n = 0; n < kRequests; ++n) recorder.Record(0, 0, 200, microseconds(5));
    });
  }
  double before = 0;
  for (int scrape = 0; scrape < 20; ++scrape) {
    const double count =
        SampleOf(Render(metrics), "http_request_duration_seconds_count{path=\"/a\"}");
    EXPECT_GE(count, before);
    before = count;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(SampleOf(Render(metrics), "http_request_duration_seconds_count{path=\"/a\"}"),
            kThreads * kRequests);
}

TEST(OwnUsageTest, StartTimeIsFoundBehindAnyName) {
  std::string stat = "7 (a) b (c)) S";
  for (int field = 4; field <= 30; ++field) stat += " " + std::to_string(field * 100);
  const absl::StatusOr<uint64_t> ticks = ParseStartTicks(stat);
  ASSERT_TRUE(ticks.ok());
  EXPECT_EQ(*ticks, 2'200U);
  EXPECT_FALSE(ParseStartTicks("7 (a) S 1 2").ok());
  EXPECT_FALSE(ParseStartTicks("").ok());
}

TEST(OwnUsageTest, AgreesWithTheKernel) {
  const absl::StatusOr<OwnUsage> before = ReadOwnUsage();
  ASSERT_TRUE(before.ok()) << before.status();
  const int file = open("/dev/null", O_RDONLY);
  std::vector<char> touched(64 << 20, 'x');
  const absl::StatusOr<OwnUsage> after = ReadOwnUsage();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->open_files, before->open_files + 1);
  EXPECT_GE(after->resident_bytes, before->resident_bytes + touched.size() / 2);
  EXPECT_GE(after->cpu_seconds, before->cpu_seconds);
  EXPECT_EQ(after->started_at, before->started_at);
  EXPECT_GT(after->started_at, 1e9);
  close(file);
}

TEST(OwnUsageTest, RendersTheUsualNames) {
  PrometheusText text;
  RenderOwnUsage({4096, 1.25, 7, 1700000000.5}, text);
  EXPECT_EQ(SampleOf(text.text(), "process_resident_memory_bytes"), 4096);
  EXPECT_EQ(SampleOf(text.text(), "process_cpu_seconds_total"), 1.25);
  EXPECT_EQ(SampleOf(text.text(), "process_open_fds"), 7);
  EXPECT_EQ(SampleOf(text.text(), "process_start_time_seconds"), 1700000000.5);
}

}  // namespace
}  // namespace drumline::target
