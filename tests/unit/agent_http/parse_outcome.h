// What a parser made of a stream of bytes, in a form that can be compared, and ways to cut a
// stream.
//
//     EXPECT_EQ(ParseCut(exchange, {}), ParseCut(exchange, {3, 17}));
#ifndef TESTS_UNIT_AGENT_HTTP_PARSE_OUTCOME_H_
#define TESTS_UNIT_AGENT_HTTP_PARSE_OUTCOME_H_

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http/response_parser.h"

namespace drumline::http {

// What the parser is told beside the bytes.
struct Exchange {
  std::string_view bytes;
  bool head_request = false;
  // The peer closes the connection after the bytes.
  bool closed = false;
  std::string_view needle = {};
  ResponseParser::Limits limits = {};
};

struct ParseOutcome {
  ParseState state = ParseState::kNeedMore;
  std::string error;
  int status = 0;
  bool keep_alive = false;
  uint64_t body_bytes = 0;
  bool body_contained = true;
  // 0 in the state kError, where it has no meaning.
  size_t consumed = 0;

  friend bool operator==(const ParseOutcome&, const ParseOutcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const ParseOutcome& outcome);

// Feeds [parser], which may have been used before, with the bytes cut at [cuts] (ascending).
ParseOutcome ParseCutWith(ResponseParser& parser, const Exchange& exchange,
                          const std::vector<size_t>& cuts);

// The same with a parser of its own.
ParseOutcome ParseCut(const Exchange& exchange, const std::vector<size_t>& cuts);

// The cuts that make pieces of one byte each.
std::vector<size_t> EveryByte(size_t size);

}  // namespace drumline::http

#endif  // TESTS_UNIT_AGENT_HTTP_PARSE_OUTCOME_H_
