// Text with styles, cut to a number of columns.
//
//     StyledText line;
//     line.Add(" measure ", Style::kBold).Add("0:12 left").PadTo(40).Add("!", Style::kBad);
//     std::string drawn = line.Draw(80, Colours::kSome);
//
// A value type. Each character is taken to be one column wide.
#ifndef CONTROLLER_PROGRESS_STYLED_TEXT_H_
#define CONTROLLER_PROGRESS_STYLED_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace drumline {

enum class Style { kPlain, kBold, kFaint, kGood, kBad, kWarning, kAccent };

// kNone writes no escape sequence at all: NO_COLOR, and what tests read.
enum class Colours { kNone, kSome };

class StyledText {
 public:
  // Control characters become question marks: names may hold anything.
  StyledText& Add(std::string_view text, Style style = Style::kPlain);
  // Right-aligned in `width` columns.
  StyledText& AddRight(std::string_view text, size_t width, Style style = Style::kPlain);
  // Blanks up to that column; nothing if the text is there already.
  StyledText& PadTo(size_t column);

  size_t width() const { return width_; }

  // At most `columns` wide; an ellipsis is the last of them if anything is left out.
  std::string Draw(size_t columns, Colours colours) const;

 private:
  struct Piece {
    std::string text;
    Style style;
  };

  std::vector<Piece> pieces_;
  size_t width_ = 0;
};

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_STYLED_TEXT_H_
