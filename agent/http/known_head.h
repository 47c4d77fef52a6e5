// KnownHead: the last response head that was parsed, and what it said. A target answers most
// requests with the same head, byte for byte, so that comparing it is as good as parsing it and
// costs a tenth.
//
//     KnownHead known;                                // one for all connections of a worker
//     ResponseParser parser(limits, &known);
//
// Only heads that say nothing unusual are kept: a final response whose body has a length, of at
// most kMaxBytes. Two heads of equal bytes mean the same to parsers with the same limits, so share
// it among those only. Used by one thread.
#ifndef AGENT_HTTP_KNOWN_HEAD_H_
#define AGENT_HTTP_KNOWN_HEAD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drumline::http {

class KnownHead {
 public:
  static constexpr size_t kMaxBytes = 1024;

  struct Meaning {
    int status = 0;
    bool keep_alive = false;
    uint64_t content_length = 0;
  };

  // [head] ends with its empty line.
  void Learn(std::string_view head, const Meaning& meaning) {
    if (head.size() > kMaxBytes) return;
    text_.assign(head);
    meaning_ = meaning;
  }

  // Whether the bytes begin with it; then its meaning is that of the last Learn.
  bool Begins(std::string_view bytes) const { return !text_.empty() && bytes.starts_with(text_); }

  size_t size() const { return text_.size(); }
  const Meaning& meaning() const { return meaning_; }

 private:
  std::string text_;
  Meaning meaning_;
};

}  // namespace drumline::http

#endif  // AGENT_HTTP_KNOWN_HEAD_H_
