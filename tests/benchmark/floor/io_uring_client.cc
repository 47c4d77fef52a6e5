// The client on io_uring: a multishot receive on each connection, buffers that the kernel picks
// from a ring, and sends that say nothing where they succeed. All sends of a turn and the wait are
// one system call. Needs Linux 6.1.
#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>

#include "tests/benchmark/floor/sockets.h"
#include "tests/benchmark/floor/traffic.h"

namespace drumline::floor {
namespace {

constexpr unsigned kSubmissions = 4096;
constexpr unsigned kBufferBytes = 4096;  // More than a usual response.
constexpr unsigned kMinBuffers = 64;
constexpr unsigned kMaxBuffers = 32768;
constexpr int kBufferGroup = 0;
// What a completion's tag is about, in its upper half; the lower half is the connection.
constexpr uint64_t kReceive = uint64_t{1} << 32;
constexpr uint64_t kSend = uint64_t{2} << 32;
constexpr uint64_t kDeadline = uint64_t{3} << 32;
constexpr uint64_t kIndexMask = kReceive - 1;

void CheckRing(int result, const std::string& what) {
  if (result >= 0) return;
  Die(what + ": " + strerror(-result) +
      ". io_uring needs Linux 6.1 or later and the sysctl kernel.io_uring_disabled at 0.");
}

class IoUringClient {
 public:
  IoUringClient(const Plan& plan, const std::vector<int>& sockets, Traffic& traffic)
      : plan_(plan), sockets_(sockets), traffic_(traffic) {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
    parameters.cq_entries = 4 * kSubmissions;
    CheckRing(io_uring_queue_init_params(kSubmissions, &ring_, &parameters), "io_uring_setup");
    CheckRing(io_uring_register_ring_fd(&ring_), "registering the ring");
    CheckRing(io_uring_register_files(&ring_, sockets.data(), sockets.size()),
              "registering the connections");
    ProvideBuffers();
    for (size_t i = 0; i < sockets.size(); ++i) Receive(static_cast<int>(i));
    CheckRing(io_uring_submit(&ring_), "io_uring_enter");
  }
  IoUringClient(const IoUringClient&) = delete;
  IoUringClient& operator=(const IoUringClient&) = delete;
  ~IoUringClient() {
    io_uring_queue_exit(&ring_);
    munmap(buffer_ring_, BufferRingBytes());
  }

  int64_t Run() {
    int64_t now = NowNs();
    traffic_.Start(now);
    if (plan_.closed) SetDeadline();
    while (!traffic_.Over(now)) {
      QueueDue(now);
      SubmitAndWait();
      TakeCompletions();
      now = NowNs();
    }
    return now;
  }

 private:
  io_uring_sqe* NextSubmission() {
    io_uring_sqe* submission = io_uring_get_sqe(&ring_);
    if (submission != nullptr) return submission;
    StampSends();
    CheckRing(io_uring_submit(&ring_), "io_uring_enter");
    return io_uring_get_sqe(&ring_);
  }

  size_t BufferRingBytes() const { return buffer_count_ * sizeof(io_uring_buf); }

  void ProvideBuffers() {
    buffer_count_ = std::clamp(std::bit_ceil(static_cast<unsigned>(2 * sockets_.size())),
                               kMinBuffers, kMaxBuffers);
    void* memory = mmap(nullptr, BufferRingBytes(), PROT_READ | PROT_WRITE,
                        MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (memory == MAP_FAILED) DieOfErrno("mmap");
    buffer_ring_ = static_cast<io_uring_buf_ring*>(memory);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<uint64_t>(memory);
    registration.ring_entries = buffer_count_;
    registration.bgid = kBufferGroup;
    CheckRing(io_uring_register_buf_ring(&ring_, &registration, 0), "registering buffers");
    buffers_.resize(size_t{buffer_count_} * kBufferBytes);
    for (unsigned i = 0; i < buffer_count_; ++i) GiveBack(i);
    Publish();
  }

  char* Buffer(unsigned id) { return buffers_.data() + size_t{id} * kBufferBytes; }

  // The kernel may use the buffer again from the next Publish on.
  void GiveBack(unsigned id) {
    io_uring_buf_ring_add(buffer_ring_, Buffer(id), kBufferBytes, static_cast<uint16_t>(id),
                          io_uring_buf_ring_mask(buffer_count_), given_back_++);
  }

  void Publish() {
    io_uring_buf_ring_advance(buffer_ring_, given_back_);
    given_back_ = 0;
  }

  void Receive(int index) {
    io_uring_sqe* submission = NextSubmission();
    io_uring_prep_recv_multishot(submission, index, nullptr, 0, 0);
    submission->flags |= IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    submission->buf_group = kBufferGroup;
    submission->user_data = kReceive | static_cast<uint64_t>(index);
  }

  // Ends the wait of a closed loop whose answers fail to come.
  void SetDeadline() {
    deadline_ = {.tv_sec = traffic_.WakeNs() / kNsPerSecond,
                 .tv_nsec = traffic_.WakeNs() % kNsPerSecond};
    io_uring_sqe* submission = NextSubmission();
    io_uring_prep_timeout(submission, &deadline_, 0, IORING_TIMEOUT_ABS);
    submission->user_data = kDeadline;
  }

  void QueueDue(int64_t now) {
    while (const std::optional<int> index = traffic_.TakeDue(now)) {
      io_uring_sqe* submission = NextSubmission();
      io_uring_prep_send(submission, *index, plan_.request.data(), plan_.request.size(),
                         MSG_NOSIGNAL | MSG_WAITALL);
      submission->flags |= IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
      submission->user_data = kSend | static_cast<uint64_t>(*index);
      queued_.push_back(*index);
    }
  }

  // What is queued is about to be sent.
  void StampSends() {
    const int64_t now = traffic_.SendIsTimed() && !queued_.empty() ? NowNs() : 0;
    for (int index : queued_) traffic_.Sent(index, now);
    queued_.clear();
  }

  void SubmitAndWait() {
    StampSends();
    int result = 0;
    if (plan_.closed) {
      result = io_uring_submit_and_wait(&ring_, 1);
    } else if (plan_.pacing == Pacing::kSpin) {
      result = io_uring_submit_and_get_events(&ring_);
    } else {
      const int64_t left = std::max<int64_t>(traffic_.WakeNs() - NowNs(), 0);
      __kernel_timespec timeout = {.tv_sec = left / kNsPerSecond, .tv_nsec = left % kNsPerSecond};
      io_uring_cqe* first = nullptr;
      result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
    }
    if (result != -ETIME && result != -EINTR) CheckRing(result, "io_uring_enter");
  }

  void TakeCompletions() {
    io_uring_cqe* completion = nullptr;
    unsigned head = 0;
    unsigned count = 0;
    io_uring_for_each_cqe(&ring_, head, completion) {
      ++count;
      Take(*completion);
    }
    io_uring_cq_advance(&ring_, count);
    Publish();
  }

  void Take(const io_uring_cqe& completion) {
    const uint64_t tag = completion.user_data;
    const int index = static_cast<int>(tag & kIndexMask);
    if ((tag & ~kIndexMask) == kDeadline) return;
    if ((tag & ~kIndexMask) == kSend) {
      Die(std::string("sending a request: ") + strerror(std::max(-completion.res, 0)));
    }
    if (completion.res > 0) {
      const unsigned buffer = completion.flags >> IORING_CQE_BUFFER_SHIFT;
      const bool complete =
          traffic_.Received(index, {Buffer(buffer), static_cast<size_t>(completion.res)});
      GiveBack(buffer);
      if (complete) traffic_.Answered(index, traffic_.AnswerIsTimed() ? NowNs() : 0);
    } else if (completion.res == 0) {
      Die("the target closed a connection");
    } else if (completion.res != -ENOBUFS) {
      Die(std::string("reading a response: ") + strerror(-completion.res));
    }
    // The kernel ends a multishot receive when it likes, and for want of buffers.
    if ((completion.flags & IORING_CQE_F_MORE) == 0) Receive(index);
  }

  const Plan& plan_;
  const std::vector<int>& sockets_;
  Traffic& traffic_;
  io_uring ring_{};
  io_uring_buf_ring* buffer_ring_ = nullptr;
  unsigned buffer_count_ = 0;
  int given_back_ = 0;
  std::vector<char> buffers_;
  std::vector<int> queued_;
  __kernel_timespec deadline_{};
};

}  // namespace

int64_t RunIoUring(const Plan& plan, const std::vector<int>& sockets, Traffic& traffic) {
  return std::make_unique<IoUringClient>(plan, sockets, traffic)->Run();
}

}  // namespace drumline::floor
