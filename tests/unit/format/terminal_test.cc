#include "controller/format/terminal.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace drumline {
namespace {

// A terminal of our own, as wide as it is told to be.
class TerminalTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("COLUMNS");
    int theirs = -1;
    ASSERT_EQ(openpty(&ours_, &theirs, nullptr, nullptr, nullptr), 0);
    stream_ = fdopen(theirs, "w");
    ASSERT_NE(stream_, nullptr);
  }
  void TearDown() override {
    unsetenv("COLUMNS");
    std::fclose(stream_);
    close(ours_);
  }
  void Resize(unsigned short columns) const {
    winsize size = {};
    size.ws_col = columns;
    ASSERT_EQ(ioctl(ours_, TIOCSWINSZ, &size), 0);
  }

  int ours_ = -1;
  std::FILE* stream_ = nullptr;
};

TEST_F(TerminalTest, IsAsWideAsItSays) {
  Resize(87);
  EXPECT_EQ(TerminalColumns(stream_), 87u);
  Resize(123);
  EXPECT_EQ(TerminalColumns(stream_), 123u) << "it may be resized";
  Resize(0);
  EXPECT_EQ(TerminalColumns(stream_), std::nullopt) << "it does not know";
}

TEST_F(TerminalTest, TheEnvironmentComesFirstIfItIsANumber) {
  Resize(87);
  setenv("COLUMNS", "95", 1);
  EXPECT_EQ(TerminalColumns(stream_), 95u);
  for (const char* nonsense : {"", "0", "-5", "wide", "99999999999"}) {
    setenv("COLUMNS", nonsense, 1);
    EXPECT_EQ(TerminalColumns(stream_), 87u) << nonsense;
  }
}

TEST_F(TerminalTest, AFileHasNoWidthWhateverTheEnvironmentSays) {
  setenv("COLUMNS", "95", 1);
  std::FILE* file = std::tmpfile();
  EXPECT_EQ(TerminalColumns(file), std::nullopt);
  std::fclose(file);
}

}  // namespace
}  // namespace drumline
