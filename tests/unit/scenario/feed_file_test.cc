#include "controller/scenario/feed_file.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace drumline {
namespace {

using testing::ElementsAre;

std::string FaultOf(const absl::StatusOr<FeedContent>& feed) {
  return feed.ok() ? "no fault" : std::string(feed.status().message());
}

TEST(Csv, NamesColumnsAndRows) {
  const absl::StatusOr<FeedContent> feed =
      ParseCsv("email,name\r\nann@example.com,\"Ann, \"\"the\r\nfirst\"\"\"\nbob@example.com,");
  ASSERT_TRUE(feed.ok()) << feed.status();
  EXPECT_THAT(feed->columns, ElementsAre("email", "name"));
  EXPECT_THAT(feed->values,
              ElementsAre("ann@example.com", "Ann, \"the\r\nfirst\"", "bob@example.com", ""));
  EXPECT_EQ(feed->rows(), 2u);
}

// Whatever is written as the standard has it is read back, to the byte.
TEST(Csv, ReadsBackWhatWasWritten) {
  std::mt19937_64 random(1);
  const std::string letters = "ab,\"\r\n x\xc3\xa4";
  for (int round = 0; round < 500; ++round) {
    const size_t columns = random() % 4 + 1;
    const size_t rows = random() % 5 + 1;
    std::string text;
    std::vector<std::string> values;
    for (size_t i = 0; i < columns; ++i) absl::StrAppend(&text, i > 0 ? "," : "", "c", i);
    for (size_t i = 0; i < rows * columns; ++i) {
      std::string value;
      for (size_t n = random() % 6; n > 0; --n) value += letters[random() % letters.size()];
      const bool quote = random() % 2 == 0 || value.find_first_of(",\"\r\n") != std::string::npos;
      const std::string field =
          quote ? absl::StrCat("\"", absl::StrReplaceAll(value, {{"\"", "\"\""}}), "\"") : value;
      absl::StrAppend(&text, i % columns == 0 ? "\n" : ",", field);
      values.push_back(value);
    }
    // The last line of one empty field is no line at all without an end.
    text += '\n';
    const absl::StatusOr<FeedContent> feed = ParseCsv(text);
    ASSERT_TRUE(feed.ok()) << feed.status() << "\n" << text;
    EXPECT_EQ(feed->values, values) << text;
  }
}

TEST(Csv, FaultsHaveAPlace) {
  EXPECT_EQ(FaultOf(ParseCsv("")), "1:1: is empty: the first line names the columns");
  EXPECT_EQ(FaultOf(ParseCsv("a,b\n")), "1:1: has no rows below the names of its columns");
  EXPECT_EQ(FaultOf(ParseCsv("a,a\n1,2\n")), "1:1: the column `a` is there twice");
  EXPECT_EQ(FaultOf(ParseCsv("a,b\n1,2\n1\n")), "3:1: has 1 fields; the first line has 2");
  EXPECT_EQ(FaultOf(ParseCsv("a,b\n1,\"2\n3")), "2:3: a field in quotes is never closed");
  EXPECT_EQ(FaultOf(ParseCsv("a\n\"1\" 2\n")), "2:4: something follows a field in quotes");
  EXPECT_EQ(FaultOf(ParseCsv("a\nx\"y\n")),
            "2:2: a quote within a field that does not begin with one");
}

TEST(JsonLines, ReadsStringsByCharacterAndNumbersAsWritten) {
  const absl::StatusOr<FeedContent> feed = ParseJsonLines(
      "{\"name\": \"A\\u00e4 \\\"x\\\"\", \"age\": 1.50}\r\n{\"age\": true , \"name\": null}\n");
  ASSERT_TRUE(feed.ok()) << feed.status();
  EXPECT_THAT(feed->columns, ElementsAre("name", "age"));
  EXPECT_THAT(feed->values, ElementsAre("A\xc3\xa4 \"x\"", "1.50", "null", "true"));
}

TEST(JsonLines, FaultsHaveAPlace) {
  EXPECT_EQ(FaultOf(ParseJsonLines("")), "1:1: has no lines");
  EXPECT_EQ(FaultOf(ParseJsonLines("{\"a\":1}\n[1]\n")), "2:1: is not one JSON object");
  EXPECT_EQ(FaultOf(ParseJsonLines("{\"a\":1} {\"a\":2}\n")), "1:1: is not one JSON object");
  EXPECT_EQ(FaultOf(ParseJsonLines("{\"a\":1}\n{\"b\":1}\n")),
            "2:1: has no `a`, which the first line has");
  EXPECT_EQ(FaultOf(ParseJsonLines("{\"a\":1}\n{\"a\":1,\"b\":2}\n")),
            "2:1: has 2 keys; the first line has 1");
  EXPECT_EQ(FaultOf(ParseJsonLines("{\"a\":1}\n\n{\"a\":1}\n")), "2:1: is empty");
  EXPECT_EQ(FaultOf(ParseJsonLines("{\"a\":{}}\n")),
            "1:1: has a value that is neither a string nor a number, true, false or null");
}

TEST(Feed, TheNameSaysWhatIsInIt) {
  EXPECT_EQ(FaultOf(ReadFeed("users.txt")), "is neither .csv nor .jsonl");
}

}  // namespace
}  // namespace drumline
