#include "target-services/http_server/request_parser.h"

#include <algorithm>
#include <cstring>

#include "target-services/http_server/head_syntax.h"

namespace drumline::target {
namespace {

constexpr size_t kLineEndBytes = 2;  // CR LF

}  // namespace

void RequestParser::Reset() {
  std::vector<FieldRange> fields = std::move(head_.fields);
  fields.clear();
  head_ = RequestHead{};
  head_.fields = std::move(fields);
  stage_ = Stage::kRequestLine;
  refusal_ = Refusal::kNone;
  skipped_empty_line_ = false;
  line_begin_ = scanned_ = head_end_ = end_ = 0;
  body_ = {};
}

ParseState RequestParser::Refuse(Refusal refusal) {
  refusal_ = refusal;
  return ParseState::kRefused;
}

ParseState RequestParser::Advance(char* bytes, size_t size) {
  if (refusal_ != Refusal::kNone) return ParseState::kRefused;
  if (stage_ <= Stage::kFields) {
    const ParseState state = AdvanceHead(bytes, size);
    if (state != ParseState::kComplete) return state;
  }
  return AdvanceBody(bytes, size);
}

ParseState RequestParser::AdvanceHead(const char* bytes, size_t size) {
  while (true) {
    const bool first_line = stage_ == Stage::kRequestLine;
    // A limit is a property of the stream, not of how much of it came at once: look no further.
    const size_t limit = first_line ? line_begin_ + limits_.max_request_line_bytes + kLineEndBytes
                                    : limits_.max_head_bytes;
    const size_t end = std::min(size, limit);
    const auto* line_feed = static_cast<const char*>(
        scanned_ < end ? std::memchr(bytes + scanned_, '\n', end - scanned_) : nullptr);
    if (line_feed == nullptr) {
      scanned_ = std::max(scanned_, end);
      if (size < limit) return ParseState::kNeedMore;
      return Refuse(first_line ? Refusal::kTargetTooLong : Refusal::kHeadTooLarge);
    }
    const auto after = static_cast<size_t>(line_feed + 1 - bytes);
    if (after - line_begin_ < kLineEndBytes || line_feed[-1] != '\r') {
      return Refuse(Refusal::kBareLineFeed);
    }
    const ByteRange line{static_cast<uint32_t>(line_begin_),
                         static_cast<uint32_t>(after - kLineEndBytes)};
    line_begin_ = scanned_ = after;
    const ParseState state = TakeLine(bytes, line);
    if (state != ParseState::kNeedMore) return state;
  }
}

ParseState RequestParser::TakeLine(const char* bytes, ByteRange line) {
  if (stage_ == Stage::kRequestLine) {
    // Some clients end the body before with one line end too many.
    if (line.size() == 0 && !skipped_empty_line_) {
      skipped_empty_line_ = true;
      return ParseState::kNeedMore;
    }
    const Refusal refusal = ParseRequestLine(bytes, line, head_);
    if (refusal != Refusal::kNone) return Refuse(refusal);
    stage_ = Stage::kFields;
    return ParseState::kNeedMore;
  }
  if (line.size() == 0) return FinishFields(bytes);
  if (head_.fields.size() == limits_.max_fields) return Refuse(Refusal::kTooManyFields);
  const Refusal refusal = ParseFieldLine(bytes, line, head_);
  return refusal == Refusal::kNone ? ParseState::kNeedMore : Refuse(refusal);
}

ParseState RequestParser::FinishFields(const char* bytes) {
  const Refusal refusal = FinishHead(bytes, head_);
  if (refusal != Refusal::kNone) return Refuse(refusal);
  if (head_.content_length.value_or(0) > limits_.max_body_bytes) {
    return Refuse(Refusal::kBodyTooLarge);
  }
  head_end_ = line_begin_;
  stage_ = head_.chunked ? Stage::kChunkedBody : Stage::kSizedBody;
  if (head_.chunked) chunks_.Begin(head_end_);
  return ParseState::kComplete;
}

ParseState RequestParser::AdvanceBody(char* bytes, size_t size) {
  if (stage_ == Stage::kSizedBody) {
    const size_t end = head_end_ + head_.content_length.value_or(0);
    if (size < end) return ParseState::kNeedMore;
    body_ = {static_cast<uint32_t>(head_end_), static_cast<uint32_t>(end)};
    end_ = end;
    return ParseState::kComplete;
  }
  const ParseState state = chunks_.Advance(bytes, size);
  if (state == ParseState::kRefused) return Refuse(chunks_.refusal());
  if (state == ParseState::kComplete) {
    body_ = chunks_.content();
    end_ = chunks_.consumed();
  }
  return state;
}

}  // namespace drumline::target
