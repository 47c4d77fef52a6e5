// ResponseParser: an incremental parser of HTTP/1.x responses for a client that measures. Pure: no
// socket, clock or thread; bytes in, outcome out.
//
//     ResponseParser parser{ResponseParser::Limits()};
//     parser.ExpectInBody("\"ok\":true");             // once; optional
//     parser.Reset(/*head_request=*/false);           // for each request
//     size_t consumed;
//     switch (parser.Feed(received, &consumed)) {     // as often as bytes arrive
//       case ParseState::kNeedMore: …                 // all bytes were consumed; read on
//       case ParseState::kComplete: …                 // status(), body_contained(), keep_alive()
//       case ParseState::kError: …                    // error(); the connection is of no more use
//     }
//
// The result depends on the bytes alone, never on how they were cut into reads. Each byte of the
// header is looked at about once; the body is skipped, unless a text is expected in it. After the
// first few responses nothing is allocated.
//
// What is taken as HTTP (RFC 9112), where the standard leaves a choice or others are lenient:
//   - Lines end in CRLF; a bare LF or CR and control characters are refused. So are folded headers,
//     white space before a colon, a field without a name.
//   - Any version HTTP/1.x; the reason phrase, and the space before it, may be missing.
//   - Interim responses (1xx) are skipped; 101 is refused, for nothing here asks for an upgrade.
//   - No body follows a HEAD request, 204 and 304, whatever the header says. Otherwise the body is
//     chunked, or as long as Content-Length says, or lasts until the peer closes.
//   - Refused, wherever it stands: Content-Length that is malformed or contradicts itself (equal
//     repetitions are one), Transfer-Encoding other than chunked, chunked in HTTP/1.0, both fields.
//   - Chunk extensions are skipped; trailers are held to a header's syntax and skipped.
//   - A response to CONNECT is not understood.
//
// Not thread-safe; each connection has a parser of its own.
#ifndef AGENT_HTTP_RESPONSE_PARSER_H_
#define AGENT_HTTP_RESPONSE_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "agent/http/framing_fields.h"
#include "agent/http/kept_response.h"
#include "agent/http/known_head.h"
#include "agent/http/line_reader.h"
#include "agent/http/text_matcher.h"

namespace drumline::http {

enum class ParseState { kNeedMore, kComplete, kError };

class ResponseParser {
 public:
  // A response that exceeds a limit is an error that names it.
  struct Limits {
    // One line of the header or a trailer, or one chunk's size with its extensions, with its CRLF.
    size_t max_line_bytes = size_t{16} * 1024;
    // Status lines, headers and trailers of one response together, interim responses included.
    size_t max_header_bytes = size_t{64} * 1024;
    // 1xx responses before the final one.
    uint32_t max_interim_responses = 16;
    // The body without its chunk framing.
    uint64_t max_body_bytes = uint64_t{64} * 1024 * 1024;
    // The extensions of all chunks of one response together.
    size_t max_chunk_extension_bytes = size_t{16} * 1024;
  };

  // [known] may be null: then every head is parsed. It must outlive the parser.
  explicit ResponseParser(const Limits& limits, KnownHead* known = nullptr)
      : known_(known), limits_(limits) {
    Reset(false);
  }

  // A fresh response is expected. [head_request] tells that no body follows, whatever the header
  // says. The text that the body must contain stays as it is. What [kept] wants of the response is
  // put there, if it is given; it must outlive the response.
  void Reset(bool head_request, KeptResponse* kept = nullptr);

  // The text that the body must contain, from the next Reset on. It is compared with the body's
  // bytes after the chunk framing is taken off; a content coding such as gzip stays on. Empty (as
  // at first): nothing is looked for.
  void ExpectInBody(std::string_view needle) {
    needle_.LookFor(needle);
    has_needle_ = !needle.empty();
  }

  // Parses [bytes] up to the end of the response, and sets [*consumed] to how many belong to it:
  // all of them with kNeedMore; with kComplete the rest is not this response's (the next one's, if
  // requests were pipelined); with kError it is of no meaning. Once complete or in error, it
  // consumes nothing and returns the same state until Reset.
  ParseState Feed(std::string_view bytes, size_t* consumed);

  // The peer closed the connection. Completes a body that is delimited by the close; any other
  // incomplete response becomes an error, namely one of the connection and not of the protocol.
  ParseState FinishOnClose();

  ParseState state() const;

  // The final response's status, 100 to 999; 0 before its status line was complete.
  int status() const { return status_; }

  // Whether the connection may carry another request. False until kComplete.
  bool keep_alive() const { return phase_ == Phase::kComplete && keep_alive_; }

  // Bytes of the body so far, without chunk framing.
  uint64_t body_bytes() const { return body_bytes_; }

  // Whether the text was found so far; true if none is looked for.
  bool body_contained() const { return !has_needle_ || needle_.found(); }

  // Why the state is kError, as a static text; otherwise empty.
  std::string_view error() const { return phase_ == Phase::kError ? error_ : std::string_view(); }

 private:
  enum class Phase : uint8_t {
    kStatusLine,
    kHeaderLine,
    kSizedBody,
    kBodyUntilClose,
    kChunkSize,
    kChunk,
    kChunkEnd,
    kTrailerLine,
    kComplete,
    kError,
  };

  void BeginHead();
  ParseState FeedKnown(std::string_view bytes, size_t* consumed);
  ParseState FeedUnknown(std::string_view bytes, size_t* consumed, bool learns);
  size_t Take(std::string_view bytes);
  size_t TakeLine(std::string_view bytes);
  void OnLine(std::string_view line);
  void OnStatusLine(std::string_view line);
  void OnHeaderLine(std::string_view line);
  void OnHeaderEnd();
  void OnInterimResponse();
  void OnChunkSize(std::string_view line);
  void OnTrailerLine(std::string_view line);
  size_t TakeSizedBody(std::string_view bytes);
  size_t TakeBodyUntilClose(std::string_view bytes);
  void AddToBody(std::string_view content) {
    body_bytes_ += content.size();
    if (looks_into_body_) LookIntoBody(content);
  }
  void LookIntoBody(std::string_view content);
  void Fail(std::string_view error);

  // What a response with a known head touches comes first: it fits a cache line.
  KnownHead* const known_;
  KeptResponse* kept_ = nullptr;
  uint64_t body_bytes_;
  // Of the sized body or of the chunk.
  uint64_t remaining_;
  int status_;
  Phase phase_;
  // Something of the response has come.
  bool begun_;
  // Its head may be the known one.
  bool may_know_head_;
  bool has_needle_ = false;
  // A text is looked for in the body, or the body is kept.
  bool looks_into_body_;
  bool head_request_;
  bool keep_alive_;

  // Set by BeginHead: of no meaning where the head is the known one.
  bool http_1_0_ = false;
  uint32_t interim_responses_ = 0;
  size_t header_bytes_ = 0;
  size_t chunk_extension_bytes_ = 0;
  FramingFields fields_;  // since the newest status line
  LineReader lines_;

  TextMatcher needle_;
  std::string_view error_;
  const Limits limits_;
};

}  // namespace drumline::http

#endif  // AGENT_HTTP_RESPONSE_PARSER_H_
