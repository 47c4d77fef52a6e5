// What a request may cost. Each limit, once reached, is a named refusal (refusal.h).
#ifndef TARGET_SERVICES_HTTP_SERVER_REQUEST_LIMITS_H_
#define TARGET_SERVICES_HTTP_SERVER_REQUEST_LIMITS_H_

#include <cstddef>

namespace drumline::target {

// Offsets within a message are 32 bits wide: the sum of all limits must stay below 4 GiB.
struct RequestLimits {
  // Method, target and version, without the line end. Answer: 414.
  size_t max_request_line_bytes = 8 * 1024;
  // Request line, all fields and line ends together. Answer: 431.
  size_t max_head_bytes = 16 * 1024;
  // Answer: 431.
  size_t max_fields = 100;
  // Content, after chunks were joined. Answer: 413.
  size_t max_body_bytes = 1024 * 1024;
  // One chunk size line or trailer line with its line end. Answer: 413.
  size_t max_chunk_line_bytes = 1024;
  // All that is not content in a chunked body; bodies of one-byte chunks end here. Answer: 413.
  size_t max_chunk_framing_bytes = 256 * 1024;
};

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_REQUEST_LIMITS_H_
