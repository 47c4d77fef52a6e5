#include "controller/progress/run_display.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "controller/format/terminal.h"
#include "controller/progress/progress_line.h"

namespace drumline {
namespace {

// Of a screen only the newest notes are seen, and all are printed at its end.
constexpr size_t kMaxNotes = 1000;

}  // namespace

RunDisplay::Mode RunDisplay::ModeOf(std::FILE* stream) {
  if (isatty(fileno(stream)) == 0) return Mode::kLog;
  const char* type = std::getenv("TERM");
  const bool dumb = type == nullptr || *type == '\0' || std::string_view(type) == "dumb";
  return dumb || !TerminalSizeOf(stream) ? Mode::kLine : Mode::kScreen;
}

RunDisplay::RunDisplay(std::FILE* stream, Mode mode, Colours colours)
    : stream_(stream),
      mode_(mode),
      colours_(colours),
      printer_(stream, mode != Mode::kLog),
      screen_(stream) {}

void RunDisplay::Show(const ScreenView& view) {
  if (view.line.run != run_) shown_ = 0;
  run_ = view.line.run;
  ++shown_;
  if (mode_ == Mode::kScreen) {
    newest_ = view;
    Redraw();
    return;
  }
  const bool due = shown_ <= kDenseLines || shown_ % kSparseSeconds == 0;
  if (mode_ == Mode::kLine || due) printer_.Show(FormatProgress(view.line, printer_.columns()));
}

void RunDisplay::Note(const std::string& text, Tone tone) {
  if (!screen_.entered()) {
    printer_.Note(text);
    return;
  }
  if (notes_.size() < kMaxNotes) notes_.push_back({text, tone == Tone::kWarning});
  Redraw();
}

void RunDisplay::Redraw() {
  if (mode_ != Mode::kScreen || !newest_) return;
  const TerminalSize size = TerminalSizeOf(stream_).value_or(TerminalSize{});
  screen_.Draw(DrawScreen(*newest_, notes_, {size.columns, size.rows}, colours_));
}

void RunDisplay::Close() {
  screen_.Leave();
  newest_.reset();
  for (; printed_ < notes_.size(); ++printed_) printer_.Note(notes_[printed_].text);
  printer_.NewLine();
}

Colours ColoursWanted() {
  const char* refused = std::getenv("NO_COLOR");
  return refused != nullptr && *refused != '\0' ? Colours::kNone : Colours::kSome;
}

}  // namespace drumline
