// The client on bare epoll: edge-triggered, a request is written at once, what came is read once.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "tests/benchmark/floor/sockets.h"
#include "tests/benchmark/floor/traffic.h"

namespace drumline::floor {
namespace {

constexpr int kMaxEvents = 512;
constexpr size_t kReadBytes = size_t{64} * 1024;
constexpr uint32_t kTimerIndex = ~uint32_t{0};

class EpollClient {
 public:
  EpollClient(const Plan& plan, const std::vector<int>& sockets, Traffic& traffic)
      : plan_(plan),
        sockets_(sockets),
        traffic_(traffic),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (epoll_ < 0 || timer_ < 0) DieOfErrno("epoll or timerfd");
    for (size_t i = 0; i < sockets.size(); ++i) {
      MakeNonBlocking(sockets[i]);
      Watch(sockets[i], static_cast<uint32_t>(i));
    }
    Watch(timer_, kTimerIndex);
  }
  EpollClient(const EpollClient&) = delete;
  EpollClient& operator=(const EpollClient&) = delete;
  ~EpollClient() {
    close(timer_);
    close(epoll_);
  }

  int64_t Run() {
    int64_t now = NowNs();
    traffic_.Start(now);
    while (!traffic_.Over(now)) {
      SendDue(now);
      const int count = WaitForEvents();
      for (int i = 0; i < count; ++i) {
        if (events_[i].data.u32 != kTimerIndex) Read(static_cast<int>(events_[i].data.u32));
      }
      now = NowNs();
    }
    return now;
  }

 private:
  void Watch(int fd, uint32_t index) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u32 = index;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) DieOfErrno("epoll_ctl");
  }

  void SendDue(int64_t now) {
    while (const std::optional<int> index = traffic_.TakeDue(now)) {
      // Read for each: a send takes microseconds, for which the next one is late.
      if (traffic_.SendIsTimed()) now = NowNs();
      traffic_.Sent(*index, now);
      const ssize_t count =
          send(sockets_[*index], plan_.request.data(), plan_.request.size(), MSG_NOSIGNAL);
      if (count != static_cast<ssize_t>(plan_.request.size())) DieOfErrno("sending a request");
    }
  }

  void Read(int index) {
    for (;;) {
      const ssize_t count = recv(sockets_[index], buffer_.data(), buffer_.size(), 0);
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (count < 0) DieOfErrno("reading a response");
      if (count == 0) Die("the target closed a connection");
      if (traffic_.Received(index, {buffer_.data(), static_cast<size_t>(count)})) {
        traffic_.Answered(index, traffic_.AnswerIsTimed() ? NowNs() : 0);
        // A closed loop has nothing to wait for: the next request goes out before the next read.
        if (plan_.closed) SendDue(0);
      }
      // A read that did not fill the buffer emptied the socket: another event tells of more.
      if (static_cast<size_t>(count) < buffer_.size()) return;
    }
  }

  int WaitForEvents() {
    int count = 0;
    if (!plan_.closed && plan_.pacing == Pacing::kSpin) {
      count = epoll_wait(epoll_, events_.data(), kMaxEvents, 0);
    } else if (!plan_.closed && plan_.wait == Wait::kPwait2) {
      const timespec timeout = ToTimespec(std::max<int64_t>(traffic_.WakeNs() - NowNs(), 0));
      count = epoll_pwait2(epoll_, events_.data(), kMaxEvents, &timeout, nullptr);
    } else {
      SetTimer(traffic_.WakeNs());
      count = epoll_wait(epoll_, events_.data(), kMaxEvents, -1);
    }
    if (count < 0 && errno != EINTR) DieOfErrno("waiting for events");
    return count;
  }

  // The timer is edge-triggered like all else and set anew for each beat: it is never read.
  void SetTimer(int64_t wake_ns) {
    if (wake_ns == timer_ns_) return;
    timer_ns_ = wake_ns;
    itimerspec one_shot{};
    one_shot.it_value = ToTimespec(wake_ns);
    if (timerfd_settime(timer_, TFD_TIMER_ABSTIME, &one_shot, nullptr) != 0) {
      DieOfErrno("timerfd_settime");
    }
  }

  const Plan& plan_;
  const std::vector<int>& sockets_;
  Traffic& traffic_;
  int epoll_;
  int timer_;
  int64_t timer_ns_ = 0;
  std::array<epoll_event, kMaxEvents> events_;
  std::array<char, kReadBytes> buffer_;
};

}  // namespace

int64_t RunEpoll(const Plan& plan, const std::vector<int>& sockets, Traffic& traffic) {
  return std::make_unique<EpollClient>(plan, sockets, traffic)->Run();
}

}  // namespace drumline::floor
