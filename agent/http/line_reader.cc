#include "agent/http/line_reader.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace drumline::http {
namespace {

constexpr bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

// A word with the high bit set in each byte that is below 0x20 or equal to 0x7f. A borrow may set
// bits above the lowest true one, so that only the lowest is to be relied on.
constexpr uint64_t ControlBits(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighBits = kOnes * 0x80;
  const uint64_t delete_as_zero = word ^ (kOnes * 0x7f);
  return (((word - kOnes * 0x20) & ~word) | ((delete_as_zero - kOnes) & ~delete_as_zero)) &
         kHighBits;
}

// The first control character (a tab is none) at or after [at], or [end].
const char* FindControl(const char* at, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    while (end - at >= 8) {
      uint64_t word;
      std::memcpy(&word, at, sizeof(word));
      const uint64_t found = ControlBits(word);
      if (found == 0) {
        at += 8;
        continue;
      }
      at += std::countr_zero(found) / 8;
      if (*at != '\t') return at;
      ++at;
    }
  }
  while (at != end && !IsControl(*at)) ++at;
  return at;
}

LineReader::Result Malformed(char c) {
  return c == '\n' ? LineReader::Result::kBareLf : LineReader::Result::kControlCharacter;
}

}  // namespace

LineReader::Taken LineReader::Take(std::string_view bytes, size_t limit) {
  if (partial_is_stale_) {
    partial_.clear();
    partial_is_stale_ = false;
  }
  if (!partial_.empty()) return Continue(bytes, limit);

  const char* begin = bytes.data();
  const size_t window = std::min(bytes.size(), limit);
  const char* end = begin + window;
  const char* stop = FindControl(begin, end);
  if (end - stop >= 2 && stop[0] == '\r' && stop[1] == '\n') [[likely]] {
    const auto length = static_cast<size_t>(stop - begin);
    return {Result::kLine, length + 2, {begin, length}};
  }
  return Continue(bytes, limit);
}

// The general case: the line goes on in partial_ or does not end in [bytes].
LineReader::Taken LineReader::Continue(std::string_view bytes, size_t limit) {
  const char* begin = bytes.data();
  const char* end = begin + std::min(bytes.size(), limit - partial_.size());
  const char* at = begin;
  if (at != end && !partial_.empty() && partial_.back() == '\r') {
    if (*at != '\n') return {Result::kBareCr, 0, {}};
  } else {
    at = FindControl(at, end);
    if (at != end && *at != '\r') return {Malformed(*at), static_cast<size_t>(at - begin), {}};
    if (at != end) ++at;
    if (at != end && *at != '\n') return {Result::kBareCr, static_cast<size_t>(at - begin), {}};
  }
  const bool complete = at != end;
  const auto used = static_cast<size_t>(at - begin) + (complete ? 1 : 0);
  partial_.append(begin, used);
  if (complete) {
    partial_is_stale_ = true;
    return {Result::kLine, used, std::string_view(partial_).substr(0, partial_.size() - 2)};
  }
  if (used < bytes.size()) return {Result::kTooLong, used, {}};
  return {Result::kMore, used, {}};
}

}  // namespace drumline::http
