// TerminalScreen: a terminal's alternate screen, on which frames are drawn.
//
//     TerminalScreen screen(stderr);
//     screen.Draw(lines);          // enters the alternate screen with the first frame
//     screen.Leave();              // what stood on the terminal before is there again
//
// A frame is one write: cursor home, each line with the rest of it erased, the rest of the screen
// erased; terminals that know synchronized updates (DEC mode 2026) show it at once, others do not
// mind. The cursor is hidden meanwhile. The stream is borrowed and flushed at each call; errors of
// writing are ignored. Used from one thread.
#ifndef CONTROLLER_PROGRESS_TERMINAL_SCREEN_H_
#define CONTROLLER_PROGRESS_TERMINAL_SCREEN_H_

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace drumline {

class TerminalScreen {
 public:
  explicit TerminalScreen(std::FILE* stream) : stream_(stream) {}
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;
  // Leaves.
  ~TerminalScreen() { Leave(); }

  // Lines no wider than the terminal and no more than it has.
  void Draw(const std::vector<std::string>& lines);
  void Leave();
  bool entered() const { return entered_; }

 private:
  void Write(std::string_view bytes);

  std::FILE* const stream_;
  bool entered_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_TERMINAL_SCREEN_H_
