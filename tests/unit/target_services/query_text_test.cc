// Percent-encoding and queries; log lines.
#include "target-services/service/query_text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "target-services/service/log_line.h"

namespace drumline::target {
namespace {

std::string Encode(const std::string& text, std::mt19937_64& random) {
  constexpr const char* kUpper = "0123456789ABCDEF";
  constexpr const char* kLower = "0123456789abcdef";
  std::string encoded;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain && random() % 2 == 0) {
      encoded += c;
      continue;
    }
    const char* digits = random() % 2 == 0 ? kUpper : kLower;
    encoded += '%';
    encoded += digits[static_cast<unsigned char>(c) >> 4];
    encoded += digits[c & 0xf];
  }
  return encoded;
}

TEST(QueryTextTest, DecodingUndoesEncoding) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (size_t size = random() % 20; text.size() < size;) text += static_cast<char>(random());
    ASSERT_EQ(*PercentDecode(Encode(text, random)), text);
    const std::string query = "a=1&" + Encode("k", random) + "=" + Encode(text, random) + "&k=no";
    ASSERT_EQ((*QueryValue(query, "k")).value(), text);
  }
}

TEST(QueryTextTest, RefusesHalfAnEscape) {
  for (const char* text : {"%", "%4", "a%", "%g0", "%0g", "%%41", "% 1"}) {
    EXPECT_FALSE(PercentDecode(text).ok()) << text;
    EXPECT_FALSE(QueryValue(std::string("k=") + text, "k").ok()) << text;
  }
}

TEST(QueryTextTest, FindsTheFirstOfItsName) {
  const auto value = [](const char* query) { return QueryValue(query, "k")->value_or("none"); };
  EXPECT_EQ(value(""), "none");
  EXPECT_EQ(value("kk=1&K=2"), "none");
  EXPECT_EQ(value("k"), "");
  EXPECT_EQ(value("k="), "");
  EXPECT_EQ(value("&&k=1&"), "1");
  EXPECT_EQ(value("k=a=b"), "a=b");
  EXPECT_EQ(value("k=a+b%2B"), "a b+");
  EXPECT_EQ(*PercentDecode("a+b"), "a+b");
}

TEST(LogLineTest, IsOneLine) {
  EXPECT_EQ(OneLine("a\nb\r\nc \n"), "a b  c");
  EXPECT_EQ(OneLine(""), "");
  EXPECT_EQ(OneLine("\n"), "");
}

}  // namespace
}  // namespace drumline::target
