#include "target-services/http_server/refusal.h"

#include <array>
#include <cstddef>

namespace drumline::target {
namespace {

struct Answer {
  int status;
  std::string_view text;
};

// In the order of the enumeration.
constexpr std::array kAnswers = {
    Answer{500, "not refused"},
    Answer{400, "request line: expected METHOD SP TARGET SP HTTP/1.1"},
    Answer{400, "request target: expected a path that begins with /, or an http:// URL"},
    Answer{414, "request line: longer than this server accepts"},
    Answer{505, "HTTP version: expected 1.0 or 1.1"},
    Answer{400, "line end: expected CR LF, got a bare LF"},
    Answer{400, "header field: expected NAME: VALUE without control characters"},
    Answer{400, "header field: line folding is obsolete, expected one line a field"},
    Answer{431, "header fields: larger than this server accepts"},
    Answer{431, "header fields: more than this server accepts"},
    Answer{400, "Host: required in HTTP/1.1"},
    Answer{400, "Host: expected one host and port"},
    Answer{400, "Content-Length: expected one decimal number"},
    Answer{400, "Content-Length: given twice with different values"},
    Answer{400, "Content-Length and Transfer-Encoding: expected one of the two"},
    Answer{501, "Transfer-Encoding: only chunked is supported"},
    Answer{400, "Transfer-Encoding: expected once, and in HTTP/1.1 only"},
    Answer{417, "Expect: only 100-continue can be met"},
    Answer{413, "body: larger than this server accepts"},
    Answer{400, "chunked body: expected hexadecimal size, CR LF, content, CR LF"},
    Answer{413, "chunked body: more framing than this server accepts"},
};
static_assert(kAnswers.size() == static_cast<size_t>(Refusal::kChunkFramingTooLarge) + 1);

}  // namespace

int RefusalStatus(Refusal refusal) { return kAnswers[static_cast<size_t>(refusal)].status; }

std::string_view RefusalText(Refusal refusal) {
  return kAnswers[static_cast<size_t>(refusal)].text;
}

}  // namespace drumline::target
