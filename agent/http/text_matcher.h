// TextMatcher: whether a text occurs in a stream that arrives in pieces of any size.
//
//     TextMatcher matcher;
//     matcher.LookFor("\"status\":\"ok\"");
//     matcher.Add(piece); matcher.Add(next_piece);
//     if (matcher.found()) …
//     matcher.Reset();  // the next stream, the same text
//
// Within a piece the search is the C library's. Occurrences across pieces are followed with the
// automaton of Knuth, Morris and Pratt (SIAM J. Comput. 6, 1977), at both ends of a piece and for
// less than the text's length. The cost is linear in the bytes, however they are cut.
// Only LookFor allocates. Not thread-safe.
#ifndef AGENT_HTTP_TEXT_MATCHER_H_
#define AGENT_HTTP_TEXT_MATCHER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drumline::http {

class TextMatcher {
 public:
  // Sets the text (it is copied) and begins a new stream. An empty text is always found.
  void LookFor(std::string_view text);

  // Begins a new stream.
  void Reset() {
    matched_ = 0;
    found_ = text_.empty();
  }

  void Add(std::string_view piece) {
    if (!found_) Search(piece);
  }

  bool found() const { return found_; }

 private:
  void Search(std::string_view piece);
  size_t Advance(size_t matched, char c) const;

  std::string text_;
  // fallback_[n]: the length of the longest proper prefix of text_ that is a suffix of its first n.
  std::vector<size_t> fallback_;
  // How many characters of text_ the stream ends in, while it is not found.
  size_t matched_ = 0;
  bool found_ = true;
};

}  // namespace drumline::http

#endif  // AGENT_HTTP_TEXT_MATCHER_H_
