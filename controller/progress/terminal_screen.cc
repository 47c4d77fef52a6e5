#include "controller/progress/terminal_screen.h"

namespace drumline {
namespace {

// ECMA-48, and the private modes that xterm began: 1049 the alternate screen, 25 the cursor, 7 the
// wrapping of long lines, 2026 a frame that is shown at once.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeave = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view kBegin = "\x1b[?2026h\x1b[H";
constexpr std::string_view kEraseLine = "\x1b[K";
constexpr std::string_view kEraseBelow = "\x1b[J";
constexpr std::string_view kEnd = "\x1b[?2026l";

}  // namespace

void TerminalScreen::Draw(const std::vector<std::string>& lines) {
  std::string frame;
  if (!entered_) frame += kEnter;
  entered_ = true;
  frame += kBegin;
  for (size_t i = 0; i < lines.size(); ++i) {
    // No line feed behind the last one: on a full screen it would scroll.
    if (i > 0) frame += "\r\n";
    frame += lines[i];
    frame += kEraseLine;
  }
  frame += kEraseBelow;
  frame += kEnd;
  Write(frame);
}

void TerminalScreen::Leave() {
  if (!entered_) return;
  entered_ = false;
  Write(kLeave);
}

void TerminalScreen::Write(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stream_);
  std::fflush(stream_);
}

}  // namespace drumline
