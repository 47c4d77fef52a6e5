// Templates against a second implementation, which looks for one place at a time with the
// standard library's regular expressions and draws its numbers by the formulas of the header.
#include "core/template.h"

#include <cstdio>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr uint64_t kSeed = 42;

proto::FeedRows Users() {
  proto::FeedRows rows;
  rows.set_name("users");
  rows.set_order(proto::FEED_ORDER_SEQUENTIAL);
  rows.add_columns("email");
  rows.add_columns("full_name");
  rows.set_total_rows(2);
  for (const char* value : {"ann@example.com", "Ann Ä", "bob@example.com", "Bob #2"}) {
    rows.add_values(value);
  }
  return rows;
}

const TemplateNames kNames = {{{"users", {"email", "full_name"}}}, {"id", "token"}};
const std::vector<std::string> kTaken = {"17", "a b"};

std::string Uuid(const RandomSequence& random, uint64_t beat) {
  char text[37];
  const uint64_t high = random.BitsAt(2 * beat);
  const uint64_t low = random.BitsAt(2 * beat + 1);
  std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xffff),
                static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(0x8000 | (low >> 48 & 0x3fff)),
                static_cast<unsigned long long>(low & 0xffffffffffff));
  return text;
}

// What `inside`, the place of that number, stands for.
std::string Value(const std::string& inside, uint64_t place, uint64_t beat) {
  const RandomSequence random(RandomSequence(kSeed).BitsAt(place));
  std::smatch parts;
  if (inside == "seq") return std::to_string(beat);
  if (inside == "uuid") return Uuid(random, beat);
  if (std::regex_match(inside, parts, std::regex(R"(random\s+(-?\d+)\s+(-?\d+))"))) {
    const int64_t low = std::stoll(parts[1]);
    const auto span = static_cast<unsigned __int128>(std::stoll(parts[2]) - low + 1);
    return std::to_string(low + static_cast<int64_t>(span * random.BitsAt(beat) >> 64));
  }
  if (std::regex_match(inside, parts, std::regex(R"(users\.(\w+))"))) {
    return Users().values(static_cast<int>(2 * (beat % 2)) + (parts[1] == "email" ? 0 : 1));
  }
  if (inside.front() == '"') return inside.substr(1, inside.size() - 2);
  return kTaken[inside == "id" ? 0 : 1];
}

std::string SlowRender(const std::string& text, uint64_t beat) {
  const std::regex place(R"(\{\{\s*("[^"]*"|[^}]*?)\s*\}\})");
  std::string out;
  uint64_t number = 0;
  auto last = text.begin();
  for (std::sregex_iterator it(text.begin(), text.end(), place), end; it != end; ++it) {
    out.append(last, (*it)[0].first);
    out += Value((*it)[1], ++number, beat);
    last = (*it)[0].second;
  }
  return out.append(last, text.end());
}

std::string Render(const Template& parsed, uint64_t beat,
                   Template::Escape escape = Template::Escape::kNone) {
  const proto::FeedRows rows = Users();
  const std::vector<FeedTable> feeds = {FeedTable(rows, kSeed)};
  std::string out;
  parsed.Render({.position = beat, .feeds = &feeds, .taken = &kTaken}, escape, &out);
  return out;
}

Template Parsed(const std::string& text) {
  std::vector<TemplateFault> faults;
  Template parsed = Template::Parse(text, kNames, kSeed, &faults);
  EXPECT_TRUE(faults.empty()) << text << ": " << faults.front().message;
  return parsed;
}

TEST(Template, RendersWhatASecondImplementationDoes) {
  const std::vector<std::string> parts = {"",
                                          "{ ",
                                          "}}",
                                          "{\"a\":{\"b\":1}}",
                                          "x",
                                          "{{seq}}",
                                          "{{ uuid }}",
                                          "{{random 1 6}}",
                                          "{{random -5 5}}",
                                          "{{\trandom  7   7 }}",
                                          "{{id}}",
                                          "{{token}}",
                                          "{{users.email}}",
                                          "{{ users.full_name }}",
                                          "{{\"{{\"}}",
                                          "{{\"}}\"}}"};
  std::mt19937_64 random(1);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (uint64_t i = random() % 8; i > 0; --i) text += parts[random() % parts.size()];
    const uint64_t beat = random() % 4 == 0 ? random() >> 2 : random() % 1'000;
    EXPECT_EQ(Render(Parsed(text), beat), SlowRender(text, beat)) << text;
  }
}

TEST(Template, NumbersAreUniformAndWithinTheirBounds) {
  const Template die = Parsed("{{random 1 6}}");
  std::vector<int> seen(7);
  for (uint64_t beat = 0; beat < 60'000; ++beat) ++seen.at(std::stoul(Render(die, beat)));
  EXPECT_EQ(seen[0], 0);
  double chi_square = 0;
  for (int face = 1; face <= 6; ++face) {
    chi_square += (seen[face] - 10'000.0) * (seen[face] - 10'000.0) / 10'000;
  }
  EXPECT_LT(chi_square, 36);  // 5 degrees of freedom; one in a million exceeds it
}

TEST(Template, PlacesDrawNumbersOfTheirOwn) {
  const std::string both = Render(Parsed("{{random 1 1000000000}} {{random 1 1000000000}}"), 3);
  EXPECT_NE(both.substr(0, both.find(' ')), both.substr(both.find(' ') + 1));
}

TEST(Template, APathTakesNoByteThatWouldEndItsLine) {
  EXPECT_EQ(Render(Parsed("/u/{{users.full_name}}"), 0, Template::Escape::kPath),
            "/u/Ann%20%C3%84");
  EXPECT_EQ(Render(Parsed("/u?q={{users.full_name}}"), 1, Template::Escape::kPath),
            "/u?q=Bob%20%232");
}

TEST(Template, KnowsWhatItDependsOn) {
  EXPECT_TRUE(Parsed("{{users.email}}").UsesFeed(0));
  EXPECT_FALSE(Parsed("{{seq}}").UsesFeed(0));
  EXPECT_TRUE(Parsed("a{{\"{{\"}}b").constant());
  EXPECT_FALSE(Parsed("{{uuid}}").constant());
}

struct Wrong {
  std::string text;
  size_t offset;
  std::string message;
  std::string word;
};

TEST(Template, FaultsHaveAPlaceAndAWord) {
  const std::vector<Wrong> wrongs = {
      {"abc{{seq", 3, "`{{` is never closed by `}}`", ""},
      {"{{}}", 2, "`{{}}` names nothing", ""},
      {"{{ sec }}", 3, "nothing is named", "sec"},
      {"{{user.email}}", 2, "no feed is named", "user"},
      {"x{{ users.mail }}", 10, "no column is named", "mail"},
      {"{{random 1}}", 2, "`random` wants two whole numbers, for example {{random 1 100}}", ""},
      {"{{random 1 1.5}}", 2, "`random` wants two whole numbers, for example {{random 1 100}}", ""},
      {"{{random 6 1}}", 2, "`random` wants the smaller number first: there is none from 6 to 1",
       ""},
      {"{{seq seq}}", 2, "`{{seq seq}}` is more than one word", ""},
      {"{{\"a\" b}}", 2, "a text in quotes ends with its second quote, and nothing follows it", ""},
  };
  for (const Wrong& wrong : wrongs) {
    std::vector<TemplateFault> faults;
    Template::Parse(wrong.text, kNames, kSeed, &faults);
    ASSERT_EQ(faults.size(), 1u) << wrong.text;
    EXPECT_EQ(faults[0].offset, wrong.offset) << wrong.text;
    EXPECT_EQ(faults[0].message, wrong.message) << wrong.text;
    EXPECT_EQ(faults[0].word, wrong.word) << wrong.text;
  }
}

TEST(Template, AllFaultsAreTold) {
  std::vector<TemplateFault> faults;
  Template::Parse("{{a}} {{b}} {{users.c}}", kNames, kSeed, &faults);
  EXPECT_EQ(faults.size(), 3u);
}

}  // namespace
}  // namespace drumline
