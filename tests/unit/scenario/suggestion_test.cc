#include "controller/scenario/suggestion.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drumline {
namespace {

TEST(EditDistance, KnownPairs) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("warmpu", "warmup"), 1u);
  EXPECT_EQ(EditDistance("ab", "ba"), 1u);
  EXPECT_EQ(EditDistance("abcdef", "badcfe"), 3u);
}

// k edits lead to a word at distance k at most, in both directions; equal words alone are at 0.
TEST(EditDistance, IsAtMostTheNumberOfEdits) {
  std::mt19937 random(3);
  for (int i = 0; i < 5000; ++i) {
    std::string word;
    for (unsigned length = 1 + random() % 10; length > 0; --length) word += 'a' + random() % 4;
    std::string edited = word;
    const size_t edits = random() % 4;
    for (size_t edit = 0; edit < edits; ++edit) {
      const size_t at = random() % (edited.size() + 1);
      if (random() % 2 == 0 || at == edited.size()) {
        edited.insert(at, 1, static_cast<char>('a' + random() % 4));
      } else {
        edited.erase(at, 1);
      }
    }
    EXPECT_LE(EditDistance(word, edited), edits);
    EXPECT_EQ(EditDistance(word, edited), EditDistance(edited, word));
    EXPECT_EQ(EditDistance(word, edited) == 0, word == edited);
  }
}

TEST(NearestWord, NearOnesOnly) {
  const std::vector<absl::string_view> words = {"rate", "stages", "arrivals", "connections"};
  EXPECT_EQ(NearestWord("conections", words), "connections");
  EXPECT_EQ(NearestWord("Rate", words), "rate");
  EXPECT_EQ(NearestWord("stage", words), "stages");
  EXPECT_EQ(NearestWord("colour", words), "");
  EXPECT_EQ(NearestWord("", words), "");
  EXPECT_EQ(NearestWord(std::string(100'000, 'x'), words), "");
}

}  // namespace
}  // namespace drumline
