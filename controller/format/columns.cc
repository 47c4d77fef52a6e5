#include "controller/format/columns.h"

#include "absl/strings/str_cat.h"

namespace drumline {

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

std::string PadLeft(absl::string_view text, size_t width) {
  const size_t have = DisplayWidth(text);
  return absl::StrCat(std::string(width > have ? width - have : 0, ' '), text);
}

std::string PadRight(absl::string_view text, size_t width) {
  const size_t have = DisplayWidth(text);
  return absl::StrCat(text, std::string(width > have ? width - have : 0, ' '));
}

std::string Wrap(const std::vector<std::string>& words, absl::string_view separator, size_t indent,
                 size_t width) {
  std::string text;
  size_t column = indent;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = i == 0 ? words[i] : absl::StrCat(separator, words[i]);
    if (i > 0 && column + DisplayWidth(word) > width) {
      absl::StrAppend(&text, "\n", std::string(indent, ' '));
      column = indent;
    }
    absl::StrAppend(&text, word);
    column += DisplayWidth(word);
  }
  return text;
}

}  // namespace drumline
