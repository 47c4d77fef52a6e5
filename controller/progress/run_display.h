// RunDisplay: shows a run while it goes on, in the way that fits where it is shown.
//
//     RunDisplay display(stderr, RunDisplay::ModeOf(stderr), ColoursWanted());
//     display.Show(view);                              // once a second
//     display.Note("agent-2 was lost", Tone::kWarning);
//     display.Redraw();                                // the window was resized
//     display.Close();                                 // before anything else is printed
//
//   kScreen  a terminal: the live screen; what was noted meanwhile is printed when it closes
//   kLine    a terminal that can do no more: one line that is drawn again and again
//   kLog     a file, a pipe, CI: a line each second at first, later one every few seconds
//
// The stream is borrowed and must outlive the display. Used from one thread.
#ifndef CONTROLLER_PROGRESS_RUN_DISPLAY_H_
#define CONTROLLER_PROGRESS_RUN_DISPLAY_H_

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "controller/progress/live_screen.h"
#include "controller/progress/progress_printer.h"
#include "controller/progress/styled_text.h"
#include "controller/progress/terminal_screen.h"

namespace drumline {

enum class Tone { kPlain, kWarning };

class RunDisplay {
 public:
  enum class Mode { kScreen, kLine, kLog };

  // In a log: so many lines of a run come a second apart, later ones so many seconds.
  static constexpr uint32_t kDenseLines = 10;
  static constexpr uint32_t kSparseSeconds = 5;

  // By what the stream leads to, and TERM.
  static Mode ModeOf(std::FILE* stream);

  RunDisplay(std::FILE* stream, Mode mode, Colours colours);

  void Show(const ScreenView& view);
  // `text` may have several lines.
  void Note(const std::string& text, Tone tone = Tone::kPlain);
  // The newest frame again, at the window's size of now.
  void Redraw();
  // Leaves the screen; a later Show enters it again.
  void Close();

 private:
  std::FILE* const stream_;
  const Mode mode_;
  const Colours colours_;
  ProgressPrinter printer_;
  TerminalScreen screen_;
  std::optional<ScreenView> newest_;
  // All that was noted, and how much of it is not printed yet.
  std::vector<ScreenNote> notes_;
  size_t printed_ = 0;
  // Of the run that is shown.
  uint32_t run_ = 0;
  uint32_t shown_ = 0;
};

// Colours, unless NO_COLOR is in the environment and not empty (no-color.org).
Colours ColoursWanted();

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_RUN_DISPLAY_H_
