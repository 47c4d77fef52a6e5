#include "agent/engine/epoll_engine.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/clock.h"
#include "agent/engine/socket_calls.h"

namespace drumline {

namespace {

// What an event is told by: the socket in the upper half, its life in the lower.
constexpr uint64_t kWake = ~uint64_t{0};

uint64_t TagOf(SocketId id, uint32_t life) { return uint64_t{id} << 32 | life; }

}  // namespace

absl::StatusOr<std::unique_ptr<EpollEngine>> EpollEngine::Create() {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) return absl::ErrnoToStatus(errno, "epoll_create1");
  std::unique_ptr<EpollEngine> engine(new EpollEngine(epoll));
  if (absl::Status status = engine->SetUp(); !status.ok()) return status;
  return engine;
}

absl::Status EpollEngine::SetUp() {
  if (!wake_.valid()) return absl::ErrnoToStatus(errno, "eventfd");
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kWake}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_.fd(), &event) < 0) {
    return absl::ErrnoToStatus(errno, "epoll_ctl");
  }
  return absl::OkStatus();
}

EpollEngine::~EpollEngine() {
  for (const Slot& slot : slots_) {
    if (slot.fd >= 0) close(slot.fd);
  }
  close(epoll_);
}

SocketId EpollEngine::Add(Socket* socket) {
  slots_.push_back({.socket = socket});
  return static_cast<SocketId>(slots_.size() - 1);
}

int EpollEngine::Open(SocketId id, const boost::asio::ip::tcp::endpoint& target) {
  const OpenedSocket opened = OpenSocket(target);
  if (opened.fd < 0) return opened.error;
  stamps_offered_ = stamps_offered_ && opened.stamps_receipt;
  Slot& slot = slots_[id];
  if (connect(opened.fd, target.data(), static_cast<socklen_t>(target.size())) < 0 &&
      errno != EINPROGRESS) {
    const int error = errno;
    close(opened.fd);
    return error;
  }
  // Even a connection that stands already is told of by an event, for the socket can be written to.
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                    .data = {.u64 = TagOf(id, slot.life + 1)}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, opened.fd, &event) < 0) {
    const int error = errno;
    close(opened.fd);
    return error;
  }
  ++slot.life;
  slot.fd = opened.fd;
  slot.connecting = true;
  return 0;
}

void EpollEngine::Send(SocketId id, std::string_view bytes) {
  Slot& slot = slots_[id];
  slot.unsent = bytes;
  SendRest(&slot);
}

void EpollEngine::SendRest(Slot* slot) {
  slot->send_error = SendSome(slot->fd, &slot->unsent);
  // The event that follows tells the receiving side of it.
  if (slot->send_error != 0) shutdown(slot->fd, SHUT_RDWR);
}

void EpollEngine::Close(SocketId id) {
  Slot& slot = slots_[id];
  if (slot.fd < 0) return;
  close(slot.fd);
  ++slot.life;
  slot.fd = -1;
  slot.connecting = false;
  slot.send_error = 0;
  slot.unsent = {};
}

bool EpollEngine::Poll() { return Deliver(epoll_wait(epoll_, events_.data(), kEventsPerTurn, 0)); }

bool EpollEngine::Wait(int64_t until_ns) {
  if (!unread_.empty()) return Poll();
  return Deliver(WaitForEvents(std::max<int64_t>(until_ns - MonotonicNowNs(), 0)));
}

int EpollEngine::WaitForEvents(int64_t wait_ns) {
  if (!whole_milliseconds_) {
    const timespec wait{.tv_sec = wait_ns / 1'000'000'000, .tv_nsec = wait_ns % 1'000'000'000};
    const int events = epoll_pwait2(epoll_, events_.data(), kEventsPerTurn, &wait, nullptr);
    if (events >= 0 || errno == EINTR) return events;
    whole_milliseconds_ = true;
  }
  return epoll_wait(epoll_, events_.data(), kEventsPerTurn,
                    static_cast<int>((wait_ns + 999'999) / 1'000'000));
}

bool EpollEngine::Deliver(int events) {
  if (events <= 0 && unread_.empty()) return true;
  clock_.Look();
  reading_on_.swap(unread_);
  for (const Unread& unread : reading_on_) {
    if (slots_[unread.id].life == unread.life) Receive(unread.id, unread.life, unread.to_the_end);
  }
  reading_on_.clear();
  for (int i = 0; i < events; ++i) {
    const epoll_event& event = events_[static_cast<size_t>(i)];
    if (event.data.u64 == kWake) {
      wake_.Hush();
      continue;
    }
    OnEvent(static_cast<SocketId>(event.data.u64 >> 32), static_cast<uint32_t>(event.data.u64),
            event.events);
  }
  return events < static_cast<int>(kEventsPerTurn) && unread_.empty();
}

void EpollEngine::OnEvent(SocketId id, uint32_t life, uint32_t events) {
  // What an earlier event of this turn led to may have closed this socket.
  if (slots_[id].life != life) return;
  if (slots_[id].connecting && !FinishOpen(id)) return;
  Slot& slot = slots_[id];
  if (slot.life != life) return;
  if ((events & EPOLLOUT) != 0 && !slot.unsent.empty()) SendRest(&slot);
  const bool ends = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  if ((events & EPOLLIN) != 0 || ends) Receive(id, life, ends);
}

bool EpollEngine::FinishOpen(SocketId id) {
  Slot& slot = slots_[id];
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(slot.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  slot.connecting = false;
  if (error != 0) {
    Close(id);
    slot.socket->OnOpenFailed(error);
    return false;
  }
  slot.socket->OnOpened();
  return true;
}

// A receive that does not fill the buffer has emptied the socket; what comes later is a new edge.
// Only the end of the stream may stand behind the bytes, and the event says so.
void EpollEngine::Receive(SocketId id, uint32_t life, bool to_the_end) {
  alignas(cmsghdr) char control[ReceiveClock::kControlBytes];
  iovec bytes{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  for (int receives = 0; receives < kReceivesPerTurn; ++receives) {
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    // Slots move when sockets are added, and callbacks may do anything.
    const Slot& slot = slots_[id];
    const ssize_t got = recvmsg(slot.fd, &message, 0);
    if (got > 0) {
      slot.socket->OnBytes({buffer_.data(), static_cast<size_t>(got)}, clock_.ReceivedAt(message));
      const bool emptied = static_cast<size_t>(got) < buffer_.size();
      if (slots_[id].life != life || (emptied && !to_the_end)) return;
    } else if (got == 0) {
      slot.socket->OnEnd(slot.send_error);
      return;
    } else if (errno != EINTR) {
      if (errno != EAGAIN) slot.socket->OnEnd(errno);
      return;
    }
  }
  unread_.push_back({id, life, to_the_end});
}

}  // namespace drumline
