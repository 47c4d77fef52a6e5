#include "agent/engine/uring_engine.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "agent/clock.h"
#include "agent/engine/socket_calls.h"

namespace drumline {

namespace {

// An operation's tag: what it is in the upper 4 bits, then 28 bits of the socket, then its life.
constexpr int kSocketShift = 32;
constexpr int kOperationShift = 60;
constexpr uint64_t kSocketMask = (uint64_t{1} << (kOperationShift - kSocketShift)) - 1;

absl::Status Refused(int error, std::string_view call) {
  return absl::UnavailableError(absl::StrCat(
      "io_uring is not to be had here: ", absl::string_view(call.data(), call.size()), ": ",
      strerror(error), error == EPERM ? " (see kernel.io_uring_disabled and the container)" : ""));
}

size_t BufferRingBytes(unsigned buffers) { return buffers * sizeof(io_uring_buf); }

// The ring and the buffers.
size_t BufferBytes(unsigned buffers, size_t each) {
  return BufferRingBytes(buffers) + buffers * each;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UringEngine>> UringEngine::Create() {
  std::unique_ptr<UringEngine> engine(new UringEngine());
  if (absl::Status status = engine->SetUp(); !status.ok()) return status;
  return engine;
}

absl::Status UringEngine::SetUp() {
  // Disabled at first: the thread that enables it is the one that owns it.
  io_uring_params params{};
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE;
  params.cq_entries = kCompletions;
  if (const int error = io_uring_queue_init_params(kSubmissions, &ring_, &params); error < 0) {
    return Refused(-error, "io_uring_setup");
  }
  ring_set_up_ = true;
  if (!wake_.valid()) return absl::ErrnoToStatus(errno, "eventfd");
  receive_form_.msg_controllen = ReceiveClock::kControlBytes;
  return SetUpBuffers();
}

absl::Status UringEngine::SetUpBuffers() {
  void* memory = mmap(nullptr, BufferBytes(kMostBuffers, kBufferBytes), PROT_READ | PROT_WRITE,
                      MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (memory == MAP_FAILED) return absl::ErrnoToStatus(errno, "mmap");
  buffer_ring_ = static_cast<io_uring_buf_ring*>(memory);
  buffers_ = static_cast<char*>(memory) + BufferRingBytes(kMostBuffers);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uint64_t>(memory);
  registration.ring_entries = kMostBuffers;
  registration.bgid = kBufferGroup;
  if (const int error = io_uring_register_buf_ring(&ring_, &registration, 0); error < 0) {
    return Refused(-error, "registering a ring of buffers");
  }
  io_uring_buf_ring_init(buffer_ring_);
  PutOutBuffers(kFewestBuffers);
  return absl::OkStatus();
}

UringEngine::~UringEngine() {
  for (const Slot& slot : slots_) {
    if (slot.fd >= 0) close(slot.fd);
  }
  // The kernel lets go of buffers and sockets with the ring.
  if (ring_set_up_) io_uring_queue_exit(&ring_);
  if (buffer_ring_ != nullptr) munmap(buffer_ring_, BufferBytes(kMostBuffers, kBufferBytes));
}

absl::Status UringEngine::AttachToThread() {
  // Not by liburing's own call, which version 2.3 declares and does not have.
  if (syscall(SYS_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) < 0) {
    return Refused(errno, "enabling the ring");
  }
  AskForWake();
  return absl::OkStatus();
}

uint64_t UringEngine::TagOf(Operation operation, SocketId id, uint32_t life) {
  return uint64_t{static_cast<uint8_t>(operation)} << kOperationShift |
         (uint64_t{id} & kSocketMask) << kSocketShift | life;
}

io_uring_sqe* UringEngine::NextSubmission() {
  io_uring_sqe* submission = io_uring_get_sqe(&ring_);
  if (submission == nullptr) {
    Submit();
    submission = io_uring_get_sqe(&ring_);
  }
  // The queue was emptied just now: a kernel that takes nothing is no engine.
  if (submission == nullptr) std::abort();
  return submission;
}

// All of what was prepared: the kernel refuses some only while it is short of memory or of room for
// completions, of which it then makes some.
void UringEngine::Submit() {
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts && io_uring_sq_ready(&ring_) > 0; ++i) {
    if (io_uring_submit(&ring_) < 0) io_uring_get_events(&ring_);
  }
}

void UringEngine::AskForWake() {
  io_uring_sqe* submission = NextSubmission();
  io_uring_prep_poll_add(submission, wake_.fd(), POLLIN);
  submission->user_data = TagOf(Operation::kWake, 0, 0);
}

SocketId UringEngine::Add(Socket* socket) {
  slots_.push_back({.socket = socket});
  return static_cast<SocketId>(slots_.size() - 1);
}

int UringEngine::Open(SocketId id, const boost::asio::ip::tcp::endpoint& target) {
  const OpenedSocket opened = OpenSocket(target);
  if (opened.fd < 0) return opened.error;
  stamps_offered_ = stamps_offered_ && opened.stamps_receipt;
  Slot& slot = slots_[id];
  ++slot.life;
  slot.fd = opened.fd;
  slot.target = target;
  io_uring_sqe* submission = NextSubmission();
  io_uring_prep_connect(submission, slot.fd, slot.target.data(),
                        static_cast<socklen_t>(slot.target.size()));
  submission->user_data = TagOf(Operation::kConnect, id, slot.life);
  // At once, for slots may move before the next turn.
  Submit();
  return 0;
}

void UringEngine::Send(SocketId id, std::string_view bytes) {
  slots_[id].unsent = bytes;
  SendRest(id);
}

void UringEngine::SendRest(SocketId id) {
  Slot& slot = slots_[id];
  slot.send_error = SendSome(slot.fd, &slot.unsent);
  if (slot.send_error != 0) {
    // The receive that is under way tells of it.
    shutdown(slot.fd, SHUT_RDWR);
  } else if (!slot.unsent.empty()) {
    io_uring_sqe* submission = NextSubmission();
    io_uring_prep_poll_add(submission, slot.fd, POLLOUT);
    submission->user_data = TagOf(Operation::kWritable, id, slot.life);
  }
}

void UringEngine::Close(SocketId id) {
  Slot& slot = slots_[id];
  if (slot.fd < 0) return;
  // An operation holds the socket open until it ends, whatever becomes of the descriptor.
  io_uring_sqe* submission = NextSubmission();
  io_uring_prep_cancel_fd(submission, slot.fd, IORING_ASYNC_CANCEL_ALL);
  submission->user_data = TagOf(Operation::kCancel, id, slot.life);
  // Before the descriptor may be another socket's.
  Submit();
  close(slot.fd);
  ++slot.life;
  slot.fd = -1;
  slot.send_error = 0;
  slot.unsent = {};
}

void UringEngine::Receive(SocketId id) {
  Slot& slot = slots_[id];
  io_uring_sqe* submission = NextSubmission();
  io_uring_prep_recvmsg_multishot(submission, slot.fd, &receive_form_, 0);
  submission->flags |= IOSQE_BUFFER_SELECT;
  submission->buf_group = kBufferGroup;
  submission->user_data = TagOf(Operation::kReceive, id, slot.life);
}

// The kernel has something to do for this thread, or holds completions back.
bool UringEngine::WorkIsPending() const {
  return (IO_URING_READ_ONCE(*ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
}

bool UringEngine::Poll() {
  if (WorkIsPending() || io_uring_sq_ready(&ring_) > 0) io_uring_submit_and_get_events(&ring_);
  return Deliver();
}

bool UringEngine::Wait(int64_t until_ns) {
  const int64_t wait_ns = std::max<int64_t>(until_ns - MonotonicNowNs(), 0);
  __kernel_timespec wait{.tv_sec = wait_ns / 1'000'000'000, .tv_nsec = wait_ns % 1'000'000'000};
  io_uring_cqe* first = nullptr;
  io_uring_submit_and_wait_timeout(&ring_, &first, 1, &wait, nullptr);
  return Deliver();
}

// What comes while a turn is under way is the next one's.
bool UringEngine::Deliver() {
  const bool all = !WorkIsPending();
  const unsigned ready = io_uring_cq_ready(&ring_);
  if (ready == 0) return all;
  clock_.Look();
  const unsigned first = *ring_.cq.khead;
  for (unsigned i = 0; i < ready; ++i) {
    const io_uring_cqe& completion = ring_.cq.cqes[(first + i) & ring_.cq.ring_mask];
    OnCompletion(completion.user_data, completion.res, completion.flags);
  }
  io_uring_cq_advance(&ring_, ready);
  if (short_of_buffers_) PutOutBuffers(std::min(2 * buffers_out_, kMostBuffers));
  short_of_buffers_ = false;
  // A receive that ended for want of buffers is begun again by the next submission.
  return all && io_uring_sq_ready(&ring_) == 0;
}

void UringEngine::OnCompletion(uint64_t tag, int result, uint32_t flags) {
  const auto operation = static_cast<Operation>(tag >> kOperationShift);
  const auto id = static_cast<SocketId>(tag >> kSocketShift & kSocketMask);
  const auto life = static_cast<uint32_t>(tag);
  switch (operation) {
    case Operation::kReceive:
      OnReceived(id, life, result, flags);
      return;
    case Operation::kConnect:
      if (slots_[id].life == life) OnConnected(id, result);
      return;
    case Operation::kWritable:
      if (slots_[id].life == life) SendRest(id);
      return;
    case Operation::kWake:
      wake_.Hush();
      AskForWake();
      return;
    case Operation::kCancel:
      return;
  }
}

void UringEngine::OnConnected(SocketId id, int result) {
  if (result < 0) {
    Socket* const socket = slots_[id].socket;
    Close(id);
    socket->OnOpenFailed(-result);
    return;
  }
  Receive(id);
  slots_[id].socket->OnOpened();
}

void UringEngine::OnReceived(SocketId id, uint32_t life, int result, uint32_t flags) {
  const bool live = slots_[id].life == life;
  bool goes_on = result == -ENOBUFS;
  short_of_buffers_ |= goes_on;
  if ((flags & IORING_CQE_F_BUFFER) != 0) {
    const unsigned index = flags >> IORING_CQE_BUFFER_SHIFT;
    if (live) goes_on = OnMessage(id, Buffer(index), result);
    ReturnBuffer(index);
  } else if (live && !goes_on) {
    slots_[id].socket->OnEnd(result < 0 ? -result : slots_[id].send_error);
  }
  // What was delivered may have closed the socket.
  const bool ended = (flags & IORING_CQE_F_MORE) == 0;
  if (goes_on && ended && slots_[id].life == life) Receive(id);
}

bool UringEngine::OnMessage(SocketId id, char* buffer, int result) {
  Socket* const socket = slots_[id].socket;
  io_uring_recvmsg_out* const message = io_uring_recvmsg_validate(buffer, result, &receive_form_);
  if (message == nullptr || message->payloadlen == 0) {
    socket->OnEnd(message == nullptr ? EPROTO : slots_[id].send_error);
    return false;
  }
  const cmsghdr* const control = io_uring_recvmsg_cmsg_firsthdr(message, &receive_form_);
  const auto* const bytes =
      static_cast<const char*>(io_uring_recvmsg_payload(message, &receive_form_));
  socket->OnBytes({bytes, io_uring_recvmsg_payload_length(message, result, &receive_form_)},
                  clock_.FromStamp(ReceiveClock::StampIn(control)));
  return true;
}

void UringEngine::PutOutBuffers(unsigned until) {
  while (buffers_out_ < until) ReturnBuffer(buffers_out_++);
}

void UringEngine::ReturnBuffer(unsigned index) {
  io_uring_buf_ring_add(buffer_ring_, Buffer(index), kBufferBytes,
                        static_cast<unsigned short>(index), io_uring_buf_ring_mask(kMostBuffers),
                        0);
  io_uring_buf_ring_advance(buffer_ring_, 1);
}

}  // namespace drumline
