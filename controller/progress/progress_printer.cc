#include "controller/progress/progress_printer.h"

#include "controller/format/terminal.h"

namespace drumline {
namespace {

// ECMA-48: erase from the cursor to the end of the line.
constexpr std::string_view kClearToEnd = "\x1b[K";

}  // namespace

ProgressPrinter::ProgressPrinter(std::FILE* stream, bool terminal)
    : stream_(stream), terminal_(terminal) {}

ProgressPrinter::~ProgressPrinter() { NewLine(); }

size_t ProgressPrinter::columns() const {
  constexpr size_t kUnlimited = 1000;
  constexpr size_t kUnknownTerminal = 80;
  if (!terminal_) return kUnlimited;
  // The last column stays free: some terminals wrap as soon as it is written to.
  return TerminalColumns(stream_).value_or(kUnknownTerminal) - 1;
}

void ProgressPrinter::Show(std::string_view line) {
  if (terminal_) {
    live_ = line;
    Write("\r");
    Write(line);
    Write(kClearToEnd);
  } else {
    Write(line);
    Write("\n");
  }
  std::fflush(stream_);
}

void ProgressPrinter::Note(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const std::string live = live_;
  if (!live.empty()) {
    Write("\r");
    Write(kClearToEnd);
    live_.clear();
  }
  Write(text);
  Write("\n");
  if (!live.empty()) Show(live);
  std::fflush(stream_);
}

void ProgressPrinter::NewLine() {
  if (live_.empty()) return;
  live_.clear();
  Write("\n");
  std::fflush(stream_);
}

void ProgressPrinter::Write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream_);
}

}  // namespace drumline
