#include "controller/progress/styled_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/format/columns.h"

namespace drumline {
namespace {

constexpr char kReset[] = "\x1b[0m";

// ECMA-48, select graphic rendition. The sixteen colours are the reader's own palette.
const char* CodeOf(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kFaint:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[1;31m";
    case Style::kWarning:
      return "\x1b[33m";
    case Style::kAccent:
      return "\x1b[36m";
  }
  return "";
}

bool ContinuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The bytes of the first `columns` characters.
size_t BytesOf(const std::string& text, size_t columns) {
  size_t at = 0;
  for (size_t taken = 0; at < text.size(); ++at) {
    if (!ContinuesCharacter(text[at]) && taken++ == columns) break;
  }
  return at;
}

}  // namespace

StyledText& StyledText::Add(std::string_view text, Style style) {
  std::string printable(text);
  std::replace_if(
      printable.begin(), printable.end(),
      [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }, '?');
  width_ += DisplayWidth(printable);
  pieces_.push_back({std::move(printable), style});
  return *this;
}

StyledText& StyledText::AddRight(std::string_view text, size_t width, Style style) {
  return Add(PadLeft(absl::string_view(text.data(), text.size()), width), style);
}

StyledText& StyledText::PadTo(size_t column) {
  return width_ < column ? Add(std::string(column - width_, ' ')) : *this;
}

std::string StyledText::Draw(size_t columns, Colours colours) const {
  const bool fits = width_ <= columns;
  size_t room = fits ? width_ : std::max<size_t>(columns, 1) - 1;
  std::string line;
  for (const Piece& piece : pieces_) {
    const std::string text = piece.text.substr(0, BytesOf(piece.text, room));
    room -= DisplayWidth(text);
    const bool styled = colours == Colours::kSome && piece.style != Style::kPlain && !text.empty();
    absl::StrAppend(&line, styled ? CodeOf(piece.style) : "", text, styled ? kReset : "");
  }
  if (!fits && columns > 0) line += "…";
  return line;
}

}  // namespace drumline
