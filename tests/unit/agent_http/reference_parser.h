// A second implementation of what agent/http/response_parser.h promises: slow, simple, and on a
// whole buffer at once. It shares no code with the first and gives no texts of errors.
#ifndef TESTS_UNIT_AGENT_HTTP_REFERENCE_PARSER_H_
#define TESTS_UNIT_AGENT_HTTP_REFERENCE_PARSER_H_

#include <cstddef>
#include <string>

#include "agent/http/response_parser.h"

namespace drumline::http {

struct ReferenceOutcome {
  ParseState state = ParseState::kNeedMore;
  // The rest is of meaning in the state kComplete only.
  int status = 0;
  bool keep_alive = false;
  std::string body;
  size_t consumed = 0;
};

ReferenceOutcome ReferenceParse(const std::string& bytes, bool head_request, bool closed,
                                const ResponseParser::Limits& limits);

}  // namespace drumline::http

#endif  // TESTS_UNIT_AGENT_HTTP_REFERENCE_PARSER_H_
