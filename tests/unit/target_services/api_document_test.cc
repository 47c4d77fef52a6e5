// The api service's document, read back with Boost.JSON, and its timestamp against the C library.
#include "target-services/api/api_document.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>
#include <random>
#include <string>

#include "target-services/service/timestamp.h"

namespace drumline::target {
namespace {

using std::chrono::microseconds;

std::string TimestampOf(microseconds since_epoch) {
  std::string text;
  AppendTimestamp(since_epoch, text);
  return text;
}

std::string LibraryTimestampOf(microseconds since_epoch) {
  const std::time_t seconds = since_epoch.count() / 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  char micros[16];
  std::snprintf(micros, sizeof(micros), ".%06ldZ",
                static_cast<long>(since_epoch.count() % 1'000'000));
  return std::string(text, size) + micros;
}

TEST(TimestampTest, KnownInstants) {
  EXPECT_EQ(TimestampOf(microseconds(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(TimestampOf(microseconds(1'700'000'000'000'042)), "2023-11-14T22:13:20.000042Z");
  EXPECT_EQ(TimestampOf(microseconds(951'782'400'000'000)), "2000-02-29T00:00:00.000000Z");
}

TEST(TimestampTest, AgreesWithTheCLibrary) {
  std::mt19937_64 random(1);
  const uint64_t year_9999 = 253'402'300'799;
  for (int i = 0; i < 20'000; ++i) {
    const microseconds time(static_cast<int64_t>(random() % (year_9999 * 1'000'000)));
    ASSERT_EQ(TimestampOf(time), LibraryTimestampOf(time)) << time.count();
  }
}

TEST(ApiDocumentTest, IsOneKilobyteForAnyId) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200; ++i) {
    const uint64_t id = i == 0   ? 0
                        : i == 1 ? std::numeric_limits<uint64_t>::max()
                                 : random() >> (random() % 64);
    const microseconds now(static_cast<int64_t>(random() % (uint64_t{1} << 52)));
    std::string text = "before";
    AppendApiDocument(id, now, text);
    ASSERT_EQ(text.size(), 6 + kApiDocumentBytes);
    const boost::json::value document = boost::json::parse(text.substr(6));
    EXPECT_EQ(document.at("id").to_number<uint64_t>(), id);
    EXPECT_EQ(document.at("name").as_string(), "item " + std::to_string(id));
    EXPECT_EQ(document.at("timestamp").as_string(), TimestampOf(now));
    EXPECT_GT(document.at("description").as_string().size(), 700U);
    EXPECT_TRUE(document.at("metadata").is_object());
  }
}

}  // namespace
}  // namespace drumline::target
