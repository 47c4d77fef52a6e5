// The few operations on ASCII text that HTTP needs, for std::string_view (the distribution's Abseil
// has a string_view type of its own).
#ifndef TARGET_SERVICES_HTTP_SERVER_ASCII_TEXT_H_
#define TARGET_SERVICES_HTTP_SERVER_ASCII_TEXT_H_

#include <algorithm>
#include <string_view>

namespace drumline::target {

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }

inline char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

inline bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return ToLower(x) == ToLower(y);
         });
}

// Without the blanks and tabs at both ends.
inline std::string_view TrimBlanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace drumline::target

#endif  // TARGET_SERVICES_HTTP_SERVER_ASCII_TEXT_H_
