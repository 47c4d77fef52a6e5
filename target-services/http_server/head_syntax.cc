#include "target-services/http_server/head_syntax.h"

#include <algorithm>
#include <array>
#include <limits>

#include "target-services/http_server/ascii_text.h"

namespace drumline::target {
namespace {

enum CharacterClass : uint8_t { kToken = 1, kText = 2, kVisible = 4 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
  for (int c = 0; c < 256; ++c) {
    uint8_t bits = 0;
    const bool alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (alphanumeric || kTokenMarks.find(static_cast<char>(c)) != kTokenMarks.npos) bits |= kToken;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) bits |= kText;
    if (c > 0x20 && c < 0x7f) bits |= kVisible;
    classes[static_cast<size_t>(c)] = bits;
  }
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

bool Is(char c, CharacterClass wanted) { return kClasses[static_cast<uint8_t>(c)] & wanted; }

bool All(std::string_view text, CharacterClass wanted) {
  return std::all_of(text.begin(), text.end(), [wanted](char c) { return Is(c, wanted); });
}

ByteRange Range(size_t begin, size_t end) {
  return {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
}

// "HTTP/1.1" and "HTTP/1.0" are served; another well-formed version is a different refusal from
// something that is no version at all.
Refusal ParseVersion(std::string_view version, RequestHead& head) {
  const bool well_formed = version.size() == 8 && version.substr(0, 5) == "HTTP/" &&
                           IsDigit(version[5]) && version[6] == '.' && IsDigit(version[7]);
  if (!well_formed) return Refusal::kBadRequestLine;
  if (version[5] != '1') return Refusal::kUnsupportedVersion;
  // A later minor version promises to be understood as the highest one we know.
  head.minor_version = version[7] == '0' ? 0 : 1;
  return Refusal::kNone;
}

// Leaves path and query in `head`. `offset` is where `target` stands in the message.
Refusal ParseTarget(std::string_view target, size_t offset, RequestHead& head) {
  if (!All(target, kVisible)) return Refusal::kBadTarget;
  if (EqualsIgnoringCase(target.substr(0, 7), "http://")) {
    const size_t authority = 7;
    const size_t path = std::min(target.find_first_of("/?", authority), target.size());
    if (path == authority) return Refusal::kBadTarget;
    offset += path;
    target.remove_prefix(path);
  } else if (target == "*" && head.method == Method::kOptions) {
    head.path = Range(offset, offset + 1);
    return Refusal::kNone;
  } else if (head.method != Method::kOther && target.substr(0, 1) != "/") {
    // CONNECT, which is not served, is the one method whose target may be HOST:PORT.
    return Refusal::kBadTarget;
  }
  const size_t question = std::min(target.find('?'), target.size());
  head.path = Range(offset, offset + question);
  head.query = Range(offset + std::min(question + 1, target.size()), offset + target.size());
  return Refusal::kNone;
}

// Saturates: a number too large for us is still a number, and the body limit then speaks.
Refusal ParseContentLength(std::string_view value, RequestHead& head) {
  if (value.empty()) return Refusal::kBadContentLength;
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  uint64_t length = 0;
  for (char c : value) {
    if (!IsDigit(c)) return Refusal::kBadContentLength;
    const auto digit = static_cast<uint64_t>(c - '0');
    length = length > (kMost - digit) / 10 ? kMost : length * 10 + digit;
  }
  if (head.content_length && *head.content_length != length) return Refusal::kConflictingLengths;
  head.content_length = length;
  return Refusal::kNone;
}

Refusal ParseTransferEncoding(std::string_view value, RequestHead& head) {
  if (head.chunked || head.minor_version == 0) return Refusal::kBadEncoding;
  if (!EqualsIgnoringCase(value, "chunked")) return Refusal::kUnsupportedEncoding;
  head.chunked = true;
  return Refusal::kNone;
}

void ParseConnection(std::string_view value, bool& close, bool& keep_alive) {
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = TrimBlanks(value.substr(0, comma));
    close |= EqualsIgnoringCase(option, "close");
    keep_alive |= EqualsIgnoringCase(option, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

bool IsHost(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return Is(c, kVisible) && c != ',' && c != '/' && c != '@' && c != '?' && c != '#';
  });
}

// One pass over the fields; what each of them means for the message goes into `head`.
Refusal ReadFields(const char* bytes, RequestHead& head, int& hosts) {
  bool close = false;
  bool keep_alive = false;
  for (const FieldRange& field : head.fields) {
    const std::string_view name = field.name.In(bytes);
    const std::string_view value = field.value.In(bytes);
    Refusal refusal = Refusal::kNone;
    if (EqualsIgnoringCase(name, "host")) {
      ++hosts;
      if (!IsHost(value)) refusal = Refusal::kBadHost;
    } else if (EqualsIgnoringCase(name, "connection")) {
      ParseConnection(value, close, keep_alive);
    } else if (EqualsIgnoringCase(name, "content-length")) {
      refusal = ParseContentLength(value, head);
    } else if (EqualsIgnoringCase(name, "transfer-encoding")) {
      refusal = ParseTransferEncoding(value, head);
    } else if (EqualsIgnoringCase(name, "expect") && head.minor_version > 0) {
      head.expects_continue = EqualsIgnoringCase(value, "100-continue");
      if (!head.expects_continue) refusal = Refusal::kUnknownExpectation;
    }
    if (refusal != Refusal::kNone) return refusal;
  }
  head.keep_alive = !close && (head.minor_version > 0 || keep_alive);
  return Refusal::kNone;
}

}  // namespace

bool IsFieldText(std::string_view text) { return All(text, kText); }

bool IsFieldLine(std::string_view line) {
  const size_t colon = line.find(':');
  return colon != line.npos && colon > 0 && All(line.substr(0, colon), kToken) &&
         IsFieldText(line.substr(colon + 1));
}

Refusal ParseRequestLine(const char* bytes, ByteRange line, RequestHead& head) {
  const std::string_view text = line.In(bytes);
  const size_t first = text.find(' ');
  const size_t last = text.rfind(' ');
  if (first == text.npos || first == 0 || last <= first + 1) return Refusal::kBadRequestLine;
  const std::string_view token = text.substr(0, first);
  if (!All(token, kToken)) return Refusal::kBadRequestLine;
  head.method = MethodFromToken(token);
  const Refusal refusal = ParseVersion(text.substr(last + 1), head);
  if (refusal != Refusal::kNone) return refusal;
  return ParseTarget(text.substr(first + 1, last - first - 1), line.begin + first + 1, head);
}

Refusal ParseFieldLine(const char* bytes, ByteRange line, RequestHead& head) {
  const std::string_view text = line.In(bytes);
  if (text.front() == ' ' || text.front() == '\t') return Refusal::kFoldedField;
  if (!IsFieldLine(text)) return Refusal::kBadField;
  const size_t colon = text.find(':');
  const std::string_view value = TrimBlanks(text.substr(colon + 1));
  const auto value_begin = static_cast<size_t>(value.data() - bytes);
  head.fields.push_back(
      {Range(line.begin, line.begin + colon), Range(value_begin, value_begin + value.size())});
  return Refusal::kNone;
}

Refusal FinishHead(const char* bytes, RequestHead& head) {
  int hosts = 0;
  const Refusal refusal = ReadFields(bytes, head, hosts);
  if (refusal != Refusal::kNone) return refusal;
  if (hosts > 1) return Refusal::kBadHost;
  if (hosts == 0 && head.minor_version > 0) return Refusal::kMissingHost;
  // Two ways to tell the length is how requests are smuggled past a proxy.
  if (head.chunked && head.content_length) return Refusal::kLengthAndEncoding;
  return Refusal::kNone;
}

}  // namespace drumline::target
