// A table of responses with what the parser must make of them; each is parsed whole, byte by byte,
// cut at every position, by a parser that has just met another response, and by the reference.
#include "agent/http/response_parser.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/agent_http/parse_outcome.h"
#include "tests/unit/agent_http/reference_parser.h"

namespace drumline::http {
namespace {

using namespace std::string_literals;

ResponseParser::Limits SmallLimits() {
  return {.max_line_bytes = 40,
          .max_header_bytes = 100,
          .max_interim_responses = 2,
          .max_body_bytes = 10,
          .max_chunk_extension_bytes = 8};
}

struct Case {
  std::string title;
  std::string bytes;
  ParseOutcome expected;
  bool head_request = false;
  bool closed = false;
  std::string needle = {};
  ResponseParser::Limits limits = {};
};

ParseOutcome NeedMore(int status, uint64_t body_bytes, size_t consumed) {
  ParseOutcome outcome;
  outcome.status = status;
  outcome.body_bytes = body_bytes;
  outcome.consumed = consumed;
  return outcome;
}

ParseOutcome Complete(int status, uint64_t body_bytes, size_t consumed) {
  ParseOutcome outcome = NeedMore(status, body_bytes, consumed);
  outcome.state = ParseState::kComplete;
  outcome.keep_alive = true;
  return outcome;
}

ParseOutcome CompleteAndClose(int status, uint64_t body_bytes, size_t consumed) {
  ParseOutcome outcome = Complete(status, body_bytes, consumed);
  outcome.keep_alive = false;
  return outcome;
}

ParseOutcome NotContained(ParseOutcome outcome) {
  outcome.body_contained = false;
  return outcome;
}

ParseOutcome Error(std::string text, int status = 200, uint64_t body_bytes = 0) {
  ParseOutcome outcome = NeedMore(status, body_bytes, 0);
  outcome.state = ParseState::kError;
  outcome.error = std::move(text);
  return outcome;
}

void PrintTo(const Case& c, std::ostream* out) { *out << c.title; }

// A 200 whose header is [fields], each with its CRLF.
std::string Ok(const std::string& fields, const std::string& body = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
}

Case Whole(std::string title, const std::string& bytes, uint64_t body_bytes) {
  return {std::move(title), bytes, Complete(200, body_bytes, bytes.size())};
}

Case Bad(std::string title, const std::string& bytes, const std::string& error, int status = 200) {
  return {std::move(title), bytes, Error(error, status)};
}

std::vector<Case> BodyCases() {
  const std::string five = Ok("Content-Length: 5\r\n", "hello");
  const std::string until_close = Ok("Server: x\r\n", "hello");
  return {
      Whole("sized", five, 5),
      {"leftovers are not consumed", five + "HTTP/1.1 404 ", Complete(200, 5, five.size())},
      Whole("empty body", Ok("Content-Length: 0\r\n"), 0),
      Whole("name in any case, no space, blanks after", Ok("cOnTeNt-LeNgTh:5 \t\r\n", "hello"), 5),
      Whole("NUL in the body", Ok("Content-Length: 2\r\n", "\0\n"s), 2),
      Whole("no reason phrase", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 0),
      Whole("HTTP/1.7", "HTTP/1.7 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
      Whole("empty and odd values", Ok("A:\r\nB: \xff\t!\r\nContent-Length: 0\r\n"), 0),
      {"until the close", until_close, CompleteAndClose(200, 5, until_close.size()), false, true},
      {"until the close, still open", until_close, NeedMore(200, 5, until_close.size())},
      {"until the close, empty", Ok(""), CompleteAndClose(200, 0, Ok("").size()), false, true},
      {"incomplete", five.substr(0, five.size() - 1), NeedMore(200, 4, five.size() - 1)},
      {"HEAD", Ok("Content-Length: 5\r\n") + "x",
       Complete(200, 0, Ok("Content-Length: 5\r\n").size()), true},
      {"HEAD of a body beyond the limit", Ok("Content-Length: 99999999999\r\n"),
       Complete(200, 0, Ok("Content-Length: 99999999999\r\n").size()), true},
      {"HEAD, chunked", Ok("Transfer-Encoding: chunked\r\n"),
       Complete(200, 0, Ok("Transfer-Encoding: chunked\r\n").size()), true},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", Complete(204, 0, 27)},
      {"304 with the length of what it stands for",
       "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Complete(304, 0, 48)},
      {"500", "HTTP/1.1 500 Oh\r\nContent-Length: 1\r\n\r\nx", Complete(500, 1, 39)},
      {"999", "HTTP/1.1 999 Oh\r\nContent-Length: 1\r\n\r\nx", Complete(999, 1, 39)},
  };
}

std::vector<Case> LengthCases() {
  const std::string text = "Content-Length is not a number below 2^64";
  const std::string twice = "Content-Length is given twice, with different values";
  const std::string max = std::to_string(std::numeric_limits<uint64_t>::max());
  return {
      Whole("equal repetitions", Ok("Content-Length: 2\r\nContent-Length: 02\r\n", "xx"), 2),
      Whole("a list of equals", Ok("Content-Length: 2, 2 ,\t2\r\n", "xx"), 2),
      Bad("conflicting fields", Ok("Content-Length: 2\r\nContent-Length: 3\r\n", "xxx"), twice),
      Bad("conflicting list", Ok("Content-Length: 2, 3\r\n", "xxx"), twice),
      Bad("list that ends in a comma", Ok("Content-Length: 2,\r\n", "xx"), text),
      Bad("list with an empty element", Ok("Content-Length: 2,,2\r\n", "xx"), text),
      Bad("empty", Ok("Content-Length:\r\n"), text),
      Bad("plus", Ok("Content-Length: +2\r\n", "xx"), text),
      Bad("minus", Ok("Content-Length: -2\r\n", "xx"), text),
      Bad("hexadecimal", Ok("Content-Length: 0x2\r\n", "xx"), text),
      Bad("two numbers", Ok("Content-Length: 2 2\r\n", "xx"), text),
      Bad("2^64", Ok("Content-Length: 18446744073709551616\r\n"), text),
      Bad("2^64 - 1", Ok("Content-Length: " + max + "\r\n"),
          "the body is longer than max_body_bytes"),
      Bad("both", Ok("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
          "both Transfer-Encoding and Content-Length"),
  };
}

std::vector<Case> ChunkedCases() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const auto with = [&](const std::string& body) { return Ok(chunked, body); };
  const auto whole = [&](std::string title, const std::string& body, uint64_t bytes) {
    return Whole(std::move(title), with(body), bytes);
  };
  const auto bad = [&](std::string title, const std::string& body, const std::string& error) {
    return Bad(std::move(title), with(body), error);
  };
  const std::string other = "Transfer-Encoding other than chunked";
  const std::string size = "a chunk's size is not a hexadecimal number";
  return {
      whole("chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", 6),
      whole("no chunk", "0\r\n\r\n", 0),
      whole("hexadecimal of either case", "a\r\n0123456789\r\nB\r\n0123456789!\r\n0\r\n\r\n", 21),
      whole("leading zeros", "0000000000000005\r\nhello\r\n000\r\n\r\n", 5),
      whole("extensions", "5;a=b\r\nhello\r\n0 ; last=\"x;y\"\r\n\r\n", 5),
      whole("trailers", "1\r\nx\r\n0\r\nDigest: x\r\nContent-Length: 9\r\n\r\n", 1),
      Whole("chunked in capitals", Ok("TRANSFER-ENCODING: CHUNKED\r\n", "0\r\n\r\n"), 0),
      {"leftovers after chunks", with("0\r\n\r\n") + "0\r\n\r\n",
       Complete(200, 0, with("0\r\n\r\n").size())},
      {"trailer still to come", with("1\r\nx\r\n0\r\n"),
       NeedMore(200, 1, with("1\r\nx\r\n0\r\n").size())},
      bad("no size", "\r\n", size),
      bad("extension without size", ";a\r\n", size),
      bad("negative size", "-1\r\n", size),
      bad("17 digits", "00000000000000005\r\nhello\r\n", "a chunk's size has more than 16 digits"),
      bad("words after the size", "5 x\r\nhello\r\n",
          "a chunk's size is followed by something that is no extension"),
      bad("blanks after the size", "5 \r\nhello\r\n",
          "a chunk's size is followed by something that is no extension"),
      {"chunk longer than its size", with("2\r\nhello\r\n0\r\n\r\n"),
       Error("a chunk is longer than its size", 200, 2)},
      bad("trailer without colon", "0\r\nDigest\r\n\r\n", "a header line has no colon"),
      bad("size beyond the limit", "fffffffffffffffe\r\n",
          "the body is longer than max_body_bytes"),
      {"sizes that overflow together", with("2\r\nxx\r\nffffffffffffffff\r\n"),
       Error("the body is longer than max_body_bytes", 200, 2)},
      bad("bare LF after the size", "5\nhello\r\n", "a LF without a CR"),
      Bad("gzip, chunked", Ok("Transfer-Encoding: gzip, chunked\r\n"), other),
      Bad("identity", Ok("Transfer-Encoding: identity\r\n"), other),
      Bad("empty coding", Ok("Transfer-Encoding:\r\n"), other),
      Bad("chunked twice", Ok(chunked + chunked, "0\r\n\r\n"), "Transfer-Encoding is given twice"),
      Bad("chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
          "Transfer-Encoding in an HTTP/1.0 response"),
      {"closed within a chunk", with("5\r\nhel"),
       Error("the connection was closed before the response was complete", 200, 3), false, true},
  };
}

std::vector<Case> ConnectionCases() {
  const auto kept = [](std::string title, const std::string& start, const std::string& fields,
                       bool keep_alive) {
    const std::string bytes = start + fields + "Content-Length: 0\r\n\r\n";
    return Case{
        std::move(title), bytes,
        keep_alive ? Complete(200, 0, bytes.size()) : CompleteAndClose(200, 0, bytes.size())};
  };
  const std::string new_version = "HTTP/1.1 200 OK\r\n";
  const std::string old_version = "HTTP/1.0 200 OK\r\n";
  return {
      kept("HTTP/1.1 close", new_version, "Connection: close\r\n", false),
      kept("HTTP/1.1 close in a list", new_version, "connection: foo , CLOSE\r\n", false),
      kept("HTTP/1.1 close in a second field", new_version,
           "Connection: keep-alive\r\nConnection: close\r\n", false),
      kept("HTTP/1.1 a word that only begins so", new_version, "Connection: closed\r\n", true),
      kept("HTTP/1.1 a field of the same length", new_version, "Konnection: close\r\n", true),
      kept("HTTP/1.1 empty list", new_version, "Connection: ,,\r\n", true),
      kept("HTTP/1.0", old_version, "", false),
      kept("HTTP/1.0 keep-alive", old_version, "Connection: Keep-Alive\r\n", true),
      kept("HTTP/1.0 both", old_version, "Connection: Keep-Alive, close\r\n", false),
      {"closed before anything", "",
       Error("the connection was closed before the response was complete", 0), false, true},
      {"closed within the header", "HTTP/1.1 200 OK\r\nA",
       Error("the connection was closed before the response was complete"), false, true},
      {"closed after the end", Ok("Content-Length: 0\r\n"),
       Complete(200, 0, Ok("Content-Length: 0\r\n").size()), false, true},
  };
}

std::vector<Case> InterimCases() {
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nConnection: close\r\nLink: x\r\n\r\n";
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  const std::string final_response = Ok("Content-Length: 1\r\n", "x");
  std::vector<Case> cases = {
      Whole("100", go_on + final_response, 1),
      Whole("several", go_on + hints + go_on + final_response, 1),
      {"only an interim", hints, NeedMore(0, 0, hints.size())},
      Bad("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
          "the protocol was switched (101) though nothing asked for it", 101),
      Bad("malformed length in an interim", "HTTP/1.1 100 Continue\r\nContent-Length: x\r\n\r\n",
          "Content-Length is not a number below 2^64", 100),
  };
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += go_on;
  cases.push_back(Whole("as many as the limit", sixteen + final_response, 1));
  cases.push_back(Bad("one more than the limit", sixteen + go_on + final_response,
                      "more interim responses than max_interim_responses", 100));
  return cases;
}

std::vector<Case> MalformedCases() {
  const std::string start = "the status line does not begin with HTTP/1.";
  const std::string version = "the version is not HTTP/1.x";
  const std::string status = "the status is not a number of three digits";
  const std::string name = "a character in a header field's name that is not allowed there";
  const std::string white_space = "white space in or after a header field's name";
  const std::string control = "a control character in a line";
  return {
      Bad("HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", start, 0),
      Bad("lower case", "http/1.1 200 OK\r\n\r\n", start, 0),
      Bad("an empty line first", "\r\n" + Ok(""), start, 0),
      Bad("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", start, 0),
      Bad("no minor version", "HTTP/1. 200 OK\r\n\r\n", version, 0),
      Bad("two digits of minor version", "HTTP/1.10 200 OK\r\n\r\n", version, 0),
      Bad("version alone", "HTTP/1.1\r\n\r\n", version, 0),
      Bad("two digits", "HTTP/1.1 20\r\n\r\n", status, 0),
      Bad("two digits and a reason", "HTTP/1.1 20 OK\r\n\r\n", status, 0),
      Bad("four digits", "HTTP/1.1 2000 OK\r\n\r\n", status, 0),
      Bad("below 100", "HTTP/1.1 099 OK\r\n\r\n", status, 0),
      Bad("a letter", "HTTP/1.1 2x0 OK\r\n\r\n", status, 0),
      Bad("two spaces", "HTTP/1.1  200 OK\r\n\r\n", status, 0),
      Bad("bare LF", "HTTP/1.1 200 OK\n\n", "a LF without a CR", 0),
      Bad("bare LF in the header", Ok("A: b\nC: d\r\n"), "a LF without a CR"),
      Bad("bare CR", Ok("A: b\rC: d\r\n"), "a CR without a LF"),
      Bad("two CRs", Ok("A: b\r\r\n"), "a CR without a LF"),
      Bad("NUL in a value", Ok("A: b\0c\r\n"s), control),
      Bad("NUL in a name", Ok("A\0: b\r\n"s), control),
      Bad("delete", Ok("A: some longer text\x7f\r\n"), control),
      Bad("folded", Ok("A: b\r\n c\r\n"), "a header line is folded"),
      Bad("folded with a tab", Ok("A: b\r\n\tc: d\r\n"), "a header line is folded"),
      Bad("white space before the first field", Ok(" A: b\r\n"), "a header line is folded"),
      Bad("space before the colon", Ok("Content-Length : 5\r\n"), white_space),
      Bad("tab before the colon", Ok("A\t: 5\r\n"), white_space),
      Bad("space in the name", Ok("Content Length: 5\r\n"), white_space),
      Bad("no colon", Ok("Content-Length 5\r\n"), "a header line has no colon"),
      Bad("no colon nor blank", Ok("abc\r\n"), "a header line has no colon"),
      Bad("no name", Ok(": 5\r\n"), "a header field has no name"),
      Bad("parenthesis in the name", Ok("A(: b\r\n"), name),
      Bad("first character not allowed", Ok("(A: b\r\n"), name),
      Bad("letter beyond ASCII in the name", Ok("\xc3\xa4: b\r\n"), name),
  };
}

std::vector<Case> LimitCases() {
  const std::string value(33, 'v');
  const std::string too_long = "a line is longer than max_line_bytes";
  // 17 bytes of status line, 2 of the end; 81 remain, of which two lines of 40 take all but one.
  const std::string longest = "name: " + std::string(32, 'v') + "\r\n";
  const std::string full = "HTTP/1.1 200 OK\r\n" + longest + longest;
  const std::string chunked = Ok("Transfer-Encoding: chunked\r\n");
  std::vector<Case> cases = {
      Bad("a line one byte too long", Ok("name: " + value + "\r\n"), too_long),
      Bad("a line that never ends", Ok("name: " + value + value), too_long),
      Bad("status line too long", "HTTP/1.1 200 " + std::string(26, 'x') + "\r\n\r\n", too_long, 0),
      {"a header one byte short of the limit", full + "\r\n", NeedMore(200, 0, 99)},
      Bad("a header one byte too long", full + "b:\r\n",
          "the header is longer than max_header_bytes"),
      Bad("interim responses count as header",
          "HTTP/1.1 100 C\r\n" + longest + "\r\nHTTP/1.1 200 OK\r\n" + longest,
          "the header is longer than max_header_bytes"),
      Whole("a body as long as the limit", Ok("Content-Length: 10\r\n", "0123456789"), 10),
      Bad("a body longer than the limit", Ok("Content-Length: 11\r\n", "0123456789!"),
          "the body is longer than max_body_bytes"),
      {"until the close, longer", Ok("", "0123456789!"),
       Error("the body is longer than max_body_bytes", 200, 10)},
      {"chunks longer together", chunked + "a\r\n0123456789\r\n1\r\nx\r\n",
       Error("the body is longer than max_body_bytes", 200, 10)},
      Whole("extensions as long as the limit", chunked + "1;abc\r\nx\r\n0;abc\r\n\r\n", 1),
      {"extensions longer together", chunked + "1;abc\r\nx\r\n0;abcd\r\n\r\n",
       Error("chunk extensions are longer than max_chunk_extension_bytes", 200, 1)},
      {"trailers count as header", chunked + "0\r\n" + longest + longest,
       Error("the header is longer than max_header_bytes")},
  };
  for (Case& c : cases) c.limits = SmallLimits();
  return cases;
}

std::vector<Case> NeedleCases() {
  const std::string body = "aabaabaac";
  const auto sized = [&](std::string title, const std::string& needle, bool contained) {
    const std::string bytes = Ok("Content-Length: 9\r\n", body);
    const ParseOutcome outcome = Complete(200, 9, bytes.size());
    return Case{
        std::move(title), bytes, contained ? outcome : NotContained(outcome), false, false, needle};
  };
  const std::string chunks =
      Ok("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Text: trailer\r\n\r\n");
  const ParseOutcome outcome = Complete(200, 5, chunks.size());
  return {
      sized("a text that overlaps itself", "aabaac", true),
      sized("the whole body", body, true),
      sized("the last byte", "c", true),
      sized("longer than the body", body + "d", false),
      sized("begins but does not end", "aacd", false),
      sized("only in the header", "Content", false),
      {"across chunks", chunks, outcome, false, false, "hello"},
      {"not in the chunk framing", chunks, NotContained(outcome), false, false, "\r\n"},
      {"not in the trailer", chunks, NotContained(outcome), false, false, "trailer"},
  };
}

std::vector<Case> AllCases() {
  std::vector<Case> all;
  for (const auto& group : {BodyCases(), LengthCases(), ChunkedCases(), ConnectionCases(),
                            InterimCases(), MalformedCases(), LimitCases(), NeedleCases()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

class ResponseParserCase : public testing::TestWithParam<Case> {
 protected:
  const Case& c() const { return GetParam(); }
  Exchange exchange() const {
    return {c().bytes, c().head_request, c().closed, c().needle, c().limits};
  }
};

TEST_P(ResponseParserCase, Whole) { EXPECT_EQ(ParseCut(exchange(), {}), c().expected); }

TEST_P(ResponseParserCase, ByteByByte) {
  EXPECT_EQ(ParseCut(exchange(), EveryByte(c().bytes.size())), c().expected);
}

TEST_P(ResponseParserCase, CutAtEveryPosition) {
  for (size_t cut = 0; cut <= c().bytes.size(); ++cut) {
    ASSERT_EQ(ParseCut(exchange(), {cut}), c().expected) << "cut at " << cut;
  }
}

TEST_P(ResponseParserCase, AfterAnotherResponseOfAnyFate) {
  for (const std::string& before :
       {Ok("Connection: close\r\nContent-Length: 5\r\n", "hello"), "HTTP/1.1 1"s,
        "HTTP/1.0 200 \r\nTransfer-Encoding: chunked\r\n\r\n"s, Ok("Content-Length: 7\r\n", "x"),
        Ok("Transfer-Encoding: chunked\r\n", "1;a\r\nx\r\n0\r\nT: x\r")}) {
    ResponseParser parser(c().limits);
    ParseCutWith(parser, {.bytes = before, .head_request = false, .needle = "x"},
                 EveryByte(before.size()));
    ASSERT_EQ(ParseCutWith(parser, exchange(), {c().bytes.size() / 2}), c().expected)
        << "after " << before;
  }
}

TEST_P(ResponseParserCase, ReferenceAgrees) {
  const ReferenceOutcome reference =
      ReferenceParse(c().bytes, c().head_request, c().closed, c().limits);
  ASSERT_EQ(reference.state, c().expected.state);
  if (reference.state != ParseState::kComplete) return;
  EXPECT_EQ(reference.status, c().expected.status);
  EXPECT_EQ(reference.keep_alive, c().expected.keep_alive);
  EXPECT_EQ(reference.body.size(), c().expected.body_bytes);
  EXPECT_EQ(reference.body.find(c().needle) != std::string::npos, c().expected.body_contained);
  EXPECT_EQ(reference.consumed, c().expected.consumed);
}

INSTANTIATE_TEST_SUITE_P(Table, ResponseParserCase, testing::ValuesIn(AllCases()));

TEST(ResponseParser, PipelinedResponsesAreTakenOneByOne) {
  const std::string first = Ok("Content-Length: 3\r\n", "one");
  const std::string second = Ok("Transfer-Encoding: chunked\r\n", "3\r\ntwo\r\n0\r\n\r\n");
  const std::string stream = first + second;
  ResponseParser parser{ResponseParser::Limits()};
  size_t consumed = 0;
  EXPECT_EQ(parser.Feed(stream, &consumed), ParseState::kComplete);
  EXPECT_EQ(consumed, first.size());
  // Nothing more is taken until the next response is asked for.
  EXPECT_EQ(parser.Feed(std::string_view(stream).substr(consumed), &consumed),
            ParseState::kComplete);
  EXPECT_EQ(consumed, 0u);
  parser.Reset(false);
  EXPECT_EQ(parser.Feed(second, &consumed), ParseState::kComplete);
  EXPECT_EQ(consumed, second.size());
}

TEST(ResponseParser, TheTextStaysFromResponseToResponse) {
  const std::string with = Ok("Content-Length: 5\r\n", "hello");
  const std::string without = Ok("Content-Length: 5\r\n", "ellos");
  ResponseParser parser{ResponseParser::Limits()};
  parser.ExpectInBody("lo");
  size_t consumed = 0;
  for (const bool contained : {true, false, true}) {
    parser.Reset(false);
    parser.Feed(contained ? with : with.substr(0, with.size() - 1), &consumed);
    EXPECT_EQ(parser.body_contained(), contained);
  }
  parser.ExpectInBody("");
  parser.Reset(false);
  parser.Feed(without, &consumed);
  EXPECT_TRUE(parser.body_contained());
}

}  // namespace
}  // namespace drumline::http
