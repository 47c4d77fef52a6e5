#include "agent/http/framing_fields.h"

#include <cstddef>
#include <cstring>
#include <limits>

#include "agent/http/token.h"

namespace drumline::http {
namespace {

// Whether [name], a token of the same length as [lower], is equal to it but for case. [lower] has
// letters and '-' only, and those are the characters that bit 0x20 makes of their capitals alone
// (and of control characters, which a token does not have). Eight bytes at a time: this is asked
// for each Content-Length.
bool IsName(std::string_view name, std::string_view lower) {
  constexpr uint64_t kLowerCase = 0x2020202020202020;
  const auto differ = [&](size_t at) {
    uint64_t a;
    uint64_t b;
    std::memcpy(&a, name.data() + at, sizeof(a));
    std::memcpy(&b, lower.data() + at, sizeof(b));
    return (a | kLowerCase) != b;
  };
  for (size_t at = 0; at + 8 < lower.size(); at += 8) {
    if (differ(at)) return false;
  }
  return !differ(lower.size() - 8);
}

// Takes the first element off a comma-separated list, without the blanks around it.
std::string_view TakeElement(std::string_view* list) {
  const size_t comma = list->find(',');
  const std::string_view element = TrimBlanks(list->substr(0, comma));
  list->remove_prefix(comma == std::string_view::npos ? list->size() : comma + 1);
  return element;
}

std::optional<uint64_t> ParseDecimal(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  uint64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (number > (std::numeric_limits<uint64_t>::max() - digit) / 10) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

}  // namespace

HeaderLine SplitHeaderLine(std::string_view line) {
  size_t length = 0;
  while (length < line.size() && IsTokenCharacter(line[length])) ++length;
  if (length > 0 && length < line.size() && line[length] == ':') [[likely]] {
    return {line.substr(0, length), TrimBlanks(line.substr(length + 1)), {}};
  }
  if (IsBlank(line.front())) return {{}, {}, "a header line is folded"};
  if (line.find(':') == std::string_view::npos) return {{}, {}, "a header line has no colon"};
  if (length == 0 && line.front() == ':') return {{}, {}, "a header field has no name"};
  if (IsBlank(line[length])) return {{}, {}, "white space in or after a header field's name"};
  return {{}, {}, "a character in a header field's name that is not allowed there"};
}

std::string_view FramingFields::Add(std::string_view name, std::string_view value) {
  constexpr std::string_view kConnection = "connection";
  constexpr std::string_view kContentLength = "content-length";
  constexpr std::string_view kTransferEncoding = "transfer-encoding";
  switch (name.size()) {
    case kConnection.size():
      if (IsName(name, kConnection)) AddConnection(value);
      return {};
    case kContentLength.size():
      if (IsName(name, kContentLength)) return AddContentLength(value);
      return {};
    case kTransferEncoding.size():
      if (IsName(name, kTransferEncoding)) return AddTransferEncoding(value);
      return {};
    default:
      return {};
  }
}

// Equal lengths, in several fields or in a list, count as one; anything else is a smuggler's.
std::string_view FramingFields::AddContentLength(std::string_view value) {
  std::string_view list = value;
  do {
    const std::optional<uint64_t> length = ParseDecimal(TakeElement(&list));
    if (!length) return "Content-Length is not a number below 2^64";
    if (content_length_ && *content_length_ != *length) {
      return "Content-Length is given twice, with different values";
    }
    content_length_ = length;
  } while (!list.empty());
  if (value.back() == ',') return "Content-Length is not a number below 2^64";
  return {};
}

std::string_view FramingFields::AddTransferEncoding(std::string_view value) {
  if (!EqualsIgnoreCase(value, "chunked")) return "Transfer-Encoding other than chunked";
  if (chunked_) return "Transfer-Encoding is given twice";
  chunked_ = true;
  return {};
}

void FramingFields::AddConnection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = TakeElement(&value);
    if (EqualsIgnoreCase(option, "close")) close_ = true;
    if (EqualsIgnoreCase(option, "keep-alive")) keep_alive_ = true;
  }
}

std::string_view FramingFields::Check(bool http_1_0) const {
  if (chunked_ && content_length_) return "both Transfer-Encoding and Content-Length";
  if (chunked_ && http_1_0) return "Transfer-Encoding in an HTTP/1.0 response";
  return {};
}

}  // namespace drumline::http
