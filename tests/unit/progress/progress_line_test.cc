#include "controller/progress/progress_line.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace drumline {
namespace {

ProgressView Typical() {
  ProgressView view;
  view.run_label = "echo";
  view.run = 1;
  view.runs = 3;
  view.phase = "measure";
  view.phase_left_s = 252;
  view.total_left_s = 1938;
  view.sent_rate = 100'000;
  view.achieved_rate = 99'840;
  view.p50_ns = 412'000;
  view.p99_ns = 1'230'000;
  view.agents_reporting = 4;
  view.agents_expected = 4;
  return view;
}

// A second count of columns, by decoding: characters of UTF-8, and a failure if it is not UTF-8.
size_t Characters(const std::string& text) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++characters) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80             ? 1
                          : (lead & 0xE0) == 0xC0 ? 2
                          : (lead & 0xF0) == 0xE0 ? 3
                                                  : 4;
    EXPECT_NE(lead & 0xC0, 0x80) << "a character was cut in two: " << text;
    EXPECT_LE(i + length, text.size()) << "a character was cut in two: " << text;
    i += length;
  }
  return characters;
}

TEST(ProgressLineTest, SpellsWordsOutWhereThereIsRoom) {
  EXPECT_EQ(FormatProgress(Typical()),
            "1/3 echo measure 4:12 left (32:18)  99,840 of 100,000/s  p50 412 µs p99 1.23 ms"
            "  0 errors  4/4 agents");
}

TEST(ProgressLineTest, TypicalNumbersFitATerminalOfEightyColumns) {
  EXPECT_EQ(FormatProgress(Typical(), 79),
            "1/3 echo measure 4:12  99,840 of 100,000/s  p50 412 µs p99 1.23 ms  0 err 4/4");
  EXPECT_EQ(FormatProgress(Typical(), 90),
            "1/3 echo measure 4:12/32:18  99,840 of 100,000/s  p50 412 µs p99 1.23 ms  0 err 4/4");
}

TEST(ProgressLineTest, ShortensTheLabelFirst) {
  ProgressView view = Typical();
  view.run_label = "zero-copy payload=1KiB r1";
  const std::string line = FormatProgress(view, 90);
  EXPECT_EQ(Characters(line), 90U);
  EXPECT_EQ(line,
            "1/3 zero-copy payloa… measure 4:12  99,840 of 100,000/s  p50 412 µs p99 1.23 ms"
            "  0 err 4/4");
}

TEST(ProgressLineTest, WhatIsNotKnownIsNotMadeUp) {
  ProgressView view = Typical();
  view.phase_left_s.reset();
  view.total_left_s.reset();
  view.p50_ns.reset();
  view.p99_ns.reset();
  view.errors = 1;
  EXPECT_EQ(FormatProgress(view),
            "1/3 echo measure  99,840 of 100,000/s  p50 - p99 -  1 error  4/4 agents");
}

TEST(ProgressLineTest, AnOldSecondIsNotShownForANewOne) {
  ProgressView view = Typical();
  view.silent_s = 7;
  view.agents_reporting = 1;
  EXPECT_EQ(FormatProgress(view),
            "1/3 echo measure 4:12 left (32:18)  no report for 7 s  0 errors  1/4 agents");
}

TEST(ProgressLineTest, ControlCharactersDoNotReachTheTerminal) {
  ProgressView view = Typical();
  view.run_label = "a\x1b[2Jb\n";
  const std::string line = FormatProgress(view);
  for (const char byte : line) EXPECT_GE(static_cast<unsigned char>(byte), 0x20);
}

TEST(ProgressLineTest, IsNeverWiderThanAllowed) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    ProgressView view;
    for (uint64_t n = random() % 60; n > 0; --n) view.run_label += random() % 2 == 0 ? "ü" : "x";
    view.phase = "measure";
    view.run = static_cast<uint32_t>(random() >> (32 + random() % 32));
    view.runs = static_cast<uint32_t>(random() >> (32 + random() % 32));
    if (random() % 4 != 0) view.phase_left_s = static_cast<int64_t>(random() >> (random() % 64));
    if (random() % 4 != 0) view.total_left_s = static_cast<int64_t>(random() >> (random() % 64));
    view.sent_rate = static_cast<double>(random() >> (random() % 64));
    view.achieved_rate = static_cast<double>(random() >> (random() % 64));
    view.p50_ns = static_cast<int64_t>(random() >> (random() % 64));
    view.errors = random() >> (random() % 64);
    const size_t columns = random() % 200;
    ASSERT_LE(Characters(FormatProgress(view, columns)), std::min(columns, kMaxProgressColumns));
  }
}

}  // namespace
}  // namespace drumline
