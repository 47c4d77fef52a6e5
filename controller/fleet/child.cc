#include "controller/fleet/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/fleet/file_descriptor.h"
#include "controller/fleet/spawn.h"

namespace drumline {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using boost::system::error_code;

// The whole of it or, where the disk is full, as much as there is room for: a child that cannot be
// logged still runs.
void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

off_t SizeOf(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 ? status.st_size : 0;
}

// The end of what was written to the log since it had `begin` bytes.
std::string ReadTail(int fd, off_t begin) {
  const off_t end = SizeOf(fd);
  const off_t from = std::max(begin, end - static_cast<off_t>(Child::kTailBytes));
  if (from >= end) return "";
  std::string text(static_cast<size_t>(end - from), '\0');
  const ssize_t got = pread(fd, text.data(), text.size(), from);
  text.resize(got > 0 ? static_cast<size_t>(got) : 0);
  while (text.ends_with('\n')) text.pop_back();
  size_t start = text.size();
  for (size_t lines = 0; lines < Child::kTailLines && start != std::string::npos && start > 0;
       ++lines) {
    start = text.rfind('\n', start - 1);
  }
  if (start != std::string::npos && start > 0) text.erase(0, start + 1);
  // A log may hold anything, and this is for a terminal.
  std::replace_if(
      text.begin(), text.end(),
      [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
      },
      '?');
  return text;
}

// Reaps a child that has ended.
std::string ReapWithReason(pid_t pid) {
  siginfo_t ended = {};
  while (waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED) != 0) {
    // Where SIGCHLD is ignored, as it may be from our own start on, the kernel keeps no status.
    if (errno != EINTR) return "ended; the system did not keep how";
  }
  return ended.si_code == CLD_EXITED ? absl::StrCat("exited with ", ended.si_status)
                                     : absl::StrCat("killed by signal ", ended.si_status);
}

}  // namespace

struct Child::State : std::enable_shared_from_this<State> {
  State(asio::io_context* loop, Spawned spawned, FileDescriptor log_file, off_t begin)
      : pid(spawned.pid),
        pidfd(*loop, spawned.pidfd.Release()),
        output(*loop),
        grace(*loop),
        log(std::move(log_file)),
        log_begin(begin) {}

  void WatchExit();
  void OnEnded();
  void WatchOutput();
  // Reads what is there, at most `reads` times a buffer; closes `output` at its end.
  void Pump(int reads);
  void TakeOutput(std::string_view bytes);
  void KillGroup(int signal_number) const { kill(-pid, signal_number); }
  void Abandon();

  const pid_t pid;
  stream_descriptor pidfd;
  stream_descriptor output;
  asio::steady_timer grace;
  const FileDescriptor log;
  const off_t log_begin;
  std::function<void(std::string_view)> on_line;
  OnExit on_exit;
  std::string line;
  // The child has been reaped: its pid may be another's by now.
  bool gone = false;
};

void Child::State::WatchExit() {
  pidfd.async_wait(stream_descriptor::wait_read,
                   [self = shared_from_this()](const error_code& error) {
                     if (!error && !self->gone) self->OnEnded();
                   });
}

void Child::State::OnEnded() {
  constexpr int kWholePipe = 32;
  // While the child is not reaped, its number names its group and no other.
  KillGroup(SIGKILL);
  const std::string reason = ReapWithReason(pid);
  gone = true;
  grace.cancel();
  Pump(kWholePipe);
  error_code ignored;
  output.close(ignored);
  pidfd.close(ignored);
  // A line callback may have destroyed the Child.
  const OnExit report = std::exchange(on_exit, nullptr);
  if (report) report({reason, ReadTail(log.get(), log_begin)});
}

void Child::State::WatchOutput() {
  output.async_wait(stream_descriptor::wait_read,
                    [self = shared_from_this()](const error_code& error) {
                      // Few reads at a time, so that a talkative child does not hold up the loop.
                      constexpr int kFewReads = 4;
                      if (error || !self->output.is_open()) return;
                      self->Pump(kFewReads);
                      if (self->output.is_open()) self->WatchOutput();
                    });
}

void Child::State::Pump(int reads) {
  std::array<char, 4096> buffer;
  for (int i = 0; i < reads && output.is_open(); ++i) {
    const ssize_t got = read(output.native_handle(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) {
      error_code ignored;
      output.close(ignored);
      return;
    }
    TakeOutput({buffer.data(), static_cast<size_t>(got)});
  }
}

void Child::State::TakeOutput(std::string_view bytes) {
  WriteAll(log.get(), bytes);
  for (const char byte : bytes) {
    if (byte != '\n') {
      if (line.size() < kMaxLineBytes) line += byte;
      continue;
    }
    const std::string whole = std::exchange(line, "");
    // A copy, for the callback may destroy the Child and with it the original.
    const auto show = on_line;
    if (show) show(whole);
  }
}

void Child::State::Abandon() {
  on_exit = nullptr;
  on_line = nullptr;
  grace.cancel();
  error_code ignored;
  output.close(ignored);
  pidfd.close(ignored);
  if (gone) return;
  gone = true;
  KillGroup(SIGKILL);
  ReapWithReason(pid);
}

absl::StatusOr<std::unique_ptr<Child>> Child::Start(asio::io_context* loop, Order order,
                                                    OnExit on_exit) {
  FileDescriptor log(open(order.log_path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  if (!log.valid()) {
    return absl::UnavailableError(
        absl::StrCat("cannot open the log ", order.log_path, ": ", std::strerror(errno)));
  }
  FileDescriptor output_in;
  FileDescriptor output_out;
  if (order.on_stdout_line) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      return absl::UnavailableError(absl::StrCat("cannot open a pipe: ", std::strerror(errno)));
    }
    output_in = FileDescriptor(ends[0]);
    output_out = FileDescriptor(ends[1]);
    fcntl(output_in.get(), F_SETFL, O_NONBLOCK);
  }
  const off_t log_begin = SizeOf(log.get());
  absl::StatusOr<Spawned> spawned =
      Spawn({order.program, std::move(order.arguments),
             output_out.valid() ? output_out.get() : log.get(), log.get()});
  if (!spawned.ok()) return spawned.status();
  auto state = std::make_shared<State>(loop, *std::move(spawned), std::move(log), log_begin);
  state->on_exit = std::move(on_exit);
  state->on_line = std::move(order.on_stdout_line);
  if (output_in.valid()) {
    state->output.assign(output_in.Release());
    state->WatchOutput();
  }
  state->WatchExit();
  return std::unique_ptr<Child>(new Child(std::move(state)));
}

Child::Child(std::shared_ptr<State> state) : state_(std::move(state)) {}

Child::~Child() { state_->Abandon(); }

pid_t Child::pid() const { return state_->pid; }

void Child::Terminate(std::chrono::nanoseconds grace) {
  if (state_->gone) return;
  state_->KillGroup(SIGTERM);
  state_->grace.expires_after(grace);
  state_->grace.async_wait([state = state_](const error_code& error) {
    if (!error && !state->gone) state->KillGroup(SIGKILL);
  });
}

}  // namespace drumline
