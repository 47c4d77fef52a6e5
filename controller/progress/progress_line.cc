#include "controller/progress/progress_line.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"

namespace drumline {
namespace {

bool ContinuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Columns on the screen, taken as the number of characters: all that is printed here is one column
// wide, but perhaps the name of a target.
size_t Columns(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return !ContinuesCharacter(byte); }));
}

// The first characters of `text`; an ellipsis is the last of them if any are left out.
std::string Shorten(const std::string& text, size_t columns) {
  if (Columns(text) <= columns) return text;
  if (columns == 0) return "";
  size_t bytes = 0;
  for (size_t kept = 0; kept < columns; ++kept) {
    if (kept == columns - 1) break;
    do ++bytes;
    while (bytes < text.size() && ContinuesCharacter(text[bytes]));
  }
  return absl::StrCat(text.substr(0, bytes), "…");
}

// A control character in a name (a scenario may hold any text) must not reach the terminal.
std::string Printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }, '?');
  return text;
}

// How much is said.
enum class Detail { kWords, kShort, kLeast };

std::string TimeLeft(const ProgressView& view, Detail detail) {
  const auto clock = [](const std::optional<int64_t>& seconds) {
    return seconds ? CompactClock(*seconds) : std::string("?");
  };
  if (!view.phase_left_s && !view.total_left_s) return "";
  if (detail == Detail::kLeast) return absl::StrCat(" ", clock(view.phase_left_s));
  if (detail == Detail::kWords) {
    return absl::StrCat(" ", clock(view.phase_left_s), " left (", clock(view.total_left_s), ")");
  }
  return absl::StrCat(" ", clock(view.phase_left_s), "/", clock(view.total_left_s));
}

std::string Quantile(const std::optional<int64_t>& ns) { return ns ? FormatNs(*ns) : "-"; }

// Rates and times of the newest second, unless it is an old one.
std::string NewestSecond(const ProgressView& view) {
  if (view.silent_s) return absl::StrCat("no report for ", *view.silent_s, " s");
  std::string achieved = FormatRate(view.achieved_rate);
  achieved.resize(achieved.rfind('/'));
  return absl::StrCat(achieved, " of ", FormatRate(view.sent_rate), "  p50 ", Quantile(view.p50_ns),
                      " p99 ", Quantile(view.p99_ns));
}

// All that follows the label.
std::string Figures(const ProgressView& view, Detail detail) {
  const bool words = detail == Detail::kWords;
  const char* errors = view.errors == 1 ? " error  " : " errors  ";
  return absl::StrCat(" ", Printable(view.phase), TimeLeft(view, detail), "  ", NewestSecond(view),
                      "  ", FormatCount(view.errors), words ? errors : " err ",
                      view.agents_reporting, "/", view.agents_expected, words ? " agents" : "");
}

}  // namespace

std::string FormatProgress(const ProgressView& view, size_t columns) {
  // Of a label at least so much is kept before the end of the line is given up.
  constexpr size_t kLeastLabel = 4;
  const size_t limit = std::min(columns, kMaxProgressColumns);
  const std::string run = absl::StrCat(view.run, "/", view.runs, " ");
  const std::string label = Printable(view.run_label);
  for (const Detail detail : {Detail::kWords, Detail::kShort}) {
    std::string line = absl::StrCat(run, label, Figures(view, detail));
    if (Columns(line) <= limit) return line;
  }
  const std::string figures = Figures(view, Detail::kLeast);
  const size_t taken = Columns(run) + Columns(figures);
  const size_t room = std::max(limit > taken ? limit - taken : 0, kLeastLabel);
  return Shorten(absl::StrCat(run, Shorten(label, room), figures), limit);
}

}  // namespace drumline
