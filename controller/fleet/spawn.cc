#include "controller/fleet/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

absl::Status Failed(const std::string& what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

// All that the child needs, laid out before the fork: between fork and exec nothing may be
// allocated and no lock taken, for another thread may have held it at the fork.
struct Prepared {
  const char* program;
  char* const* argv;
  char* const* envp;
  int stdin_fd;
  int stdout_fd;
  int stderr_fd;
  // Where the errno of a failure goes; closed by a successful exec.
  int failure_fd;
  pid_t parent;
  // The first descriptor that cannot be open.
  int descriptor_end;
};

void CloseAllOnExec(int descriptor_end) {
  if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  // A kernel before 5.11, or a container that forbids the call.
  for (int fd = 3; fd < descriptor_end; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// Async-signal-safe calls only, from here to the exec.
[[noreturn]] void BecomeChild(const Prepared& prepared) {
  const auto fail = [&] {
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(prepared.failure_fd, &error, sizeof(error));
    _exit(127);
  };
  if (setpgid(0, 0) != 0) fail();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail();
  // The parent may have died before the line above; nobody would tell the child any more.
  if (getppid() != prepared.parent) _exit(127);
  // Ignored signals stay ignored over an exec; the controller ignores SIGPIPE.
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  if (dup2(prepared.stdin_fd, STDIN_FILENO) < 0) fail();
  if (dup2(prepared.stdout_fd, STDOUT_FILENO) < 0) fail();
  if (dup2(prepared.stderr_fd, STDERR_FILENO) < 0) fail();
  CloseAllOnExec(prepared.descriptor_end);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(prepared.program, prepared.argv, prepared.envp);
  fail();
  _exit(127);
}

// Signals are blocked over the fork, so that no handler of the parent runs in the child.
pid_t ForkChild(const Prepared& prepared) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) BecomeChild(prepared);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

// A duplicate of 3 or above: duplicating onto 0, 1 and 2 must not overwrite what is still needed.
FileDescriptor Above2(int fd) { return FileDescriptor(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

// The errno that the child sent, or 0 if its exec closed the pipe.
int AwaitExec(int fd) {
  int error = 0;
  ssize_t got = 0;
  do got = read(fd, &error, sizeof(error));
  while (got < 0 && errno == EINTR);
  return got == sizeof(error) ? error : 0;
}

void KillAndReap(pid_t pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

struct Descriptors {
  FileDescriptor stdin_fd;
  FileDescriptor stdout_fd;
  FileDescriptor stderr_fd;
  FileDescriptor failure_in;
  FileDescriptor failure_out;
};

absl::StatusOr<Descriptors> OpenDescriptors(const SpawnOrder& order) {
  Descriptors opened;
  const FileDescriptor null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!null.valid()) return Failed("cannot open /dev/null", errno);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Failed("cannot open a pipe", errno);
  const FileDescriptor out(ends[1]);
  opened.failure_in = FileDescriptor(ends[0]);
  opened.failure_out = Above2(out.get());
  opened.stdin_fd = Above2(null.get());
  opened.stdout_fd = Above2(order.stdout_fd);
  opened.stderr_fd = Above2(order.stderr_fd);
  if (!opened.failure_out.valid() || !opened.stdin_fd.valid() || !opened.stdout_fd.valid() ||
      !opened.stderr_fd.valid()) {
    return Failed("cannot duplicate a descriptor", errno);
  }
  return opened;
}

int DescriptorEnd() {
  constexpr rlim_t kMost = 65536;
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min(limit.rlim_cur, kMost));
}

}  // namespace

absl::StatusOr<Spawned> Spawn(const SpawnOrder& order) {
  absl::StatusOr<Descriptors> opened = OpenDescriptors(order);
  if (!opened.ok()) return opened.status();
  std::vector<char*> argv = {const_cast<char*>(order.program.c_str())};
  for (const std::string& argument : order.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const pid_t pid = ForkChild({order.program.c_str(), argv.data(), environ, opened->stdin_fd.get(),
                               opened->stdout_fd.get(), opened->stderr_fd.get(),
                               opened->failure_out.get(), getpid(), DescriptorEnd()});
  if (pid < 0) return Failed("cannot fork", errno);
  opened->failure_out.Close();
  if (const int error = AwaitExec(opened->failure_in.get()); error != 0) {
    KillAndReap(pid);
    return Failed(absl::StrCat("cannot run ", order.program), error);
  }
  // The pid is the child's own until it is reaped, so this cannot meet another process.
  Spawned spawned{pid, OpenPidfd(pid)};
  if (!spawned.pidfd.valid()) {
    const int error = errno;
    KillAndReap(pid);
    return Failed("cannot watch a child (Linux 5.3 is needed)", error);
  }
  return spawned;
}

// By number, because <sys/pidfd.h> of glibc 2.36 declares its function for C alone.
FileDescriptor OpenPidfd(pid_t pid) {
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

}  // namespace drumline
