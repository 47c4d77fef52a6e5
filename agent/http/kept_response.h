// KeptResponse: what of a response is kept until it is complete, because somebody wants to look
// into it: lines of its header, bytes of its body. Buffers that are used again for the next one.
//
//     KeptResponse kept;
//     kept.want_body = true;
//     parser.Reset(/*head_request=*/false, &kept);     // empties the buffers, keeps their memory
//     … parser.Feed(…) …
//     if (!kept.truncated) Look(kept.body);
//
// Not thread-safe; each connection has one of its own.
#ifndef AGENT_HTTP_KEPT_RESPONSE_H_
#define AGENT_HTTP_KEPT_RESPONSE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace drumline::http {

struct KeptResponse {
  // A longer body is not looked into. Each connection may hold one of this size.
  static constexpr size_t kMaxBodyBytes = size_t{1} << 20;

  bool want_head = false;
  bool want_body = false;

  // The final response's header lines, each ended by a LF.
  std::string head;
  // Without chunk framing.
  std::string body;
  // The body was longer than kMaxBodyBytes; the rest is missing.
  bool truncated = false;

  void Clear() {
    head.clear();
    body.clear();
    truncated = false;
  }
  void AddLine(std::string_view line) {
    head.append(line);
    head.push_back('\n');
  }
  void AddBody(std::string_view bytes) {
    if (body.size() + bytes.size() > kMaxBodyBytes) {
      truncated = true;
    } else {
      body.append(bytes);
    }
  }
};

}  // namespace drumline::http

#endif  // AGENT_HTTP_KEPT_RESPONSE_H_
