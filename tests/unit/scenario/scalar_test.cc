#include "controller/scenario/scalar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "controller/scenario/bound.h"

namespace drumline {
namespace {

using testing::HasSubstr;

constexpr int64_t kMaxInt64 = std::numeric_limits<int64_t>::max();
constexpr uint64_t kMaxUint64 = std::numeric_limits<uint64_t>::max();

TEST(Scalar, Durations) {
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"0s", 0},
      {"1ns", 1},
      {"250us", 250'000},
      {"250µs", 250'000},  // U+00B5
      {"250μs", 250'000},  // U+03BC
      {"250ms", 250'000'000},
      {"1.5s", 1'500'000'000},
      {"0.000000001s", 1},
      {"1.500000000000000000000000000000s", 1'500'000'000},
      {"1m30s", 90'000'000'000},
      {"1h0m1ns", 3'600'000'000'001},
      {"24h", 86'400'000'000'000},
      {"9223372036854775807ns", kMaxInt64},
  };
  for (const auto& [text, ns] : cases) {
    ASSERT_TRUE(ParseDurationNs(text).ok()) << text << ParseDurationNs(text).status();
    EXPECT_EQ(*ParseDurationNs(text), ns) << text;
  }
}

TEST(Scalar, Rates) {
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"100k/s", 360'000'000'000'000},
      {"2.5M/s", 9'000'000'000'000'000},
      {"600/m", 36'000'000'000},
      {"10/s", 36'000'000'000},
      {"1/h", 1'000'000},
      {"0.5/h", 500'000},
      {"0.000001/h", 1},
      {"0/s", 0},
      {"1G/h", 1'000'000'000'000'000},
      {"9223372036854.775807/h", kMaxInt64},
  };
  for (const auto& [text, rate] : cases) {
    ASSERT_TRUE(ParseRate(text).ok()) << text << ParseRate(text).status();
    EXPECT_EQ(*ParseRate(text), rate) << text;
  }
}

TEST(Scalar, BytesAndCounts) {
  EXPECT_EQ(*ParseBytes("512B"), 512);
  EXPECT_EQ(*ParseBytes("1KiB"), 1024);
  EXPECT_EQ(*ParseBytes("10kB"), 10'000);
  EXPECT_EQ(*ParseBytes("1.5MiB"), 1'572'864);
  EXPECT_EQ(*ParseBytes("2GB"), 2'000'000'000);
  EXPECT_EQ(*ParseBytes("1GiB"), 1 << 30);
  EXPECT_EQ(*ParseCount("0"), 0u);
  EXPECT_EQ(*ParseCount("1M"), 1'000'000u);
  EXPECT_EQ(*ParseCount("2.5k"), 2'500u);
  EXPECT_EQ(*ParseCount("1000G"), 1'000'000'000'000u);
  EXPECT_EQ(*ParseCount("18446744073709551615"), kMaxUint64);
  EXPECT_EQ(*ParseCount("000000000000000000000000000000007"), 7u);
}

// What the refusal says, for those who read it.
TEST(Scalar, Refusals) {
  const auto duration = [](const char* text) {
    return std::string(ParseDurationNs(text).status().message());
  };
  EXPECT_THAT(duration("30"), HasSubstr("has no unit"));
  EXPECT_THAT(duration(""), HasSubstr("has no number"));
  EXPECT_THAT(duration("s"), HasSubstr("does not start with a number"));
  EXPECT_THAT(duration("-1s"), HasSubstr("is negative"));
  EXPECT_THAT(duration("+1s"), HasSubstr("does not start with a number"));
  EXPECT_THAT(duration("1 s"), HasSubstr("write 1s, without the space"));
  EXPECT_THAT(duration("1s "), HasSubstr("write 1s, without the space"));
  EXPECT_THAT(duration("1.s"), HasSubstr("no digit after the point"));
  EXPECT_THAT(duration("1d"), HasSubstr("unknown unit `d`"));
  EXPECT_THAT(duration("1s1m"), HasSubstr("from the largest to the smallest"));
  EXPECT_THAT(duration("1s1s"), HasSubstr("each once"));
  EXPECT_THAT(duration("0.5ns"), HasSubstr("finer than can be kept"));
  EXPECT_THAT(duration("9223372036854775808ns"), HasSubstr("is too large"));
  EXPECT_THAT(duration("2562047h48m"), HasSubstr("is too large"));
  EXPECT_THAT(duration("99999999999999999999999999999999h"), HasSubstr("is too large"));

  const auto rate = [](const char* text) {
    return std::string(ParseRate(text).status().message());
  };
  EXPECT_THAT(rate("100"), HasSubstr("has no unit"));
  EXPECT_THAT(rate("100k"), HasSubstr("has no unit"));
  EXPECT_THAT(rate("100K/s"), HasSubstr("unknown unit `K/s`"));
  EXPECT_THAT(rate("100/d"), HasSubstr("unknown unit `/d`"));
  EXPECT_THAT(rate("0.0000001/h"), HasSubstr("finer than can be kept"));
  EXPECT_THAT(rate("9223372036854.775808/h"), HasSubstr("is too large"));
  EXPECT_THAT(rate("99999999999999999999G/s"), HasSubstr("is too large"));

  const auto bytes = [](const char* text) {
    return std::string(ParseBytes(text).status().message());
  };
  EXPECT_THAT(bytes("512"), HasSubstr("has no unit"));
  EXPECT_THAT(bytes("1KB"), HasSubstr("unknown unit `KB`"));
  EXPECT_THAT(bytes("0.5B"), HasSubstr("finer than can be kept"));
  EXPECT_THAT(bytes("8589934592GiB"), HasSubstr("is too large"));

  const auto count = [](const char* text) {
    return std::string(ParseCount(text).status().message());
  };
  EXPECT_THAT(count("1.5"), HasSubstr("not a whole number"));
  EXPECT_THAT(count("1e3"), HasSubstr("goes on with `e3`"));
  EXPECT_THAT(count("0x10"), HasSubstr("goes on with `x10`"));
  EXPECT_THAT(count("18446744073709551616"), HasSubstr("is too large"));
}

TEST(Scalar, FormatsAsPeopleWrite) {
  EXPECT_EQ(DurationText(0), "0s");
  EXPECT_EQ(DurationText(90'000'000'000), "1m30s");
  EXPECT_EQ(DurationText(1'500'000), "1ms500us");
  EXPECT_EQ(RateText(360'000'000'000'000), "100k/s");
  EXPECT_EQ(RateText(36'000'000'000), "10/s");
  EXPECT_EQ(RateText(1'000'000), "1/h");
  EXPECT_EQ(RateText(60'000'000), "1/m");
  EXPECT_EQ(RateText(0), "0/s");
  EXPECT_EQ(BytesText(1024), "1KiB");
  EXPECT_EQ(BytesText(10'000), "10kB");
  EXPECT_EQ(BytesText(1025), "1025B");
  EXPECT_EQ(BytesText(0), "0B");
  EXPECT_EQ(CountText(1'000'000), "1M");
  EXPECT_EQ(CountText(1234), "1.234k");
  EXPECT_EQ(CountText(12345), "12.345k");
  EXPECT_EQ(CountText(1234567), "1234.567k");
}

// Numbers of every magnitude and of few digits: both what people write and what they never would.
uint64_t RandomNumber(std::mt19937_64* random, uint64_t max) {
  uint64_t number = (*random)() >> ((*random)() % 64);
  if ((*random)() % 2 == 0) {
    uint64_t power = 1;
    for (uint64_t i = (*random)() % 16; i > 0; --i) power *= 10;
    number = number % 1000 * power;
  }
  return std::min(number, max);
}

TEST(Scalar, ParsingWhatWasFormattedGivesTheSame) {
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 200'000; ++i) {
    const int64_t number = static_cast<int64_t>(RandomNumber(&random, kMaxInt64));
    ASSERT_EQ(ParseDurationNs(DurationText(number)).value_or(-1), number) << DurationText(number);
    ASSERT_EQ(ParseRate(RateText(number)).value_or(-1), number) << RateText(number);
    ASSERT_EQ(ParseBytes(BytesText(number)).value_or(-1), number) << BytesText(number);
    const uint64_t count = RandomNumber(&random, kMaxUint64);
    ASSERT_EQ(ParseCount(CountText(count)).value_or(~count), count) << CountText(count);
  }
  for (const int64_t number : {int64_t{0}, int64_t{1}, kMaxInt64 - 1, kMaxInt64}) {
    EXPECT_EQ(*ParseDurationNs(DurationText(number)), number);
    EXPECT_EQ(*ParseRate(RateText(number)), number);
    EXPECT_EQ(*ParseBytes(BytesText(number)), number);
  }
}

// Short texts over the scalars' own letters: whatever is accepted is what its canonical form says.
TEST(Scalar, RandomTextsAreRefusedOrMeanOneThing) {
  constexpr char kLetters[] = "0123456789.hmsunkMGiB/-+ e";
  std::mt19937_64 random(7);
  int accepted = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    for (uint64_t length = random() % 8; length > 0; --length) {
      text += kLetters[random() % (sizeof(kLetters) - 1)];
    }
    if (const auto ns = ParseDurationNs(text); ns.ok()) {
      ASSERT_EQ(*ParseDurationNs(DurationText(*ns)), *ns) << text;
      ++accepted;
    }
    if (const auto rate = ParseRate(text); rate.ok()) {
      ASSERT_EQ(*ParseRate(RateText(*rate)), *rate) << text;
      ++accepted;
    }
    if (const auto bytes = ParseBytes(text); bytes.ok()) {
      ASSERT_EQ(*ParseBytes(BytesText(*bytes)), *bytes) << text;
      ++accepted;
    }
  }
  EXPECT_GT(accepted, 1000);
}

TEST(Bound, EachMetric) {
  const auto p999 = ParseBound("p99.9<1ms");
  ASSERT_TRUE(p999.ok());
  EXPECT_EQ(p999->metric(), "p99.9");
  EXPECT_EQ(p999->quantile(), 0.999);
  EXPECT_EQ(p999->comparison(), proto::COMPARISON_LESS);
  EXPECT_EQ(p999->limit(), 1e6);
  EXPECT_EQ(p999->text(), "p99.9<1ms");
  EXPECT_TRUE(IsTimeBound(*p999));
  EXPECT_TRUE(IsUpperBound(*p999));
  EXPECT_EQ(ParseBound("p50 <= 1m30s")->limit(), 90e9);
  EXPECT_EQ(ParseBound("mean < 2ms")->quantile(), 0);
  EXPECT_EQ(ParseBound("errors < 0.1%")->limit(), 0.001);
  EXPECT_EQ(ParseBound("errors <= 0%")->limit(), 0);
  EXPECT_EQ(ParseBound("achieved >= 99.9%")->limit(), 0.999);
  EXPECT_EQ(ParseBound("achieved >= 99.9%")->comparison(), proto::COMPARISON_GREATER_OR_EQUAL);
  EXPECT_FALSE(IsTimeBound(*ParseBound("achieved >= 99.9%")));
  EXPECT_EQ(ParseBound("rss < 200MiB")->limit(), 200.0 * 1024 * 1024);
  EXPECT_FALSE(IsUpperBound(*ParseBound("max > 1us")));
}

TEST(Bound, ParsingWhatWasFormattedGivesTheSame) {
  std::mt19937_64 random(99);
  const std::vector<std::string> signs = {" < ", " <= ", " > ", " >= "};
  for (int i = 0; i < 20'000; ++i) {
    const std::string& sign = signs[random() % signs.size()];
    const std::string percent =
        std::to_string(1 + random() % 99) + "." + std::to_string(random() % 100'000);
    const std::string duration = DurationText(static_cast<int64_t>(1 + random() % 1'000'000'000));
    const std::string size = BytesText(static_cast<int64_t>(1 + random() % 1'000'000'000));
    for (const std::string& text :
         {"p" + percent + sign + duration, "max" + sign + duration, "errors" + sign + percent + "%",
          "achieved" + sign + "0.00" + std::to_string(1 + random() % 999) + "%",
          "rss" + sign + size}) {
      const auto bound = ParseBound(text);
      ASSERT_TRUE(bound.ok()) << bound.status();
      auto again = ParseBound(FormatBound(*bound));
      ASSERT_TRUE(again.ok()) << again.status();
      again->set_text(text);
      ASSERT_EQ(again->SerializeAsString(), bound->SerializeAsString())
          << text << " became " << FormatBound(*bound);
    }
  }
  EXPECT_EQ(FormatBound(*ParseBound("errors<=0%")), "errors <= 0%");
  EXPECT_EQ(FormatBound(*ParseBound("achieved>=100%")), "achieved >= 100%");
  EXPECT_EQ(FormatBound(*ParseBound("errors < 0.1%")), "errors < 0.1%");
  EXPECT_EQ(FormatBound(*ParseBound("errors < 7%")), "errors < 7%");
}

}  // namespace
}  // namespace drumline
