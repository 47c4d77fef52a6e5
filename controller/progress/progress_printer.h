// ProgressPrinter: shows progress lines, on a terminal as one line that is drawn again and again.
//
//     ProgressPrinter printer(stderr, isatty(STDERR_FILENO) == 1);
//     printer.Show(FormatProgress(view, printer.columns()));     // once a second
//     printer.Note("agent-2 was lost: killed by signal 9");      // stays, above the live line
//     printer.NewLine();                                         // before anything else is printed
//
// Elsewhere (a file, a pipe, a CI log) each Show and each Note is a line of its own, and no control
// character is written. The stream is borrowed, must outlive the printer, and is flushed at each
// call; errors of writing are ignored, for a run does not end because nobody is watching. Used
// from one thread.
#ifndef CONTROLLER_PROGRESS_PROGRESS_PRINTER_H_
#define CONTROLLER_PROGRESS_PROGRESS_PRINTER_H_

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace drumline {

class ProgressPrinter {
 public:
  ProgressPrinter(std::FILE* stream, bool terminal);
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;
  // Leaves the last line on the screen and the cursor below it.
  ~ProgressPrinter();

  // How wide a line may be so that the terminal does not wrap it; ask again for each line, for the
  // window may have been resized.
  size_t columns() const;

  // `line` is without a line feed.
  void Show(std::string_view line);
  // `text` may have several lines; a line feed at its end is not needed.
  void Note(std::string_view text);
  // Ends the live line, if there is one: what it shows stays.
  void NewLine();

 private:
  void Write(std::string_view text);

  std::FILE* const stream_;
  const bool terminal_;
  // What the terminal's last line shows; empty if the cursor stands at the start of a line.
  std::string live_;
};

}  // namespace drumline

#endif  // CONTROLLER_PROGRESS_PROGRESS_PRINTER_H_
