#include "controller/progress/progress_printer.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

namespace drumline {
namespace {

// A stream whose contents can be looked at.
class Recording {
 public:
  Recording() : stream_(std::tmpfile()) {}
  ~Recording() { std::fclose(stream_); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  std::FILE* stream() { return stream_; }

  std::string Text() {
    std::string text;
    EXPECT_EQ(std::fseek(stream_, 0, SEEK_SET), 0);
    for (int byte = std::fgetc(stream_); byte != EOF; byte = std::fgetc(stream_)) {
      text += static_cast<char>(byte);
    }
    return text;
  }

 private:
  std::FILE* stream_;
};

// The least a terminal does: what its screen shows after these bytes.
std::vector<std::string> Screen(const std::string& bytes) {
  std::vector<std::string> lines(1);
  size_t column = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') {
      column = 0;
    } else if (bytes[i] == '\n') {
      lines.emplace_back();
      column = 0;
    } else if (bytes.compare(i, 3, "\x1b[K") == 0) {
      lines.back().resize(column);
      i += 2;
    } else {
      if (lines.back().size() <= column) lines.back().resize(column + 1, ' ');
      lines.back()[column++] = bytes[i];
    }
  }
  return lines;
}

TEST(ProgressPrinterTest, TerminalShowsTheNewestLineAlone) {
  Recording recording;
  ProgressPrinter printer(recording.stream(), true);
  printer.Show("a long line");
  printer.Show("short");
  EXPECT_EQ(Screen(recording.Text()), (std::vector<std::string>{"short"}));
}

TEST(ProgressPrinterTest, NoteStandsAboveTheLiveLine) {
  Recording recording;
  {
    ProgressPrinter printer(recording.stream(), true);
    printer.Note("begin");
    printer.Show("live line that is long");
    printer.Note("note\nof two lines\n");
    EXPECT_EQ(Screen(recording.Text()), (std::vector<std::string>{"begin", "note", "of two lines",
                                                                  "live line that is long"}));
    printer.Show("live");
    printer.NewLine();
    printer.NewLine();
    printer.Show("next");
  }
  EXPECT_EQ(Screen(recording.Text()),
            (std::vector<std::string>{"begin", "note", "of two lines", "live", "next", ""}));
}

TEST(ProgressPrinterTest, ElsewhereEachLineStaysAndNothingControlsATerminal) {
  Recording recording;
  {
    ProgressPrinter printer(recording.stream(), false);
    printer.Show("one");
    printer.Note("note");
    printer.Show("two");
    printer.NewLine();
  }
  EXPECT_EQ(recording.Text(), "one\nnote\ntwo\n");
}

TEST(ProgressPrinterTest, UnknownTerminalIsEightyColumnsWide) {
  Recording recording;
  EXPECT_EQ(ProgressPrinter(recording.stream(), true).columns(), 79U);
  EXPECT_GE(ProgressPrinter(recording.stream(), false).columns(), 100U);
}

}  // namespace
}  // namespace drumline
