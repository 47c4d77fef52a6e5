#include "agent/http/text_matcher.h"

#include <string.h>  // memmem is the C library's own, not the standard's.

#include <algorithm>

namespace drumline::http {

void TextMatcher::LookFor(std::string_view text) {
  text_ = text;
  fallback_.assign(text_.size() + 1, 0);
  for (size_t n = 2; n <= text_.size(); ++n) {
    fallback_[n] = Advance(fallback_[n - 1], text_[n - 1]);
  }
  Reset();
}

// The state after one more character, from a state short of the whole text.
size_t TextMatcher::Advance(size_t matched, char c) const {
  while (matched > 0 && text_[matched] != c) matched = fallback_[matched];
  return text_[matched] == c ? matched + 1 : 0;
}

void TextMatcher::Search(std::string_view piece) {
  // An occurrence that began in an earlier piece: until what is matched lies wholly in this one.
  size_t used = 0;
  while (used < piece.size() && matched_ > used) {
    matched_ = Advance(matched_, piece[used++]);
    found_ = matched_ == text_.size();
    if (found_) return;
  }
  if (matched_ > used) return;

  const std::string_view rest = piece.substr(used - matched_);
  matched_ = 0;
  if (rest.empty()) return;
  found_ = memmem(rest.data(), rest.size(), text_.data(), text_.size()) != nullptr;
  if (found_) return;
  for (const char c : rest.substr(rest.size() - std::min(rest.size(), text_.size() - 1))) {
    matched_ = Advance(matched_, c);
  }
}

}  // namespace drumline::http
