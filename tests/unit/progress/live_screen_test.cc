#include "controller/progress/live_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/format/columns.h"
#include "controller/progress/sparkline.h"
#include "controller/progress/styled_text.h"

namespace drumline {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

TEST(SparklineTest, BarsOfKnownHeights) {
  EXPECT_EQ(Sparkline({1, 2, 4, 8}, {0, 8}, 4), "▂▃▅█");
  EXPECT_EQ(Sparkline({8, 8, 1}, {1, 8}, 2), "█▁") << "only the newest fit";
  EXPECT_EQ(Sparkline({8, 0}, {0, 8}, 4), "  █ ") << "nothing is a blank";
  EXPECT_EQ(Sparkline({100}, {0, 8}, 1), "█") << "beyond the scale";
  EXPECT_EQ(Sparkline({5}, {5, 5}, 1), "█") << "a scale without length";
  EXPECT_EQ(LogSparkline({1e3, 1e4, 1e5, 1e6}, {1e3, 1e6}, 4), "▁▃▆█");
  EXPECT_EQ(Sparkline({1, 2}, {0, 2}, 0), "");
}

TEST(SparklineTest, ABarIsAsLongAsItsShare) {
  EXPECT_EQ(Bar(0.25, 8), "━━──────");
  EXPECT_EQ(Bar(-1, 2), "──");
  EXPECT_EQ(Bar(7, 2), "━━");
}

TEST(StyledTextTest, CutToItsColumnsInCharactersNotBytes) {
  StyledText text;
  text.Add("aµb", Style::kBad).Add("µµ");
  EXPECT_EQ(text.width(), 5U);
  EXPECT_EQ(text.Draw(5, Colours::kNone), "aµbµµ");
  EXPECT_EQ(text.Draw(4, Colours::kNone), "aµb…");
  EXPECT_EQ(text.Draw(1, Colours::kNone), "…");
  EXPECT_EQ(text.Draw(0, Colours::kNone), "");
  EXPECT_EQ(text.Draw(3, Colours::kSome), "\x1b[1;31maµ\x1b[0m…");
}

TEST(StyledTextTest, NothingOfANameReachesTheTerminalAsACommand) {
  StyledText text;
  text.Add("a\x1b[2J\n");
  EXPECT_EQ(text.Draw(9, Colours::kNone), "a?[2J?");
}

ScreenView Sample(size_t agents = 2) {
  ScreenView view;
  view.scenario = "quickstart";
  view.line.run_label = "echo 1KiB";
  view.line.run = 2;
  view.line.runs = 12;
  view.line.phase = "measure";
  view.line.phase_left_s = 4;
  view.line.total_left_s = 320;
  view.phase_share = 0.5;
  for (int second = 1; second <= 60; ++second) {
    view.seconds.push_back({5'000, 5'000, 4'000, 400'000, 1'200'000, 2'300'000, 35'000});
  }
  view.outcomes = {{"ok", 51'234}, {"bad_status", 0}, {"timeout", 2}};
  for (size_t i = 0; i < agents; ++i) {
    ScreenView::Agent& agent = view.agents.emplace_back();
    agent.id = absl::StrCat("agent-", i + 1);
    agent.reported = true;
    agent.sent_rate = 2'500;
    agent.cpu_cores = 0.31;
    agent.busiest = 0.24;
    agent.lag_p99_ns = static_cast<int64_t>(1'000 * (i + 1));
    agent.connections = 16;
  }
  view.target_cpu_cores = {0.4, 0.42};
  view.target_rss_bytes = {5e6, 5.1e6};
  return view;
}

std::string Drawn(const ScreenView& view, const std::vector<ScreenNote>& notes = {},
                  const ScreenSize& size = {}) {
  return absl::StrJoin(DrawScreen(view, notes, size, Colours::kNone), "\n");
}

TEST(LiveScreenTest, EveryNumberOfTheViewIsOnTheScreen) {
  const std::string screen = Drawn(Sample(), {{"bundle: results/x", false}});
  for (const char* text : {"quickstart",
                           "run 2 of 12",
                           "echo 1KiB",
                           "campaign 5:20 left",
                           "measure",
                           "0:04 left",
                           "offered 5,000/s",
                           "achieved 4,000/s",
                           "400 µs",
                           "1.20 ms",
                           "2.30 ms",
                           "35.0 µs",
                           "ok 51,234",
                           "timeout 2",
                           "0.42 cores",
                           "4.86 MiB",
                           "agent-1",
                           "agent-2",
                           "2,500/s",
                           "0.31",
                           "24 %",
                           "1.00 µs",
                           "16",
                           "bundle: results/x",
                           "Ctrl-C"}) {
    EXPECT_THAT(screen, HasSubstr(text)) << screen;
  }
  EXPECT_THAT(screen, Not(HasSubstr("bad_status"))) << "nothing of that happened";
}

TEST(LiveScreenTest, ColoursAddNothingButEscapeSequences) {
  const ScreenView view = Sample();
  std::string plain;
  bool escaped = false;
  for (const char c : absl::StrJoin(DrawScreen(view, {}, {}, Colours::kSome), "\n")) {
    if (c == '\x1b') escaped = true;
    if (!escaped) plain += c;
    if (c == 'm') escaped = false;
  }
  EXPECT_EQ(plain, Drawn(view));
}

TEST(LiveScreenTest, NothingIsLargerThanTheScreen) {
  const std::vector<ScreenNote> notes(9, {std::string(300, 'x'), true});
  for (size_t agents : {0, 1, 2, 7, 100}) {
    ScreenView view = Sample(agents);
    view.warnings = {std::string(200, 'y')};
    for (size_t columns = 0; columns <= 200; columns += 7) {
      for (size_t rows = 0; rows <= 40; ++rows) {
        const auto lines = DrawScreen(view, notes, {columns, rows}, Colours::kNone);
        EXPECT_LE(lines.size(), rows) << columns;
        for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), columns) << line;
      }
    }
  }
}

TEST(LiveScreenTest, WhereThereIsNoRoomThoseThatLagMostStay) {
  const std::string screen = Drawn(Sample(40));
  EXPECT_THAT(screen, HasSubstr("agent-40"));
  EXPECT_THAT(screen, HasSubstr("more with less lag"));
  EXPECT_THAT(screen, Not(HasSubstr("agent-1 ")));
}

TEST(LiveScreenTest, WhoDoesNotReportHasNoFigures) {
  ScreenView view = Sample(3);
  view.agents[0].silent_s = 7;
  view.agents[1].lost = true;
  std::string screen = Drawn(view);
  EXPECT_THAT(screen, ContainsRegex("agent-1 +no report for 7 s\n"));
  EXPECT_THAT(screen, ContainsRegex("agent-2 +lost\n"));
  EXPECT_THAT(screen, ContainsRegex("agent-3 +2,500/s"));
  EXPECT_THAT(screen, HasSubstr("achieved 4,000/s"));
  view.line.silent_s = 7;
  screen = Drawn(view);
  EXPECT_THAT(screen, ContainsRegex("rate +no report for 7 s\n"));
  EXPECT_THAT(screen, Not(HasSubstr("achieved 4,000/s")));
}

TEST(LiveScreenTest, WarningsComeBeforeNotes) {
  ScreenView view = Sample();
  view.warnings = {"agent agent-2 was lost"};
  const std::string screen =
      Drawn(view, {{"one", false}, {"two", false}, {"three", false}, {"four", false}});
  EXPECT_THAT(screen, HasSubstr(" ! agent agent-2 was lost"));
  EXPECT_THAT(screen, HasSubstr("four"));
  EXPECT_THAT(screen, Not(HasSubstr("   one\n")));
}

// A fault of the run is noted as it comes up, and stays on top as a warning.
TEST(LiveScreenTest, WhatAWarningSaysIsNotNotedAgain) {
  ScreenView view = Sample();
  view.warnings = {"agent agent-2 was lost"};
  const std::string screen =
      Drawn(view, {{"one", false}, {"001-a-r1: agent agent-2 was lost", true}, {"two", false}});
  EXPECT_THAT(screen, HasSubstr(" ! agent agent-2 was lost"));
  EXPECT_THAT(screen, Not(HasSubstr("001-a-r1")));
  EXPECT_THAT(screen, ContainsRegex("   one *\n +two"));
}

TEST(LiveScreenTest, BeforeTheFirstSecondItSaysWhatItWaitsFor) {
  ScreenView view;
  view.scenario = "quickstart";
  view.line.phase = "syncing";
  view.agents.emplace_back().id = "agent-1";
  const std::string screen = Drawn(view);
  EXPECT_THAT(screen, HasSubstr("syncing"));
  EXPECT_THAT(screen, HasSubstr("has not reported yet"));
}

}  // namespace
}  // namespace drumline
