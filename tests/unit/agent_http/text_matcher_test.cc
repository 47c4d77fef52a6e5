// Against std::string::find on the whole stream, for random texts of a short alphabet, where
// partial matches and overlaps abound.
#include "agent/http/text_matcher.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace drumline::http {
namespace {

TEST(TextMatcher, AgreesWithFindHoweverTheStreamIsCut) {
  std::mt19937_64 random(1);
  const auto below = [&random](size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random);
  };
  const auto text = [&below](size_t size) {
    std::string result(size, 'a');
    for (char& c : result) c = below(3) == 0 ? 'b' : 'a';
    return result;
  };
  int found = 0;
  TextMatcher matcher;
  for (int round = 0; round < 50000; ++round) {
    const std::string needle = text(below(9));
    const std::string stream = text(below(60));
    matcher.LookFor(needle);
    for (size_t at = 0, size; at < stream.size(); at += size) {
      size = below(8);
      matcher.Add(stream.substr(at, size));
    }
    ASSERT_EQ(matcher.found(), stream.find(needle) != std::string::npos)
        << needle << " in " << stream;
    found += matcher.found() ? 1 : 0;
  }
  EXPECT_GT(found, 10000);
  EXPECT_LT(found, 40000);
}

TEST(TextMatcher, NothingIsAlwaysFound) {
  TextMatcher matcher;
  EXPECT_TRUE(matcher.found());
  matcher.LookFor("a");
  EXPECT_FALSE(matcher.found());
  matcher.LookFor("");
  EXPECT_TRUE(matcher.found());
}

TEST(TextMatcher, ResetForgetsTheStreamAndKeepsTheText) {
  TextMatcher matcher;
  matcher.LookFor("ab");
  matcher.Add("a");
  matcher.Reset();
  matcher.Add("b");
  EXPECT_FALSE(matcher.found());
  matcher.Add("ab");
  EXPECT_TRUE(matcher.found());
  matcher.Reset();
  EXPECT_FALSE(matcher.found());
}

}  // namespace
}  // namespace drumline::http
