#include "controller/scrape/scraper.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "proto/interval.pb.h"
#include "tests/integration/scrape/scripted_server.h"

namespace drumline {
namespace {

using Reply = ScriptedServer::Reply;

constexpr char kGoodPage[] =
    "# TYPE process_cpu_seconds_total counter\n"
    "process_cpu_seconds_total 12.5\n"
    "process_resident_memory_bytes 1.048576e+06\n"
    "process_open_fds 17\n"
    "http_requests_total{status=\"200\"} 40\n"
    "http_requests_total{status=\"500\"} 2\n";

int64_t NowNs() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

MetricsSource MetricsAt(uint16_t port) {
  MetricsSource source;
  source.url = {"127.0.0.1", port, "/metrics"};
  return source;
}

class ScraperTest : public testing::Test {
 protected:
  // The first beat comes at once and the second one an hour later, so that a slow machine changes
  // nothing.
  static Scraper::Options OneBeat() {
    return {std::chrono::hours(1), std::chrono::minutes(1), 4 * 1024 * 1024};
  }
  static Scraper::Options FastBeats() {
    return {std::chrono::milliseconds(20), std::chrono::milliseconds(15), 4 * 1024 * 1024};
  }

  std::unique_ptr<Scraper> Started(uint16_t port, Scraper::Options options) {
    auto scraper = std::make_unique<Scraper>(
        &loop_, MetricsAt(port), options,
        [this](proto::Scrape scrape) {
          scrapes_.push_back(std::move(scrape));
          if (on_scrape_) on_scrape_();
        },
        NowNs);
    scraper->Start();
    return scraper;
  }

  proto::Scrape FirstAnswer(const std::string& reply) {
    ScriptedServer server(&loop_, {Reply{reply}});
    const std::unique_ptr<Scraper> scraper = Started(server.port(), OneBeat());
    while (scrapes_.empty()) loop_.run_one();
    scraper->Stop();
    server.GoAway();
    loop_.run();
    return scrapes_.front();
  }

  boost::asio::io_context loop_;
  std::vector<proto::Scrape> scrapes_;
  std::function<void()> on_scrape_;
};

TEST_F(ScraperTest, FillsTheReading) {
  const int64_t before_ns = NowNs();
  const proto::Scrape scrape = FirstAnswer(Page(kGoodPage));
  EXPECT_EQ(scrape.gap(), "");
  EXPECT_EQ(scrape.cpu_seconds_total(), 12.5);
  EXPECT_EQ(scrape.rss_bytes(), 1048576);
  EXPECT_EQ(scrape.open_fds(), 17);
  EXPECT_EQ(scrape.requests_total(), 42);
  EXPECT_EQ(scrape.missing_size(), 0);
  EXPECT_GE(scrape.at_ns(), before_ns);
  EXPECT_LE(scrape.at_ns(), NowNs());
}

TEST_F(ScraperTest, NamesWhatIsMissing) {
  const proto::Scrape scrape = FirstAnswer(Page("process_open_fds 3\nhttp_requests_total NaN\n"));
  EXPECT_EQ(scrape.gap(), "");
  EXPECT_EQ(scrape.open_fds(), 3);
  EXPECT_EQ(std::vector<std::string>(scrape.missing().begin(), scrape.missing().end()),
            (std::vector<std::string>{"cpu_seconds_total", "rss_bytes", "requests_total"}));
}

TEST_F(ScraperTest, MalformedPageIsAGap) {
  const proto::Scrape scrape = FirstAnswer(Page("a 1\n<html>\n"));
  EXPECT_EQ(scrape.gap(), "malformed line 2: a metric's name expected, not `<html>`");
  EXPECT_EQ(scrape.missing_size(), 0);
}

TEST_F(ScraperTest, RefusedIsAGap) {
  ScriptedServer server(&loop_, {Reply{""}});
  server.GoAway();
  const std::unique_ptr<Scraper> scraper = Started(server.port(), OneBeat());
  while (scrapes_.empty()) loop_.run_one();
  EXPECT_EQ(scrapes_.front().gap(), "refused");
}

// Each beat yields one Scrape, none before its instant, with a stop of the loop in the middle.
TEST_F(ScraperTest, EachBeatIsAccountedFor) {
  ScriptedServer server(&loop_, {Reply{Page(kGoodPage)}});
  const int64_t start_ns = NowNs();
  on_scrape_ = [&] {
    if (scrapes_.size() != 3) return;
    // The loop stands still for five beats.
    const int64_t resumed_ns = NowNs() + 100'000'000;
    while (NowNs() < resumed_ns) {
    }
  };
  const std::unique_ptr<Scraper> scraper = Started(server.port(), FastBeats());
  while (scrapes_.size() < 12) loop_.run_one();
  int missed = 0;
  for (size_t beat = 0; beat < scrapes_.size(); ++beat) {
    const proto::Scrape& scrape = scrapes_[beat];
    EXPECT_GE(scrape.at_ns(), start_ns + static_cast<int64_t>(beat) * 20'000'000);
    if (absl::StartsWith(scrape.gap(), "missed: ")) ++missed;
  }
  EXPECT_GE(missed, 4);
}

TEST_F(ScraperTest, SlowServerIsAGapAndTheBeatGoesOn) {
  ScriptedServer server(&loop_, {Reply{"HTTP/1.1 200 OK\r\n"}});
  const std::unique_ptr<Scraper> scraper = Started(server.port(), FastBeats());
  while (scrapes_.size() < 4) loop_.run_one();
  for (const proto::Scrape& scrape : scrapes_) {
    EXPECT_TRUE(scrape.gap() == "timeout" || absl::StartsWith(scrape.gap(), "missed: "))
        << scrape.gap();
  }
}

TEST_F(ScraperTest, RecoversWhenTheServerComesBack) {
  auto server = std::make_unique<ScriptedServer>(&loop_, std::vector<Reply>{{Page(kGoodPage)}});
  const uint16_t port = server->port();
  const std::unique_ptr<Scraper> scraper = Started(port, FastBeats());
  const auto run_until = [&](const std::string& gap) {
    scrapes_.clear();
    while (scrapes_.empty() || scrapes_.back().gap() != gap) loop_.run_one();
  };
  run_until("");
  server->GoAway();
  run_until("refused");
  ScriptedServer again(&loop_, {Reply{Page(kGoodPage)}}, port);
  run_until("");
}

// When it is stopped nothing keeps the loop running, and nothing is delivered.
TEST_F(ScraperTest, StopLeavesNothingBehind) {
  ScriptedServer server(&loop_, {Reply{""}});
  const std::unique_ptr<Scraper> scraper = Started(server.port(), OneBeat());
  while (server.requests().empty()) loop_.run_one();
  scraper->Stop();
  scraper->Stop();
  server.GoAway();
  loop_.run();
  EXPECT_TRUE(scrapes_.empty());
}

TEST_F(ScraperTest, MayBeDestroyedByItsOwnCallback) {
  ScriptedServer server(&loop_, {Reply{Page(kGoodPage)}});
  std::unique_ptr<Scraper> scraper;
  on_scrape_ = [&] {
    scraper.reset();
    server.GoAway();
  };
  scraper = Started(server.port(), FastBeats());
  loop_.run();
  EXPECT_EQ(scrapes_.size(), 1U);
}

// A loop that is thrown away in the middle of an exchange takes everything with it.
TEST(ScraperShutdownTest, LoopMayEndFirst) {
  auto loop = std::make_unique<boost::asio::io_context>();
  auto server = std::make_unique<ScriptedServer>(loop.get(), std::vector<Reply>{{""}});
  {
    Scraper scraper(
        loop.get(), MetricsAt(server->port()), {},
        [](const proto::Scrape&) { FAIL() << "nothing answers"; }, NowNs);
    scraper.Start();
    while (server->requests().empty()) loop->run_one();
  }
  server.reset();
  loop.reset();
}

}  // namespace
}  // namespace drumline
