// An incremental parser of HTTP/1.1 and HTTP/1.0 requests.
//
//   RequestParser parser(limits);
//   switch (parser.Advance(buffer, received)) {      // Again with more bytes while kNeedMore.
//     case ParseState::kComplete:
//       Serve(parser.request(buffer));
//       Drop(parser.consumed());                     // The next request begins there.
//       parser.Reset();
//     ...
//
// The buffer always begins at the first byte of the current message and holds all that has come of
// it; each call looks only at bytes that no call before has seen. The buffer may move between
// calls. The outcome depends on the bytes alone, never on how they were cut into calls. Chunked
// bodies are joined in place, which is why the bytes are not const.
//
// Ownership: the bytes are the caller's. Threads: none of its own. Allocation: only while the list
// of fields grows to the most that one message had; Reset keeps it.
// Errors: kRefused, for good; refusal() says why, and limits are refusals too.
#ifndef TARGET_SERVICES_HTTP_SERVER_REQUEST_PARSER_H_
#define TARGET_SERVICES_HTTP_SERVER_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>

#include "target-services/http_server/chunked_body.h"
#include "target-services/http_server/refusal.h"
#include "target-services/http_server/request.h"
#include "target-services/http_server/request_limits.h"

namespace drumline::target {

class RequestParser {
 public:
  // `limits` must outlive the parser.
  explicit RequestParser(const RequestLimits& limits) : limits_(limits), chunks_(limits) {}

  ParseState Advance(char* bytes, size_t size);
  // Ready for the next message.
  void Reset();

  // Once complete: the request, in the buffer given to the last Advance.
  Request request(const char* bytes) const { return Request(bytes, head_, body_); }
  // Once complete: how many bytes of the buffer the message took.
  size_t consumed() const { return end_; }
  // Why it was refused.
  Refusal refusal() const { return refusal_; }

  // True from the request line on: path() names what was asked for, even if it is refused later.
  bool knows_path() const { return stage_ != Stage::kRequestLine; }
  const RequestHead& head() const { return head_; }
  // True if the client waits for "100 Continue" before it sends the body.
  bool awaits_continue(size_t size) const {
    return stage_ >= Stage::kSizedBody && head_.expects_continue && size == head_end_;
  }

 private:
  enum class Stage : uint8_t { kRequestLine, kFields, kSizedBody, kChunkedBody };

  ParseState Refuse(Refusal refusal);
  ParseState AdvanceHead(const char* bytes, size_t size);
  // Takes one line of the head; kComplete once it was the empty line that ends the head.
  ParseState TakeLine(const char* bytes, ByteRange line);
  ParseState FinishFields(const char* bytes);
  ParseState AdvanceBody(char* bytes, size_t size);

  const RequestLimits& limits_;
  RequestHead head_;
  ChunkedBody chunks_;
  Stage stage_ = Stage::kRequestLine;
  Refusal refusal_ = Refusal::kNone;
  bool skipped_empty_line_ = false;
  size_t line_begin_ = 0;
  size_t scanned_ = 0;  // No line feed stands between line_begin_ and here.
  size_t head_end_ = 0;
  size_t end_ = 0;
  ByteRange body_;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_REQUEST_PARSER_H_
