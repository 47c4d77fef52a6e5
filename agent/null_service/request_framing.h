// Counts the requests in a stream of bytes: a head up to its empty line, then as many bytes as its
// Content-Length says (none without one). Chunked bodies are not known here.
//
//     RequestFraming framing;
//     if (std::optional<int> complete = framing.Take(bytes)) Answer(*complete);
//
// Heads of one connection are usually all alike: one that is the same as the head before it is not
// looked into again. Belongs to one connection; not for several threads.
#ifndef AGENT_NULL_SERVICE_REQUEST_FRAMING_H_
#define AGENT_NULL_SERVICE_REQUEST_FRAMING_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace drumline {

inline constexpr size_t kMaxHeadBytes = size_t{64} * 1024;

class RequestFraming {
 public:
  // How many requests [bytes] completed; nothing if a head is too long or its Content-Length is not
  // a number, after which the connection is of no use.
  std::optional<int> Take(std::string_view bytes);

 private:
  // The size of the head at the begin of [bytes], 0 if its end is not there yet.
  size_t HeadBytes(std::string_view bytes) const;
  // Learns body_bytes_ from [head].
  bool Learn(std::string_view head);

  std::string unfinished_head_;
  std::string last_head_;
  size_t body_bytes_ = 0;          // Of the request with last_head_.
  size_t body_bytes_missing_ = 0;  // Of the request that is being read.
};

}  // namespace drumline

#endif  // AGENT_NULL_SERVICE_REQUEST_FRAMING_H_
