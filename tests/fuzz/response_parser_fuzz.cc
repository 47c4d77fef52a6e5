// Whatever the bytes, the response parser comes to the same outcome in one piece, in several, and
// byte by byte, to the outcome of the reference, and to that of a parser that has seen it before.
// before.
//
// Input: a character of options ('0' to '7': 1 for a HEAD request, 2 for a peer that closes, 4 for
// small limits), three bytes that say where to cut, then the stream.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "agent/http/response_parser.h"
#include "tests/unit/agent_http/parse_outcome.h"
#include "tests/unit/agent_http/reference_parser.h"

namespace drumline::http {
namespace {

constexpr size_t kPrefixBytes = 4;

void Require(bool condition, const ParseOutcome& a, const ParseOutcome& b) {
  if (condition) return;
  std::cerr << "whole: " << a << "\ncut:   " << b << "\n";
  std::abort();
}

void Check(const std::string& prefix, const std::string& stream) {
  Exchange exchange;
  exchange.bytes = stream;
  exchange.head_request = (prefix[0] & 1) != 0;
  exchange.closed = (prefix[0] & 2) != 0;
  exchange.needle = "abab";
  if ((prefix[0] & 4) != 0) exchange.limits = {48, 128, 2, 64, 12};

  std::vector<size_t> cuts;
  for (size_t i = 1; i < kPrefixBytes; ++i) {
    cuts.push_back(static_cast<unsigned char>(prefix[i]) % (stream.size() + 1));
  }
  std::sort(cuts.begin(), cuts.end());

  const ParseOutcome whole = ParseCut(exchange, {});
  const ParseOutcome cut = ParseCut(exchange, cuts);
  Require(whole == cut, whole, cut);
  const ParseOutcome byte_by_byte = ParseCut(exchange, EveryByte(stream.size()));
  Require(whole == byte_by_byte, whole, byte_by_byte);

  KnownHead known;
  ResponseParser parser(exchange.limits, &known);
  for (int again = 0; again < 2; ++again) {
    const ParseOutcome repeated = ParseCutWith(parser, exchange, cuts);
    Require(whole == repeated, whole, repeated);
  }

  const ReferenceOutcome reference =
      ReferenceParse(stream, exchange.head_request, exchange.closed, exchange.limits);
  Require(reference.state == whole.state, whole, cut);
  if (whole.state != ParseState::kComplete) return;
  Require(reference.status == whole.status && reference.keep_alive == whole.keep_alive &&
              reference.body.size() == whole.body_bytes && reference.consumed == whole.consumed &&
              (reference.body.find(exchange.needle) != std::string::npos) == whole.body_contained,
          whole, cut);
}

}  // namespace
}  // namespace drumline::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using drumline::http::kPrefixBytes;
  const std::string input(reinterpret_cast<const char*>(bytes), size);
  if (size >= kPrefixBytes) {
    drumline::http::Check(input.substr(0, kPrefixBytes), input.substr(kPrefixBytes));
  }
  return 0;
}
