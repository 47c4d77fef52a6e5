// Pages and kernel files with known contents, and this very process as its kernel sees it.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "controller/scrape/local_reading.h"
#include "controller/scrape/page_reading.h"

namespace drumline {
namespace {

MetricsSource WithHistogram(const std::string& name) {
  MetricsSource source;
  source.histogram = name;
  return source;
}

MetricsSource OfKind(MetricsSource::Kind kind) {
  MetricsSource source;
  source.kind = kind;
  return source;
}

constexpr char kProgram[] = R"(# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1048576
process_open_fds 17
process_start_time_seconds 1700000000
http_requests_total{path="/a",code="200"} 90
http_requests_total{path="/a",code="500"} 10
http_request_duration_seconds_bucket{path="/a",le="0.001"} 40
http_request_duration_seconds_bucket{path="/a",le="0.01"} 90
http_request_duration_seconds_bucket{path="/a",le="+Inf"} 100
http_request_duration_seconds_bucket{path="/b",le="0.001"} 1
http_request_duration_seconds_bucket{path="/b",le="0.01"} 2
http_request_duration_seconds_bucket{path="/b",le="+Inf"} 3
http_request_duration_seconds_bucket{path="/metrics",le="0.001"} 7000
http_request_duration_seconds_bucket{path="/metrics",le="0.01"} 7000
http_request_duration_seconds_bucket{path="/metrics",le="+Inf"} 7000
go_gc_duration_seconds{quantile="0.5"} 0.5
go_gc_duration_seconds{quantile="1"} 0.031
jvm_gc_pause_seconds_max{cause="a"} 0.01
jvm_gc_pause_seconds_max{cause="b"} 0.044
pool{state="busy"} 3
pool{state="idle"} 5
)";

TEST(PageReading, AProgramsOwnPage) {
  proto::Scrape scrape;
  ReadMetricsPage({}, kProgram, &scrape);
  EXPECT_EQ(scrape.gap(), "");
  EXPECT_EQ(scrape.missing_size(), 0);
  EXPECT_EQ(scrape.cpu_seconds_total(), 12.5);
  EXPECT_EQ(scrape.rss_bytes(), 1048576);
  EXPECT_EQ(scrape.open_fds(), 17);
  EXPECT_EQ(scrape.requests_total(), 100);
  EXPECT_EQ(scrape.program_started_s(), 1700000000);
  EXPECT_EQ(scrape.longest_pause_metric(), "jvm_gc_pause_seconds_max");
  EXPECT_EQ(scrape.longest_pause_s(), 0.044);
}

TEST(PageReading, BucketsAreSummedButForThoseOfThePage) {
  proto::Scrape scrape;
  ReadMetricsPage({}, kProgram, &scrape);
  ASSERT_EQ(scrape.served().counts_size(), 3);
  EXPECT_EQ(scrape.served().bounds_s(0), 0.001);
  EXPECT_EQ(scrape.served().counts(0), 41);
  EXPECT_EQ(scrape.served().counts(1), 92);
  EXPECT_EQ(scrape.served().counts(2), 103);
}

TEST(PageReading, BucketsThatDifferAreNotSummed) {
  proto::Scrape scrape;
  ReadMetricsPage(WithHistogram("h"),
                  "h_bucket{p=\"a\",le=\"1\"} 1\nh_bucket{p=\"b\",le=\"2\"} 1\n"
                  "h_bucket{p=\"a\",le=\"+Inf\"} 1\nh_bucket{p=\"b\",le=\"+Inf\"} 1\n",
                  &scrape);
  EXPECT_FALSE(scrape.has_served());
  EXPECT_NE(scrape.missing(4).find("different buckets"), std::string::npos);
}

TEST(PageReading, WatchedSeries) {
  proto::Scrape scrape;
  MetricsSource source;
  source.watch = {"pool", "pool{state=\"idle\"}", "pool{state=\"gone\"}"};
  ReadMetricsPage(source, kProgram, &scrape);
  EXPECT_EQ(scrape.watched().at("pool"), 8);
  EXPECT_EQ(scrape.watched().at("pool{state=\"idle\"}"), 5);
  EXPECT_EQ(scrape.watched().size(), 2u);
  ASSERT_EQ(scrape.missing_size(), 1);
  EXPECT_EQ(scrape.missing(0), "pool{state=\"gone\"}");
}

TEST(PageReading, AWholeMachine) {
  proto::Scrape scrape;
  ReadMetricsPage(OfKind(MetricsSource::Kind::kNodeExporter),
                  "node_cpu_seconds_total{cpu=\"0\",mode=\"idle\"} 100\n"
                  "node_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"} 20\n"
                  "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"} 3\n"
                  "node_cpu_seconds_total{cpu=\"1\",mode=\"system\"} 4\n"
                  "node_memory_MemTotal_bytes 1000\nnode_memory_MemAvailable_bytes 400\n"
                  "node_filefd_allocated 77\n",
                  &scrape);
  EXPECT_EQ(scrape.cpu_seconds_total(), 7);
  EXPECT_EQ(scrape.rss_bytes(), 600);
  EXPECT_EQ(scrape.open_fds(), 77);
}

TEST(PageReading, AMalformedPageIsAGap) {
  proto::Scrape scrape;
  ReadMetricsPage({}, "process_cpu_seconds_total twelve\n", &scrape);
  EXPECT_EQ(scrape.gap().substr(0, 16), "malformed line 1");
}

class KernelFiles : public testing::Test {
 protected:
  KernelFiles() : root_(std::filesystem::path(testing::TempDir()) / std::to_string(getpid())) {}
  ~KernelFiles() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

  const std::filesystem::path root_;
};

TEST_F(KernelFiles, APidWithAnEvilName) {
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  Write("stat", "cpu 1 2 3\nbtime 1000\n");
  Write("42/stat",
        "42 (a) b (c) S 1 42 42 0 -1 4194304 0 0 0 0 200 100 0 0 20 0 1 0 500 9999 25 0\n");
  Write("42/fd/0", "");
  Write("42/fd/1", "");
  proto::Scrape scrape;
  ASSERT_TRUE(ReadPid(42, root_, &scrape).ok());
  EXPECT_DOUBLE_EQ(scrape.cpu_seconds_total(), 300 / ticks);
  EXPECT_EQ(scrape.rss_bytes(), 25.0 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(scrape.open_fds(), 2);
  EXPECT_DOUBLE_EQ(scrape.program_started_s(), 1000 + 500 / ticks);
  EXPECT_EQ(ReadPid(43, root_, &scrape).code(), absl::StatusCode::kNotFound);
  Write("44/stat", "44 (short) S 1\n");
  EXPECT_EQ(ReadPid(44, root_, &scrape).code(), absl::StatusCode::kUnavailable);
}

// The second implementation: what the kernel says by another call.
TEST(PidReading, OfThisTest) {
  rusage before;
  getrusage(RUSAGE_SELF, &before);
  proto::Scrape scrape;
  ASSERT_TRUE(ReadPid(static_cast<uint32_t>(getpid()), "/proc", &scrape).ok());
  rusage after;
  getrusage(RUSAGE_SELF, &after);
  const auto seconds = [](const rusage& usage) {
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  };
  // stat counts in ticks, of user and of system time.
  const double grain = 2.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_GE(scrape.cpu_seconds_total(), seconds(before) - grain);
  EXPECT_LE(scrape.cpu_seconds_total(), seconds(after) + grain);
  EXPECT_GT(scrape.rss_bytes(), 0);
  EXPECT_GE(scrape.open_fds(), 3);
}

TEST_F(KernelFiles, AControlGroup) {
  Write("a/b/cpu.stat", "usage_usec 2500000\nuser_usec 1\n");
  Write("a/b/memory.current", "4096\n");
  Write("off/cpu.stat", "usage_usec 1\n");
  proto::Scrape scrape;
  ASSERT_TRUE(ReadCgroup("a/b", root_, &scrape).ok());
  EXPECT_EQ(scrape.cpu_seconds_total(), 2.5);
  EXPECT_EQ(scrape.rss_bytes(), 4096);
  proto::Scrape absolute;
  EXPECT_TRUE(ReadCgroup((root_ / "a/b").string(), root_, &absolute).ok());
  proto::Scrape without;
  ASSERT_TRUE(ReadCgroup("off", root_, &without).ok());
  EXPECT_EQ(without.missing(0), "rss_bytes");
  EXPECT_EQ(ReadCgroup("nowhere", root_, &scrape).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace drumline
