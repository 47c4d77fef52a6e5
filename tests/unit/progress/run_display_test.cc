#include "controller/progress/run_display.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace drumline {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class RunDisplayTest : public testing::Test {
 protected:
  ~RunDisplayTest() override { std::fclose(stream_); }

  std::string Text() {
    std::string text;
    EXPECT_EQ(std::fseek(stream_, 0, SEEK_SET), 0);
    for (int byte = std::fgetc(stream_); byte != EOF; byte = std::fgetc(stream_)) {
      text += static_cast<char>(byte);
    }
    return text;
  }

  static ScreenView Running(uint32_t run = 1) {
    ScreenView view;
    view.scenario = "s";
    view.line.run = run;
    view.line.runs = 2;
    view.line.phase = "measure";
    return view;
  }

  std::FILE* const stream_ = std::tmpfile();
};

TEST_F(RunDisplayTest, ALogGetsALineASecondAtFirstAndFewerLater) {
  RunDisplay display(stream_, RunDisplay::Mode::kLog, Colours::kSome);
  constexpr uint32_t kSeconds = 60;
  for (uint32_t second = 0; second < kSeconds; ++second) display.Show(Running());
  display.Show(Running(2));
  display.Close();
  const std::string text = Text();
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const uint32_t sparse = (kSeconds - RunDisplay::kDenseLines) / RunDisplay::kSparseSeconds;
  EXPECT_EQ(lines, RunDisplay::kDenseLines + sparse + 1) << text;
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\n2/2 ")) << "a new run begins densely";
}

TEST_F(RunDisplayTest, AScreenIsEnteredOnceAndLeftAsItWas) {
  RunDisplay display(stream_, RunDisplay::Mode::kScreen, Colours::kNone);
  display.Note("bundle: x");
  display.Show(Running());
  display.Show(Running());
  display.Note("agent-2 was lost", Tone::kWarning);
  display.Close();
  display.Close();
  const std::string text = Text();
  EXPECT_THAT(text, StartsWith("bundle: x\n\x1b[?1049h\x1b[?25l"));
  EXPECT_EQ(text.find("\x1b[?1049h"), text.rfind("\x1b[?1049h"));
  EXPECT_THAT(text, HasSubstr(" ! agent-2 was lost"));
  // What was told on the screen is told again on the terminal that is there afterwards.
  EXPECT_THAT(text, EndsWith("\x1b[?25h\x1b[?1049lagent-2 was lost\n"));
}

TEST_F(RunDisplayTest, AFrameBeginsAtHomeAndErasesWhatItDoesNotFill) {
  TerminalScreen screen(stream_);
  screen.Draw({"one", "two"});
  screen.Draw({"three"});
  EXPECT_THAT(Text(), EndsWith("\x1b[?2026h\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J\x1b[?2026l"
                               "\x1b[?2026h\x1b[Hthree\x1b[K\x1b[J\x1b[?2026l"));
}

TEST_F(RunDisplayTest, WithoutAFrameTheTerminalIsLeftAlone) {
  { RunDisplay display(stream_, RunDisplay::Mode::kScreen, Colours::kNone); }
  EXPECT_EQ(Text(), "");
}

}  // namespace
}  // namespace drumline
