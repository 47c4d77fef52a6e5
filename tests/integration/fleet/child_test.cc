#include "controller/fleet/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/fleet/file_descriptor.h"
#include "controller/fleet/spawn.h"
#include "tests/integration/fleet/scratch.h"

namespace drumline {
namespace {

constexpr auto kAmple = std::chrono::minutes(5);

class ChildTest : public testing::Test {
 protected:
  std::unique_ptr<Child> Start(const std::string& script, bool with_lines = false) {
    Child::Order order{"/bin/sh", {"-c", script}, scratch_.Path("log"), nullptr};
    if (with_lines) {
      order.on_stdout_line = [this](std::string_view line) {
        lines_.emplace_back(line);
        if (on_line_) on_line_();
      };
    }
    auto child =
        Child::Start(&loop_, std::move(order), [this](const Child::Exit& exit) { exit_ = exit; });
    EXPECT_TRUE(child.ok()) << child.status();
    return child.ok() ? *std::move(child) : nullptr;
  }

  Child::Exit RunToItsEnd(const std::string& script, bool with_lines = false) {
    const std::unique_ptr<Child> child = Start(script, with_lines);
    // Ends by itself: nothing is left to wait for once the child has ended.
    loop_.run();
    loop_.restart();
    EXPECT_TRUE(exit_.has_value());
    return exit_.value_or(Child::Exit{});
  }

  Scratch scratch_;
  boost::asio::io_context loop_;
  std::optional<Child::Exit> exit_;
  std::vector<std::string> lines_;
  std::function<void()> on_line_;
};

TEST_F(ChildTest, TellsHowItEnded) {
  EXPECT_EQ(RunToItsEnd("exit 0").reason, "exited with 0");
  EXPECT_EQ(RunToItsEnd("exit 3").reason, "exited with 3");
  EXPECT_EQ(RunToItsEnd("kill -9 $$").reason, "killed by signal 9");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was not reaped";
}

TEST_F(ChildTest, LogIsAppendedToAndItsTailIsThisChildsOwn) {
  EXPECT_EQ(RunToItsEnd("echo first; echo error >&2").log_tail, "first\nerror");
  EXPECT_EQ(RunToItsEnd("printf 'se\\033cond\\n'").log_tail, "se?cond");
  EXPECT_EQ(RunToItsEnd("exit 1").log_tail, "");
  EXPECT_EQ(scratch_.Read("log"), "first\nerror\nse\033cond\n");
}

TEST_F(ChildTest, TailIsShort) {
  const Child::Exit exit =
      RunToItsEnd("i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); done");
  EXPECT_EQ(exit.log_tail.substr(0, 8), "line 90\n");
  EXPECT_EQ(exit.log_tail.substr(exit.log_tail.size() - 8), "\nline 99");
  const Child::Exit wide = RunToItsEnd("head -c 5000 /dev/zero");
  EXPECT_EQ(wide.log_tail, std::string(Child::kTailBytes, '?'));
}

TEST_F(ChildTest, OutputIsShownByTheLineAndLoggedWhole) {
  const Child::Exit exit = RunToItsEnd(
      "echo one; echo error >&2; head -c 9000 /dev/zero | tr '\\0' x; echo; printf end", true);
  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_EQ(lines_[0], "one");
  EXPECT_EQ(lines_[1], std::string(Child::kMaxLineBytes, 'x'));
  EXPECT_TRUE(exit.log_tail.ends_with("xx\nend"));
  const std::string log = scratch_.Read("log");
  EXPECT_NE(log.find("one\n"), std::string::npos);
  EXPECT_NE(log.find("error\n"), std::string::npos);
  EXPECT_NE(log.find(std::string(9000, 'x') + "\nend"), std::string::npos);
}

// More than a pipe holds: a child that is not read from would stand still.
TEST_F(ChildTest, OutputIsReadToItsEnd) {
  RunToItsEnd("head -c 1000000 /dev/zero", true);
  EXPECT_EQ(scratch_.Read("log").size(), 1'000'000U);
}

TEST_F(ChildTest, WhatCannotBeStartedIsSaid) {
  const auto start = [&](const std::string& program, const std::string& log) {
    auto child = Child::Start(&loop_, {program, {}, log, nullptr}, nullptr);
    EXPECT_FALSE(child.ok());
    return std::string(child.status().message());
  };
  EXPECT_EQ(start("/no/such/program", scratch_.Path("log")),
            "cannot run /no/such/program: No such file or directory");
  EXPECT_EQ(start("/", scratch_.Path("log")), "cannot run /: Permission denied");
  EXPECT_EQ(start("/bin/true", "/no/such/log"),
            "cannot open the log /no/such/log: No such file or directory");
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child was not reaped";
}

TEST_F(ChildTest, TerminateAsksFirst) {
  std::unique_ptr<Child> child =
      Start("trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 1; done", true);
  on_line_ = [&] {
    if (lines_.back() == "ready") child->Terminate(kAmple);
  };
  loop_.run();
  EXPECT_EQ(exit_->reason, "exited with 7");
  EXPECT_EQ(lines_.back(), "asked");
}

TEST_F(ChildTest, TerminateKillsWhatDoesNotListen) {
  std::unique_ptr<Child> child = Start("trap '' TERM; echo ready; while :; do sleep 1; done", true);
  on_line_ = [&] { child->Terminate(std::chrono::milliseconds(1)); };
  loop_.run();
  EXPECT_EQ(exit_->reason, "killed by signal 9");
  child->Terminate(kAmple);
}

// The child's own children: in its group, and gone when it has ended.
TEST_F(ChildTest, WholeGroupEnds) {
  FileDescriptor grandchild;
  on_line_ = [&] { grandchild = OpenPidfd(std::stoi(lines_.back())); };
  const std::unique_ptr<Child> child =
      Start("sleep 1000 >/dev/null & echo $!; read line </dev/stdin; while [ -e " +
                scratch_.Path("log") + " ]; do sleep 1; done",
            true);
  while (!grandchild.valid()) loop_.run_one();
  EXPECT_EQ(kill(child->pid(), SIGKILL), 0);
  loop_.run();
  EXPECT_EQ(exit_->reason, "killed by signal 9");
  EXPECT_TRUE(EndedWithinAMinute(grandchild.get()));
}

TEST_F(ChildTest, DestroyedIsKilledAndReapedWithoutACall) {
  std::unique_ptr<Child> child = Start("trap '' TERM; exec sleep 1000");
  const FileDescriptor pidfd = OpenPidfd(child->pid());
  child.reset();
  EXPECT_TRUE(EndedWithinAMinute(pidfd.get()));
  loop_.run();
  EXPECT_FALSE(exit_.has_value());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "the child was not reaped";
}

TEST_F(ChildTest, MayBeDestroyedByItsOwnLine) {
  std::unique_ptr<Child> child = Start("echo one; echo two; exec sleep 1000", true);
  on_line_ = [&] { child.reset(); };
  loop_.run();
  EXPECT_EQ(lines_, std::vector<std::string>{"one"});
  EXPECT_FALSE(exit_.has_value());
}

// What the child starts with: a group of its own, nothing blocked or ignored, and none of our
// descriptors but its three.
TEST_F(ChildTest, StartsInACleanState) {
  signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, nullptr);
  // Not closed on exec, as some libraries leave theirs.
  const FileDescriptor stray(open("/dev/null", O_RDONLY));
  RunToItsEnd(
      // One by one: whatever lists a directory opens a descriptor of its own.
      "fd=0; while [ $fd -lt 100 ]; do [ -e /proc/$$/fd/$fd ] && echo $fd; fd=$((fd+1)); done;"
      "readlink /proc/$$/fd/0;"
      // Read by the shell itself: it blocks signals for as long as it forks.
      "while read -r key value; do case $key in SigBlk:|SigIgn:) echo $value;; esac; done"
      " </proc/$$/status;"
      "cut -d' ' -f1,5 /proc/$$/stat",
      true);
  sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  signal(SIGPIPE, SIG_DFL);
  ASSERT_LT(stray.get(), 100);
  ASSERT_EQ(lines_.size(), 7U);
  EXPECT_EQ(std::vector<std::string>(lines_.begin(), lines_.begin() + 5),
            (std::vector<std::string>{"0", "1", "2", "/dev/null", "0000000000000000"}));
  // Signals 32 and 33 are the C library's own and are left as they were found.
  constexpr uint64_t kReserved = uint64_t{3} << 31;
  EXPECT_EQ(std::stoull(lines_[5], nullptr, 16) & ~kReserved, 0U);
  EXPECT_EQ(lines_[6].substr(0, lines_[6].find(' ')), lines_[6].substr(lines_[6].find(' ') + 1))
      << "program and group";
}

// The parent is a program of its own here, which dies without a chance to tidy up.
TEST(ChildOfAKilledParentTest, IsGone) {
  const Scratch scratch;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor from_parent(ends[0]);
  FileDescriptor to_test(ends[1]);
  const pid_t parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    boost::asio::io_context loop;
    auto child = Child::Start(
        &loop,
        {"/bin/sh", {"-c", "trap '' TERM INT HUP; exec sleep 1000"}, scratch.Path("log"), nullptr},
        [](const Child::Exit&) {});
    const pid_t pid = child.ok() ? (*child)->pid() : 0;
    if (write(to_test.get(), &pid, sizeof(pid)) != sizeof(pid)) _exit(1);
    loop.run();
    _exit(1);
  }
  to_test.Close();
  pid_t child = 0;
  ASSERT_EQ(read(from_parent.get(), &child, sizeof(child)), static_cast<ssize_t>(sizeof(child)));
  ASSERT_GT(child, 0);
  const FileDescriptor pidfd = OpenPidfd(child);
  ASSERT_TRUE(pidfd.valid());
  pollfd alive = {pidfd.get(), POLLIN, 0};
  EXPECT_EQ(poll(&alive, 1, 0), 0) << "the child ended before its parent did";
  ASSERT_EQ(kill(parent, SIGKILL), 0);
  EXPECT_TRUE(EndedWithinAMinute(pidfd.get()));
  EXPECT_EQ(waitpid(parent, nullptr, 0), parent);
}

}  // namespace
}  // namespace drumline
