#include "target-services/http_server/json_text.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace drumline::target {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighBits = 0x8080808080808080;

// Non-zero if any byte of `word` is zero (and possibly bytes above it, which does not matter here).
uint64_t ZeroBytes(uint64_t word) { return (word - kOnes) & ~word & kHighBits; }

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// True if any of the eight bytes at `text` needs an escape. Nearly all text needs none, and eight
// bytes a step are what keeps writing an answer cheaper than reading the request.
bool EightNeedEscape(const char* text) {
  uint64_t word;
  std::memcpy(&word, text, sizeof(word));
  const uint64_t control = (word - kOnes * 0x20) & ~word & kHighBits;
  return (control | ZeroBytes(word ^ (kOnes * '"')) | ZeroBytes(word ^ (kOnes * '\\'))) != 0;
}

void AppendEscape(char c, std::string& out) {
  constexpr std::string_view kPlain = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetter = "\"\\bfnrt";
  constexpr std::string_view kHex = "0123456789abcdef";
  const size_t short_form = kPlain.find(c);
  if (short_form != kPlain.npos) {
    out += '\\';
    out += kLetter[short_form];
    return;
  }
  out += "\\u00";
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[c & 0xf];
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  size_t copied = 0;
  size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8 && !EightNeedEscape(text.data() + i)) {
      i += 8;
      continue;
    }
    if (NeedsEscape(text[i])) {
      out.append(text, copied, i - copied);
      AppendEscape(text[i], out);
      copied = i + 1;
    }
    ++i;
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

std::string ErrorText(std::string_view message) {
  std::string text = "{\"error\":";
  AppendJsonString(message, text);
  text += '}';
  return text;
}

}  // namespace drumline::target
