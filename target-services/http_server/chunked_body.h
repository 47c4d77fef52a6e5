// Joins the chunks of a body in place: content is moved down over the framing that stood before
// it, so a service sees one contiguous body and no second buffer is needed.
//
//   ChunkedBody chunks(limits);
//   chunks.Begin(head_end);
//   while (chunks.Advance(buffer, received) == ParseState::kNeedMore) receive more;
//
// Ownership: the bytes stay the caller's, and may move between calls (offsets are kept). Bytes in
// front of consumed() must not be touched by the caller between calls.
// Errors: kRefused; refusal() says why.
#ifndef TARGET_SERVICES_HTTP_SERVER_CHUNKED_BODY_H_
#define TARGET_SERVICES_HTTP_SERVER_CHUNKED_BODY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "target-services/http_server/refusal.h"
#include "target-services/http_server/request.h"
#include "target-services/http_server/request_limits.h"

namespace drumline::target {

enum class ParseState : uint8_t { kNeedMore, kComplete, kRefused };

class ChunkedBody {
 public:
  explicit ChunkedBody(const RequestLimits& limits) : limits_(limits) {}

  // The body begins at `offset` of the message.
  void Begin(size_t offset);
  // `bytes` is the first byte of the message, `size` all that has been received of it.
  ParseState Advance(char* bytes, size_t size);

  // The joined content, as far as it has come.
  ByteRange content() const {
    return {static_cast<uint32_t>(begin_), static_cast<uint32_t>(content_end_)};
  }
  // The offset behind the last byte that was used.
  size_t consumed() const { return next_; }
  Refusal refusal() const { return refusal_; }

 private:
  enum class Stage : uint8_t { kSizeLine, kContent, kContentEnd, kTrailer };

  ParseState Refuse(Refusal refusal);
  // Takes the next line that ends in CR LF. Nothing, with `state` set, where there is none yet.
  std::optional<std::string_view> TakeLine(const char* bytes, size_t size, ParseState& state);
  ParseState TakeSizeLine(const char* bytes, size_t size);
  ParseState TakeContent(char* bytes, size_t size);
  ParseState TakeContentEnd(const char* bytes, size_t size);
  ParseState TakeTrailer(const char* bytes, size_t size);

  const RequestLimits& limits_;
  Stage stage_ = Stage::kSizeLine;
  Refusal refusal_ = Refusal::kNone;
  size_t begin_ = 0;
  size_t content_end_ = 0;
  size_t next_ = 0;     // The first byte not used yet.
  size_t scanned_ = 0;  // No line feed stands between next_ and here.
  size_t framing_ = 0;  // Bytes that were not content.
  uint64_t chunk_left_ = 0;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_CHUNKED_BODY_H_
