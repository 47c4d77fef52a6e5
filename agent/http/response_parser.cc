#include "agent/http/response_parser.h"

#include <algorithm>
#include <limits>

#include "agent/http/token.h"

namespace drumline::http {
namespace {

constexpr std::string_view kBodyTooLong = "the body is longer than max_body_bytes";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digit's value, or -1.
int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct ChunkSize {
  uint64_t bytes;
  // What follows the digits.
  std::string_view extension;
  std::string_view error;
};

ChunkSize ParseChunkSize(std::string_view line) {
  // More digits than 64 bits have: leading zeros have no use but to confuse.
  constexpr size_t kMaxDigits = 16;
  ChunkSize size = {};
  size_t digits = 0;
  while (digits < line.size() && HexDigit(line[digits]) >= 0) {
    if (digits == kMaxDigits) return {0, {}, "a chunk's size has more than 16 digits"};
    size.bytes = size.bytes * 16 + static_cast<uint64_t>(HexDigit(line[digits++]));
  }
  if (digits == 0) return {0, {}, "a chunk's size is not a hexadecimal number"};
  size.extension = line.substr(digits);
  if (size.extension.empty()) return size;
  const std::string_view rest = TrimBlanks(size.extension);
  if (rest.empty() || rest.front() != ';') {
    return {0, {}, "a chunk's size is followed by something that is no extension"};
  }
  return size;
}

}  // namespace

void ResponseParser::Reset(bool head_request, KeptResponse* kept) {
  kept_ = kept;
  if (kept != nullptr) kept->Clear();
  phase_ = Phase::kStatusLine;
  begun_ = false;
  may_know_head_ = known_ != nullptr && !head_request && (kept == nullptr || !kept->want_head);
  head_request_ = head_request;
  keep_alive_ = false;
  status_ = 0;
  body_bytes_ = 0;
  remaining_ = 0;
  if (has_needle_) needle_.Reset();
  looks_into_body_ = has_needle_ || (kept != nullptr && kept->want_body);
}

void ResponseParser::BeginHead() {
  http_1_0_ = false;
  interim_responses_ = 0;
  header_bytes_ = 0;
  chunk_extension_bytes_ = 0;
  lines_.Reset();
}

ParseState ResponseParser::state() const {
  if (phase_ == Phase::kComplete) return ParseState::kComplete;
  return phase_ == Phase::kError ? ParseState::kError : ParseState::kNeedMore;
}

void ResponseParser::Fail(std::string_view error) {
  phase_ = Phase::kError;
  error_ = error;
}

ParseState ResponseParser::Feed(std::string_view bytes, size_t* consumed) {
  if (begun_) return FeedUnknown(bytes, consumed, /*learns=*/false);
  begun_ = true;
  if (may_know_head_ && known_->Begins(bytes)) return FeedKnown(bytes, consumed);
  BeginHead();
  return FeedUnknown(bytes, consumed, /*learns=*/may_know_head_);
}

inline size_t ResponseParser::TakeSizedBody(std::string_view bytes) {
  const std::string_view content = bytes.substr(0, std::min<uint64_t>(bytes.size(), remaining_));
  AddToBody(content);
  remaining_ -= content.size();
  if (remaining_ == 0) {
    phase_ = phase_ == Phase::kChunk ? Phase::kChunkEnd : Phase::kComplete;
  }
  return content.size();
}

// The head that is known, and what has come of its body.
ParseState ResponseParser::FeedKnown(std::string_view bytes, size_t* consumed) {
  const KnownHead::Meaning& meaning = known_->meaning();
  status_ = meaning.status;
  keep_alive_ = meaning.keep_alive;
  remaining_ = meaning.content_length;
  phase_ = Phase::kSizedBody;
  bytes.remove_prefix(known_->size());
  *consumed = known_->size() + TakeSizedBody(bytes);
  return state();
}

ParseState ResponseParser::FeedUnknown(std::string_view bytes, size_t* consumed, bool learns) {
  std::string_view rest = bytes;
  while (!rest.empty() && phase_ != Phase::kComplete && phase_ != Phase::kError) {
    const bool in_head = phase_ == Phase::kHeaderLine;
    rest.remove_prefix(Take(rest));
    if (learns && in_head && phase_ == Phase::kSizedBody && interim_responses_ == 0) {
      known_->Learn(bytes.substr(0, bytes.size() - rest.size()),
                    {status_, keep_alive_, remaining_});
    }
  }
  *consumed = bytes.size() - rest.size();
  return state();
}

size_t ResponseParser::Take(std::string_view bytes) {
  switch (phase_) {
    case Phase::kSizedBody:
    case Phase::kChunk:
      return TakeSizedBody(bytes);
    case Phase::kBodyUntilClose:
      return TakeBodyUntilClose(bytes);
    default:
      return TakeLine(bytes);
  }
}

ParseState ResponseParser::FinishOnClose() {
  if (phase_ == Phase::kBodyUntilClose) {
    phase_ = Phase::kComplete;
  } else if (phase_ != Phase::kComplete && phase_ != Phase::kError) {
    Fail("the connection was closed before the response was complete");
  }
  return state();
}

size_t ResponseParser::TakeLine(std::string_view bytes) {
  const bool counts = phase_ != Phase::kChunkSize && phase_ != Phase::kChunkEnd;
  const size_t header_room =
      counts ? limits_.max_header_bytes - header_bytes_ : std::numeric_limits<size_t>::max();
  const LineReader::Taken taken = lines_.Take(bytes, std::min(limits_.max_line_bytes, header_room));
  switch (taken.result) {
    case LineReader::Result::kLine:
      if (counts) header_bytes_ += taken.line.size() + 2;
      OnLine(taken.line);
      break;
    case LineReader::Result::kMore:
      break;
    case LineReader::Result::kTooLong:
      Fail(header_room < limits_.max_line_bytes ? "the header is longer than max_header_bytes"
                                                : "a line is longer than max_line_bytes");
      break;
    case LineReader::Result::kBareCr:
      Fail("a CR without a LF");
      break;
    case LineReader::Result::kBareLf:
      Fail("a LF without a CR");
      break;
    case LineReader::Result::kControlCharacter:
      Fail("a control character in a line");
      break;
  }
  return taken.used;
}

void ResponseParser::OnLine(std::string_view line) {
  switch (phase_) {
    case Phase::kHeaderLine:
      return line.empty() ? OnHeaderEnd() : OnHeaderLine(line);
    case Phase::kStatusLine:
      return OnStatusLine(line);
    case Phase::kChunkSize:
      return OnChunkSize(line);
    case Phase::kTrailerLine:
      return OnTrailerLine(line);
    default:
      // The end of a chunk: an empty line, whose absence is a chunk longer than its size.
      if (!line.empty()) return Fail("a chunk is longer than its size");
      phase_ = Phase::kChunkSize;
  }
}

// HTTP-version SP 3DIGIT [SP reason]
void ResponseParser::OnStatusLine(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr size_t kMinor = kVersion.size();
  constexpr size_t kStatus = kMinor + 2;
  constexpr size_t kReason = kStatus + 3;
  if (!line.starts_with(kVersion)) return Fail("the status line does not begin with HTTP/1.");
  if (line.size() < kStatus || !IsDigit(line[kMinor]) || line[kMinor + 1] != ' ') {
    return Fail("the version is not HTTP/1.x");
  }
  if (line.size() < kReason || line[kStatus] == '0' || !IsDigit(line[kStatus]) ||
      !IsDigit(line[kStatus + 1]) || !IsDigit(line[kStatus + 2]) ||
      (line.size() > kReason && line[kReason] != ' ')) {
    return Fail("the status is not a number of three digits");
  }
  fields_.Reset();
  http_1_0_ = line[kMinor] == '0';
  status_ = (line[kStatus] - '0') * 100 + (line[kStatus + 1] - '0') * 10 + line[kStatus + 2] - '0';
  phase_ = Phase::kHeaderLine;
}

void ResponseParser::OnHeaderLine(std::string_view line) {
  if (kept_ != nullptr && kept_->want_head) kept_->AddLine(line);
  const HeaderLine header = SplitHeaderLine(line);
  if (!header.error.empty()) return Fail(header.error);
  const std::string_view error = fields_.Add(header.name, header.value);
  if (!error.empty()) Fail(error);
}

void ResponseParser::OnHeaderEnd() {
  const std::string_view error = fields_.Check(http_1_0_);
  if (!error.empty()) return Fail(error);
  if (status_ < 200) return OnInterimResponse();

  keep_alive_ = !fields_.close() && (!http_1_0_ || fields_.keep_alive());
  if (head_request_ || status_ == 204 || status_ == 304) {
    phase_ = Phase::kComplete;
  } else if (fields_.chunked()) {
    phase_ = Phase::kChunkSize;
  } else if (!fields_.content_length()) {
    keep_alive_ = false;
    phase_ = Phase::kBodyUntilClose;
  } else if (*fields_.content_length() > limits_.max_body_bytes) {
    Fail(kBodyTooLong);
  } else {
    remaining_ = *fields_.content_length();
    phase_ = remaining_ == 0 ? Phase::kComplete : Phase::kSizedBody;
  }
}

void ResponseParser::OnInterimResponse() {
  if (status_ == 101) return Fail("the protocol was switched (101) though nothing asked for it");
  if (interim_responses_ == limits_.max_interim_responses) {
    return Fail("more interim responses than max_interim_responses");
  }
  ++interim_responses_;
  status_ = 0;
  if (kept_ != nullptr) kept_->Clear();
  phase_ = Phase::kStatusLine;
}

void ResponseParser::OnChunkSize(std::string_view line) {
  const ChunkSize size = ParseChunkSize(line);
  if (!size.error.empty()) return Fail(size.error);
  if (size.extension.size() > limits_.max_chunk_extension_bytes - chunk_extension_bytes_) {
    return Fail("chunk extensions are longer than max_chunk_extension_bytes");
  }
  chunk_extension_bytes_ += size.extension.size();
  if (size.bytes > limits_.max_body_bytes - body_bytes_) return Fail(kBodyTooLong);
  remaining_ = size.bytes;
  phase_ = size.bytes == 0 ? Phase::kTrailerLine : Phase::kChunk;
}

void ResponseParser::OnTrailerLine(std::string_view line) {
  if (line.empty()) {
    phase_ = Phase::kComplete;
    return;
  }
  const HeaderLine trailer = SplitHeaderLine(line);
  if (!trailer.error.empty()) Fail(trailer.error);
}

size_t ResponseParser::TakeBodyUntilClose(std::string_view bytes) {
  const std::string_view content =
      bytes.substr(0, std::min<uint64_t>(bytes.size(), limits_.max_body_bytes - body_bytes_));
  AddToBody(content);
  if (content.size() < bytes.size()) Fail(kBodyTooLong);
  return content.size();
}

void ResponseParser::LookIntoBody(std::string_view content) {
  needle_.Add(content);
  if (kept_ != nullptr && kept_->want_body) kept_->AddBody(content);
}

}  // namespace drumline::http
