#include "tests/unit/agent_http/parse_outcome.h"

#include <numeric>

namespace drumline::http {

std::ostream& operator<<(std::ostream& out, const ParseOutcome& outcome) {
  constexpr std::string_view kStates[] = {"need more", "complete", "error"};
  return out << kStates[static_cast<int>(outcome.state)] << " '" << outcome.error << "' status "
             << outcome.status << (outcome.keep_alive ? " keep-alive" : " close") << " body "
             << outcome.body_bytes << (outcome.body_contained ? " contained" : " not contained")
             << " consumed " << outcome.consumed;
}

ParseOutcome ParseCutWith(ResponseParser& parser, const Exchange& exchange,
                          const std::vector<size_t>& cuts) {
  parser.ExpectInBody(exchange.needle);
  parser.Reset(exchange.head_request);
  ParseOutcome outcome;
  size_t begin = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t end = i < cuts.size() ? cuts[i] : exchange.bytes.size();
    // A copy of its own, so that a view that outlives its piece is a fault that ASan sees.
    const std::string piece(exchange.bytes.substr(begin, end - begin));
    size_t consumed = 0;
    outcome.state = parser.Feed(piece, &consumed);
    outcome.consumed += consumed;
    begin = end;
  }
  if (exchange.closed) outcome.state = parser.FinishOnClose();
  outcome.error = parser.error();
  outcome.status = parser.status();
  outcome.keep_alive = parser.keep_alive();
  outcome.body_bytes = parser.body_bytes();
  outcome.body_contained = parser.body_contained();
  if (outcome.state == ParseState::kError) outcome.consumed = 0;
  return outcome;
}

ParseOutcome ParseCut(const Exchange& exchange, const std::vector<size_t>& cuts) {
  ResponseParser parser(exchange.limits);
  return ParseCutWith(parser, exchange, cuts);
}

std::vector<size_t> EveryByte(size_t size) {
  std::vector<size_t> cuts(size == 0 ? 0 : size - 1);
  std::iota(cuts.begin(), cuts.end(), size_t{1});
  return cuts;
}

}  // namespace drumline::http
