#include "target-services/http_server/chunked_body.h"

#include <algorithm>
#include <cstring>

#include "target-services/http_server/ascii_text.h"
#include "target-services/http_server/head_syntax.h"

namespace drumline::target {
namespace {

constexpr size_t kLineEndBytes = 2;  // CR LF

// The size in front of an optional extension; nothing where the line is malformed. Saturates just
// above what any limit allows, so that more digits cannot wrap.
std::optional<uint64_t> ParseChunkSize(std::string_view line) {
  constexpr uint64_t kSaturated = uint64_t{1} << 59;
  uint64_t size = 0;
  size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const char c = ToLower(line[digits]);
    if (!IsDigit(c) && !(c >= 'a' && c <= 'f')) break;
    const auto digit = static_cast<uint64_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
    size = size >= kSaturated ? kSaturated : size * 16 + digit;
  }
  if (digits == 0) return std::nullopt;
  const std::string_view extension = line.substr(digits);
  if (!extension.empty() && extension.front() != ';') return std::nullopt;
  if (!IsFieldText(extension)) return std::nullopt;
  return size;
}

}  // namespace

void ChunkedBody::Begin(size_t offset) {
  stage_ = Stage::kSizeLine;
  refusal_ = Refusal::kNone;
  begin_ = content_end_ = next_ = scanned_ = offset;
  framing_ = 0;
  chunk_left_ = 0;
}

ParseState ChunkedBody::Refuse(Refusal refusal) {
  refusal_ = refusal;
  return ParseState::kRefused;
}

// Each stage returns kNeedMore when it lacks bytes and kComplete when it is done; only the
// trailer's completion is the body's.
ParseState ChunkedBody::Advance(char* bytes, size_t size) {
  while (true) {
    const bool last = stage_ == Stage::kTrailer;
    ParseState state = ParseState::kNeedMore;
    switch (stage_) {
      case Stage::kSizeLine:
        state = TakeSizeLine(bytes, size);
        break;
      case Stage::kContent:
        state = TakeContent(bytes, size);
        break;
      case Stage::kContentEnd:
        state = TakeContentEnd(bytes, size);
        break;
      case Stage::kTrailer:
        state = TakeTrailer(bytes, size);
        break;
    }
    if (last || state != ParseState::kComplete) return state;
  }
}

std::optional<std::string_view> ChunkedBody::TakeLine(const char* bytes, size_t size,
                                                      ParseState& state) {
  const size_t allowance = std::min(
      limits_.max_chunk_line_bytes,
      limits_.max_chunk_framing_bytes - std::min(limits_.max_chunk_framing_bytes, framing_));
  // The limit is a property of the stream, not of how much of it came at once: look no further.
  const size_t end = std::min(size, next_ + allowance);
  const auto* line_feed = static_cast<const char*>(
      scanned_ < end ? std::memchr(bytes + scanned_, '\n', end - scanned_) : nullptr);
  if (line_feed == nullptr) {
    scanned_ = std::max(scanned_, end);
    state =
        size >= next_ + allowance ? Refuse(Refusal::kChunkFramingTooLarge) : ParseState::kNeedMore;
    return std::nullopt;
  }
  const auto after = static_cast<size_t>(line_feed + 1 - bytes);
  if (after - next_ < kLineEndBytes || line_feed[-1] != '\r') {
    state = Refuse(Refusal::kBareLineFeed);
    return std::nullopt;
  }
  const std::string_view line(bytes + next_, after - kLineEndBytes - next_);
  framing_ += after - next_;
  next_ = scanned_ = after;
  return line;
}

ParseState ChunkedBody::TakeSizeLine(const char* bytes, size_t size) {
  ParseState state = ParseState::kNeedMore;
  const std::optional<std::string_view> line = TakeLine(bytes, size, state);
  if (!line) return state;
  const std::optional<uint64_t> chunk_size = ParseChunkSize(*line);
  if (!chunk_size) return Refuse(Refusal::kBadChunk);
  const size_t content_bytes = content_end_ - begin_;
  if (*chunk_size > limits_.max_body_bytes - content_bytes) return Refuse(Refusal::kBodyTooLarge);
  chunk_left_ = *chunk_size;
  stage_ = chunk_left_ == 0 ? Stage::kTrailer : Stage::kContent;
  return ParseState::kComplete;
}

ParseState ChunkedBody::TakeContent(char* bytes, size_t size) {
  const size_t count = std::min<size_t>(chunk_left_, size - next_);
  std::memmove(bytes + content_end_, bytes + next_, count);
  content_end_ += count;
  next_ += count;
  scanned_ = next_;
  chunk_left_ -= count;
  if (chunk_left_ > 0) return ParseState::kNeedMore;
  stage_ = Stage::kContentEnd;
  return ParseState::kComplete;
}

ParseState ChunkedBody::TakeContentEnd(const char* bytes, size_t size) {
  const size_t count = std::min(kLineEndBytes, size - next_);
  if (std::memcmp(bytes + next_, "\r\n", count) != 0) return Refuse(Refusal::kBadChunk);
  if (count < kLineEndBytes) return ParseState::kNeedMore;
  next_ += kLineEndBytes;
  scanned_ = next_;
  framing_ += kLineEndBytes;
  stage_ = Stage::kSizeLine;
  return ParseState::kComplete;
}

ParseState ChunkedBody::TakeTrailer(const char* bytes, size_t size) {
  while (true) {
    ParseState state = ParseState::kNeedMore;
    const std::optional<std::string_view> line = TakeLine(bytes, size, state);
    if (!line) return state;
    if (line->empty()) return ParseState::kComplete;
    if (!IsFieldLine(*line)) return Refuse(Refusal::kBadField);
  }
}

}  // namespace drumline::target
