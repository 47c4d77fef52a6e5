// The parser against a table of streams, each fed in one piece, byte by byte, and in two pieces cut
// at every offset: the bytes alone may decide.
#include "target-services/http_server/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/target_services/parse_stream.h"

namespace drumline::target {
namespace {

RequestLimits SmallLimits() {
  RequestLimits limits;
  limits.max_request_line_bytes = 40;
  limits.max_head_bytes = 160;
  limits.max_fields = 4;
  limits.max_body_bytes = 32;
  limits.max_chunk_line_bytes = 24;
  limits.max_chunk_framing_bytes = 64;
  return limits;
}

struct Case {
  std::string name;
  std::string stream;
  std::vector<std::string> requests;
  Refusal refusal = Refusal::kNone;
  size_t left_over = 0;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

// What `fields` make of a POST /e; the Host field is there already.
std::string Post(const std::string& fields, const std::string& rest = "") {
  return "POST /e HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" + rest;
}
std::string Chunked(const std::string& rest) {
  return Post("Transfer-Encoding: chunked\r\n", rest);
}

Case Refused(const std::string& name, const std::string& stream, Refusal refusal) {
  return {name, stream, {}, refusal, stream.size()};
}

const std::string kChunkedSeen = "POST /e ? 1.1 keep [Host=h] [Transfer-Encoding=chunked] ";

std::vector<Case> GoodCases() {
  return {
      {"get", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", {"GET / ? 1.1 keep [Host=h] {}"}},
      {"query", "GET /a?b=c?d HTTP/1.1\r\nHost: h\r\n\r\n", {"GET /a ?b=c?d 1.1 keep [Host=h] {}"}},
      {"absolute_target",
       "GET HTTP://h:1/a?q HTTP/1.1\r\nHost: h\r\n\r\n",
       {"GET /a ?q 1.1 keep [Host=h] {}"}},
      {"absolute_target_without_path",
       "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n",
       {"GET  ? 1.1 keep [Host=h] {}"}},
      {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {"OPTIONS * ? 1.1 keep [Host=h] {}"}},
      {"unknown_method",
       "BREW h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
       {"other h:1 ? 1.1 keep [Host=h] {}"}},
      {"later_minor_version",
       "GET / HTTP/1.7\r\nHost: h\r\n\r\n",
       {"GET / ? 1.1 keep [Host=h] {}"}},
      {"leading_empty_line",
       "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
       {"GET / ? 1.1 keep [Host=h] {}"}},
      {"blanks_around_values",
       Post("A: \t b c\t \r\nB:\r\n"),
       {"POST /e ? 1.1 keep [Host=h] [A=b c] [B=] {}"}},
      {"bytes_above_ascii",
       Post("A: \xc3\xa9\r\n"),
       {"POST /e ? 1.1 keep [Host=h] [A=\xc3\xa9] {}"}},
      {"close",
       Post("Connection: x, CLOSE\r\n"),
       {"POST /e ? 1.1 close [Host=h] [Connection=x, CLOSE] {}"}},
      {"old_version_closes", "GET / HTTP/1.0\r\n\r\n", {"GET / ? 1.0 close {}"}},
      {"old_version_keeps",
       "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
       {"GET / ? 1.0 keep [Connection=Keep-Alive] {}"}},
      {"old_version_ignores_expect",
       "GET / HTTP/1.0\r\nExpect: tea\r\n\r\n",
       {"GET / ? 1.0 close [Expect=tea] {}"}},
      {"body",
       Post("Content-Length: 3\r\n", "abc"),
       {"POST /e ? 1.1 keep [Host=h] [Content-Length=3] {abc}"}},
      {"same_length_twice",
       Post("content-length: 2\r\ncontent-length: 02\r\n", "ab"),
       {"POST /e ? 1.1 keep [Host=h] [content-length=2] [content-length=02] {ab}"}},
      {"body_at_the_limit",
       Post("Content-Length: 32\r\n", std::string(32, 'x')),
       {"POST /e ? 1.1 keep [Host=h] [Content-Length=32] {" + std::string(32, 'x') + "}"}},
      {"half_a_body", Post("Content-Length: 3\r\n", "ab"), {}, Refusal::kNone, 50},
      {"half_a_head", "GET / HT", {}, Refusal::kNone, 8},
      {"pipelined",
       "GET /a HTTP/1.1\r\nHost: h\r\n\r\n" + Post("Content-Length: 2\r\n", "ab") +
           Chunked("1\r\nc\r\n0\r\n\r\n") + "GET /d",
       {"GET /a ? 1.1 keep [Host=h] {}", "POST /e ? 1.1 keep [Host=h] [Content-Length=2] {ab}",
        kChunkedSeen + "{c}"},
       Refusal::kNone,
       6},
      {"chunks",
       Chunked("2;x=\"y\"\r\nab\r\n00A\r\n\r\n01234567\r\n0\r\n\r\n"),
       {kChunkedSeen + "{ab\r\n01234567}"}},
      {"no_chunks", Chunked("000\r\n\r\n"), {kChunkedSeen + "{}"}},
      {"trailers", Chunked("1\r\na\r\n0\r\nT: u\r\nV:\r\n\r\n"), {kChunkedSeen + "{a}"}},
      {"chunks_at_the_limit",
       Chunked("20\r\n" + std::string(32, 'x') + "\r\n0\r\n\r\n"),
       {kChunkedSeen + "{" + std::string(32, 'x') + "}"}},
  };
}

std::vector<Case> BadHeadCases() {
  return {
      Refused("no_target", "GET HTTP/1.1\r\n\r\n", Refusal::kBadRequestLine),
      Refused("no_version", "GET /\r\n\r\n", Refusal::kBadRequestLine),
      Refused("no_method", " / HTTP/1.1\r\n\r\n", Refusal::kBadRequestLine),
      Refused("two_empty_lines", "\r\n\r\nGET / HTTP/1.1\r\n", Refusal::kBadRequestLine),
      Refused("method_is_no_token", "G(T / HTTP/1.1\r\n", Refusal::kBadRequestLine),
      Refused("version_in_words", "GET / HTTP/one\r\n", Refusal::kBadRequestLine),
      Refused("version_in_lower_case", "GET / http/1.1\r\n", Refusal::kBadRequestLine),
      Refused("version_two", "GET / HTTP/2.0\r\n", Refusal::kUnsupportedVersion),
      Refused("blank_in_target", "GET /a b HTTP/1.1\r\n", Refusal::kBadTarget),
      Refused("control_in_target", std::string("GET /\0 HTTP/1.1\r\n", 17), Refusal::kBadTarget),
      Refused("relative_target", "GET a HTTP/1.1\r\n", Refusal::kBadTarget),
      Refused("asterisk_for_get", "GET * HTTP/1.1\r\n", Refusal::kBadTarget),
      Refused("no_authority", "GET http:///a HTTP/1.1\r\n", Refusal::kBadTarget),
      Refused("bare_line_feed", "GET / HTTP/1.1\nHost: h\n\n", Refusal::kBareLineFeed),
      Refused("bare_line_feed_in_fields", "GET / HTTP/1.1\r\nHost: h\n\r\n",
              Refusal::kBareLineFeed),
      Refused("bare_carriage_return", Post("A: b\rC: d\r\n"), Refusal::kBadField),
      Refused("null_in_value", Post(std::string("A: b\0\r\n", 7)), Refusal::kBadField),
      Refused("delete_in_value", Post("A: \x7f\r\n"), Refusal::kBadField),
      Refused("no_colon", Post("A\r\n"), Refusal::kBadField),
      Refused("no_name", Post(": a\r\n"), Refusal::kBadField),
      Refused("blank_before_colon", Post("A : b\r\n"), Refusal::kBadField),
      Refused("folded", Post("A: b\r\n c\r\n"), Refusal::kFoldedField),
      Refused("folded_first", "GET / HTTP/1.1\r\n Host: h\r\n", Refusal::kFoldedField),
      Refused("no_host", "GET / HTTP/1.1\r\n\r\n", Refusal::kMissingHost),
      Refused("two_hosts", Post("host: h\r\n"), Refusal::kBadHost),
      Refused("host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Refusal::kBadHost),
      Refused("unknown_expectation", Post("Expect: tea\r\n"), Refusal::kUnknownExpectation),
      Refused("request_line_too_long", "GET /" + std::string(40, 'a'), Refusal::kTargetTooLong),
      Refused("head_too_large", Post("A: " + std::string(160, 'a')), Refusal::kHeadTooLarge),
      Refused("head_one_too_large", Post("A: " + std::string(127, 'a') + "\r\n"),
              Refusal::kHeadTooLarge),
      Refused("too_many_fields", Post("A:\r\nB:\r\nC:\r\nD:\r\n"), Refusal::kTooManyFields),
  };
}

std::vector<Case> BadBodyCases() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      Refused("empty_length", Post("Content-Length:\r\n"), Refusal::kBadContentLength),
      Refused("signed_length", Post("Content-Length: +1\r\n"), Refusal::kBadContentLength),
      Refused("negative_length", Post("Content-Length: -1\r\n"), Refusal::kBadContentLength),
      Refused("length_list", Post("Content-Length: 1, 1\r\n"), Refusal::kBadContentLength),
      Refused("hexadecimal_length", Post("Content-Length: 0x1\r\n"), Refusal::kBadContentLength),
      Refused("two_lengths", Post("Content-Length: 1\r\nContent-Length: 2\r\n"),
              Refusal::kConflictingLengths),
      Refused("length_above_limit", Post("Content-Length: 33\r\n"), Refusal::kBodyTooLarge),
      Refused("length_that_wraps_to_one", Post("Content-Length: 18446744073709551617\r\n"),
              Refusal::kBodyTooLarge),
      Refused("length_and_chunked", Post("Content-Length: 1\r\n" + chunked),
              Refusal::kLengthAndEncoding),
      Refused("chunked_and_length", Post(chunked + "Content-Length: 1\r\n"),
              Refusal::kLengthAndEncoding),
      Refused("other_encoding", Post("Transfer-Encoding: gzip\r\n"), Refusal::kUnsupportedEncoding),
      Refused("encoding_list", Post("Transfer-Encoding: gzip, chunked\r\n"),
              Refusal::kUnsupportedEncoding),
      Refused("chunked_twice", Post(chunked + chunked), Refusal::kBadEncoding),
      Refused("chunked_in_old_version", "POST / HTTP/1.0\r\n" + chunked + "\r\n",
              Refusal::kBadEncoding),
      Refused("chunk_size_missing", Chunked("\r\n"), Refusal::kBadChunk),
      Refused("chunk_size_prefixed", Chunked("0x1\r\n"), Refusal::kBadChunk),
      Refused("chunk_size_signed", Chunked("-1\r\n"), Refusal::kBadChunk),
      Refused("chunk_size_blank", Chunked("1 \r\n"), Refusal::kBadChunk),
      Refused("chunk_size_bare_line_feed", Chunked("1\na\r\n"), Refusal::kBareLineFeed),
      Refused("chunk_extension_control", Chunked("1;\x01\r\n"), Refusal::kBadChunk),
      Refused("chunk_content_too_long", Chunked("1\r\nab\r\n"), Refusal::kBadChunk),
      Refused("chunk_end_bare_line_feed", Chunked("1\r\na\n"), Refusal::kBadChunk),
      Refused("chunk_above_limit", Chunked("21\r\n"), Refusal::kBodyTooLarge),
      Refused("chunk_sum_above_limit", Chunked("10\r\n" + std::string(16, 'x') + "\r\n11\r\n"),
              Refusal::kBodyTooLarge),
      Refused("chunk_size_that_wraps", Chunked("10000000000000001\r\n"), Refusal::kBodyTooLarge),
      Refused("chunk_line_too_long", Chunked("1;" + std::string(30, 'a')),
              Refusal::kChunkFramingTooLarge),
      Refused("one_byte_chunks",
              Chunked("1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n"
                      "1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n1\r\na\r\n"),
              Refusal::kChunkFramingTooLarge),
      Refused("endless_trailers",
              Chunked("0\r\nA: 0123456789abcdef\r\nA: 0123456789abcdef\r\nA: 0123456789abcdef\r\n"),
              Refusal::kChunkFramingTooLarge),
      Refused("bad_trailer", Chunked("0\r\nno colon\r\n"), Refusal::kBadField),
  };
}

class RequestParserTest : public testing::TestWithParam<Case> {};

TEST_P(RequestParserTest, BytesAloneDecide) {
  const Case& c = GetParam();
  const RequestLimits limits = SmallLimits();
  const ParsedStream expected{c.requests, c.refusal, c.left_over};
  const ParsedStream whole = ParseStream(c.stream, {}, limits);
  EXPECT_EQ(whole.requests, expected.requests);
  EXPECT_EQ(static_cast<int>(whole.refusal), static_cast<int>(expected.refusal))
      << RefusalText(whole.refusal);
  EXPECT_EQ(whole.left_over, expected.left_over);
  EXPECT_EQ(ParseByteByByte(c.stream, limits), whole);
  for (size_t cut = 0; cut <= c.stream.size(); ++cut) {
    EXPECT_EQ(ParseStream(c.stream, {cut}, limits), whole) << "cut at " << cut;
  }
}

std::string CaseName(const testing::TestParamInfo<Case>& tested) { return tested.param.name; }

INSTANTIATE_TEST_SUITE_P(Good, RequestParserTest, testing::ValuesIn(GoodCases()), CaseName);
INSTANTIATE_TEST_SUITE_P(BadHead, RequestParserTest, testing::ValuesIn(BadHeadCases()), CaseName);
INSTANTIATE_TEST_SUITE_P(BadBody, RequestParserTest, testing::ValuesIn(BadBodyCases()), CaseName);

TEST(RequestParserTest, HeadExactlyAtTheLimitIsTaken) {
  const RequestLimits limits = SmallLimits();
  const std::string frame = Post("A: \r\n");
  const std::string fields = "A: " + std::string(limits.max_head_bytes - frame.size(), 'a');
  EXPECT_EQ(ParseStream(Post(fields + "\r\n"), {}, limits).requests.size(), 1U);
  EXPECT_EQ(ParseStream(Post(fields + "a\r\n"), {}, limits).refusal, Refusal::kHeadTooLarge);
}

TEST(RequestParserTest, RequestLineExactlyAtTheLimitIsTaken) {
  const RequestLimits limits = SmallLimits();
  const std::string frame = "GET / HTTP/1.1";
  const std::string path(limits.max_request_line_bytes - frame.size() + 1, 'a');
  const auto request = [](const std::string& tail) {
    return "GET /" + tail + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  EXPECT_EQ(ParseStream(request(path.substr(1)), {}, limits).requests.size(), 1U);
  EXPECT_EQ(ParseStream(request(path), {}, limits).refusal, Refusal::kTargetTooLong);
}

TEST(RequestParserTest, AClientThatWaitsIsToldToContinueBeforeItsBodyOnly) {
  const RequestLimits limits;
  RequestParser parser(limits);
  std::string stream = Post("Expect: 100-continue\r\nContent-Length: 2\r\n");
  EXPECT_EQ(parser.Advance(stream.data(), 10), ParseState::kNeedMore);
  EXPECT_FALSE(parser.awaits_continue(10));
  EXPECT_EQ(parser.Advance(stream.data(), stream.size()), ParseState::kNeedMore);
  EXPECT_TRUE(parser.awaits_continue(stream.size()));
  stream += 'a';
  EXPECT_EQ(parser.Advance(stream.data(), stream.size()), ParseState::kNeedMore);
  EXPECT_FALSE(parser.awaits_continue(stream.size()));
}

TEST(RequestTest, FieldsAreFoundWhateverTheirCase) {
  const RequestLimits limits;
  RequestParser parser(limits);
  std::string stream = Post("X-Trace: one\r\nx-trace: two\r\n");
  ASSERT_EQ(parser.Advance(stream.data(), stream.size()), ParseState::kComplete);
  EXPECT_EQ(parser.request(stream.data()).Field("X-TRACE"), "one");
  EXPECT_EQ(parser.request(stream.data()).Field("absent"), std::nullopt);
}

}  // namespace
}  // namespace drumline::target
