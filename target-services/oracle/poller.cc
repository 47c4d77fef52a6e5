#include "target-services/oracle/poller.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "target-services/oracle/monotonic_clock.h"

namespace drumline::target {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

timespec Timespec(int64_t ns) {
  const int64_t length = std::max<int64_t>(0, ns);
  return {.tv_sec = length / kNsPerSecond, .tv_nsec = length % kNsPerSecond};
}

absl::Status Failed(const char* step) {
  return absl::UnavailableError(absl::StrCat(step, ": ", std::strerror(errno)));
}

bool Control(int epoll, int operation, int socket, uint32_t events, uint64_t name) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = name;
  return epoll_ctl(epoll, operation, socket, &event) == 0;
}

constexpr uint32_t kBothWays = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

Poller::~Poller() {
  if (epoll_ >= 0) close(epoll_);
  if (signals_ >= 0) close(signals_);
}

absl::Status Poller::Open() {
  // By default a timer may come 50 µs late, to be dealt with along with others.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const sigset_t signals = EndSignals();
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return Failed("block signals");
  signals_ = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signals_ < 0) return Failed("signalfd");
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return Failed("epoll_create1");
  if (!Control(epoll_, EPOLL_CTL_ADD, signals_, EPOLLIN, kSignal)) return Failed("epoll_ctl");
  return absl::OkStatus();
}

bool Poller::Watch(int socket, uint64_t name) {
  return Control(epoll_, EPOLL_CTL_ADD, socket, kBothWays, name);
}

bool Poller::WatchListener(int socket, uint64_t name) {
  return Control(epoll_, EPOLL_CTL_ADD, socket, EPOLLIN, name);
}

void Poller::Rearm(int socket, uint64_t name) {
  Control(epoll_, EPOLL_CTL_MOD, socket, kBothWays, name);
}

void Poller::Forget(int socket) { Control(epoll_, EPOLL_CTL_DEL, socket, 0, 0); }

absl::Span<const epoll_event> Poller::Wait(int64_t until_ns) {
  const int64_t left_ns = until_ns == 0 ? 0 : until_ns - kLeadNs - MonotonicNs();
  const timespec timeout = Timespec(left_ns);
  const int count = epoll_pwait2(epoll_, events_.data(), kMostEvents, &timeout, nullptr);
  return {events_.data(), static_cast<size_t>(std::max(0, count))};
}

bool Poller::SleepUntil(int64_t until_ns) const {
  pollfd signals{.fd = signals_, .events = POLLIN, .revents = 0};
  for (int64_t left_ns = until_ns - MonotonicNs(); left_ns > 0;
       left_ns = until_ns - MonotonicNs()) {
    if (left_ns <= kLeadNs) continue;
    const timespec timeout = Timespec(left_ns - kLeadNs);
    if (ppoll(&signals, 1, &timeout, nullptr) > 0) return true;
  }
  return false;
}

void Poller::LetSignalsThrough() {
  Forget(signals_);
  signalfd_siginfo taken;
  while (read(signals_, &taken, sizeof(taken)) > 0) {
  }
  const sigset_t signals = EndSignals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace drumline::target
