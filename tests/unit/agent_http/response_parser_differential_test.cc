// Seeded random responses, well-formed and mutated, cut at random: the parser and the reference
// must agree, and the parser with itself however the bytes are cut and whatever it has seen before.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "agent/http/response_parser.h"
#include "gtest/gtest.h"
#include "tests/unit/agent_http/parse_outcome.h"
#include "tests/unit/agent_http/reference_parser.h"

namespace drumline::http {
namespace {

// Makes one random response after another. Small limits and short alphabets, so that each rule is
// met often.
class ResponseMaker {
 public:
  explicit ResponseMaker(uint64_t seed) : random_(seed) {}

  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }
  bool OneIn(size_t n) { return Below(n) == 0; }

  template <typename T>
  const T& OneOf(const std::vector<T>& choices) {
    return choices[Below(choices.size())];
  }

  std::string Text(size_t max, const std::string& alphabet) {
    std::string text(Below(max + 1), ' ');
    for (char& c : text) c = alphabet[Below(alphabet.size())];
    return text;
  }

  std::string Capitals(std::string text) {
    for (char& c : text) {
      if (OneIn(3)) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return text;
  }

  std::string Field(const std::string& name, const std::string& value) {
    return Capitals(name) + ":" + Text(2, " \t") + value + Text(1, " \t") + "\r\n";
  }

  std::string OtherFields() {
    std::string fields;
    while (OneIn(2))
      fields += Field(OneOf<std::string>({"date", "x-y", "etag_!"}), Text(12, "ab,; \t\xe9"));
    if (OneIn(4)) {
      fields += Field(
          "connection",
          Capitals(OneOf<std::string>({"close", "keep-alive", "x, close", "keep-alive ,y", ""})));
    }
    return fields;
  }

  std::string Chunks(const std::string& body) {
    static constexpr char kHex[] = "%zx";
    std::string text;
    for (size_t at = 0; at < body.size();) {
      const size_t size = 1 + Below(std::min<size_t>(body.size() - at, 20));
      char digits[20];
      std::snprintf(digits, sizeof(digits), kHex, size);
      text += Text(2, "0") + Capitals(digits) + (OneIn(5) ? ";" + Text(4, "a=\"") : "") + "\r\n" +
              body.substr(at, size) + "\r\n";
      at += size;
    }
    text += "0\r\n";
    if (OneIn(3)) text += OtherFields();
    return text + "\r\n";
  }

  std::string StatusLine(const std::string& status) {
    return (OneIn(5) ? "HTTP/1.0 " : "HTTP/1.1 ") + status +
           OneOf<std::string>({" OK", " ", "", " a b"}) + "\r\n";
  }

  std::string Response() {
    std::string text;
    while (OneIn(6)) {
      text += StatusLine(OneOf<std::string>({"100", "103", "199"})) + OtherFields() + "\r\n";
    }
    text += StatusLine(OneOf<std::string>({"200", "204", "304", "404", "500"})) + OtherFields();
    const std::string body = Text(OneIn(20) ? 70 : 40, "ab\r\n");
    switch (Below(4)) {
      case 0:
        return text + OtherFields() + "\r\n" + body;
      case 1:
        return text + Field("transfer-encoding", Capitals("chunked")) + OtherFields() + "\r\n" +
               Chunks(body);
      default:
        const std::string length = std::to_string(body.size());
        return text + Field("content-length", OneIn(8) ? length + "," + length : length) +
               OtherFields() + "\r\n" + body;
    }
  }

  // A few changes of the kind that a wrong server, or a hostile one, makes.
  void Mutate(std::string* text) {
    static const std::string kBytes = "\r\n\t :;,0159afxX-\x7f\x80\x01" + std::string(1, '\0');
    do {
      const size_t at = Below(text->size() + 1);
      switch (Below(5)) {
        case 0:
          text->insert(at, 1, kBytes[Below(kBytes.size())]);
          break;
        case 1:
          text->erase(at, 1 + Below(3));
          break;
        case 2:
          if (at < text->size()) (*text)[at] = kBytes[Below(kBytes.size())];
          break;
        case 3:
          text->insert(at, text->substr(Below(text->size() + 1), Below(30)));
          break;
        default:
          text->insert(at, OneOf<std::string>({"\r\n", "Content-Length: 3\r\n", "\r\n\r\n",
                                               "Transfer-Encoding: chunked\r\n"}));
      }
    } while (OneIn(2));
  }

  std::vector<size_t> Cuts(size_t size) {
    std::vector<size_t> cuts(Below(6));
    for (size_t& cut : cuts) cut = Below(size + 1);
    std::sort(cuts.begin(), cuts.end());
    return cuts;
  }

 private:
  std::mt19937_64 random_;
};

void ExpectAgreement(const ReferenceOutcome& reference, const ParseOutcome& outcome,
                     const std::string& needle) {
  ASSERT_EQ(reference.state, outcome.state) << outcome.error;
  EXPECT_EQ(outcome.error.empty(), outcome.state != ParseState::kError);
  if (reference.state != ParseState::kComplete) return;
  EXPECT_EQ(reference.status, outcome.status);
  EXPECT_EQ(reference.keep_alive, outcome.keep_alive);
  EXPECT_EQ(reference.body.size(), outcome.body_bytes);
  EXPECT_EQ(reference.body.find(needle) != std::string::npos, outcome.body_contained);
  EXPECT_EQ(reference.consumed, outcome.consumed);
}

struct Tally {
  int complete = 0;
  int need_more = 0;
  int error = 0;
  // Began with the head that was seen last.
  int known = 0;
};

// Compares [rounds] responses, and counts how they ended.
Tally Compare(uint64_t seed, int rounds, bool mutate) {
  ResponseMaker maker(seed);
  ResponseParser::Limits limits;
  limits.max_line_bytes = 60;
  limits.max_header_bytes = 250;
  limits.max_interim_responses = 2;
  limits.max_body_bytes = 60;
  limits.max_chunk_extension_bytes = 10;
  // Goes through all rounds, and knows the last head that it saw.
  KnownHead known;
  ResponseParser parser(limits, &known);
  std::string bytes;
  Tally tally;
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    // Now and then the same again, or almost.
    if (round == 0 || !maker.OneIn(3)) bytes = maker.Response();
    if (maker.OneIn(4)) bytes += maker.Response();
    if (mutate && maker.OneIn(2)) maker.Mutate(&bytes);
    if (known.Begins(bytes)) ++tally.known;
    const std::string needle = maker.Text(4, "ab");
    const Exchange exchange = {bytes, maker.OneIn(8), maker.OneIn(2), needle, limits};
    const std::vector<size_t> cuts = maker.Cuts(bytes.size());
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ":\n" +
                 bytes);
    const ParseOutcome outcome = ParseCutWith(parser, exchange, cuts);
    EXPECT_EQ(outcome, ParseCut(exchange, {}));
    EXPECT_EQ(outcome, ParseCut(exchange, EveryByte(bytes.size())));
    ExpectAgreement(ReferenceParse(bytes, exchange.head_request, exchange.closed, limits), outcome,
                    needle);
    ++(outcome.state == ParseState::kComplete   ? tally.complete
       : outcome.state == ParseState::kNeedMore ? tally.need_more
                                                : tally.error);
  }
  return tally;
}

// The counts show that the random responses reach both sides of the rules.
TEST(ResponseParserDifferential, WellFormed) {
  const Tally tally = Compare(/*seed=*/1, /*rounds=*/20000, /*mutate=*/false);
  EXPECT_GT(tally.complete, 10000);
  EXPECT_GT(tally.need_more, 100);
  EXPECT_GT(tally.error, 100);
  EXPECT_GT(tally.known, 300);
}

TEST(ResponseParserDifferential, Mutated) {
  const Tally tally = Compare(/*seed=*/2, /*rounds=*/40000, /*mutate=*/true);
  EXPECT_GT(tally.complete, 4000);
  EXPECT_GT(tally.need_more, 1000);
  EXPECT_GT(tally.error, 4000);
  EXPECT_GT(tally.known, 300);
}

}  // namespace
}  // namespace drumline::http
