// ControllerLink: the agent's stream to the controller, dialled again whenever it breaks.
//
//     ControllerLink link({"127.0.0.1:7070", tls_files}, &loop, {.up = …, .message = …, …});
//     link.Start();
//     link.Send(message);      // dropped while the link is down: say it again when it is up
//     link.HangUp();           // ends this stream and dials again
//     link.Close();            // what was sent is flushed first
//
// Events are called from the loop. Pings are answered here, at once, on the thread that reads them:
// a turn of the loop would only blur the clock's offset. Start, Send, HangUp and Close belong to
// the loop's thread.
#ifndef AGENT_CONTROLLER_LINK_H_
#define AGENT_CONTROLLER_LINK_H_

#include <grpcpp/grpcpp.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "link/tls_files.h"
#include "proto/agent_link.grpc.pb.h"

namespace drumline {

class ControllerLink {
 public:
  // Messages that wait for the network; beyond it the stream is given up.
  static constexpr size_t kMaxQueued = 10'000;
  // Between two attempts to dial: doubled from the first to the last.
  static inline const absl::Duration kFirstRedial = absl::Milliseconds(50);
  static inline const absl::Duration kLastRedial = absl::Seconds(1);
  // How long Close and HangUp wait for what is queued.
  static inline const absl::Duration kLongestFlush = absl::Seconds(2);

  struct Endpoint {
    std::string address;  // HOST:PORT
    // Without them the link is plain text.
    std::optional<TlsFiles> tls = std::nullopt;
  };

  struct Events {
    // A stream is open: nothing was said on it yet.
    std::function<void()> up;
    std::function<void(proto::ToAgent)> message;
    std::function<void(std::string reason)> down;
  };

  ControllerLink(Endpoint controller, boost::asio::io_context* loop, Events events);
  ~ControllerLink();

  void Start();
  void Send(proto::FromAgent message);
  void HangUp();
  void Close();

 private:
  using Stream = grpc::ClientReaderWriter<proto::FromAgent, proto::ToAgent>;

  void Run();
  // One stream, from its opening to its end.
  std::string Converse(proto::AgentLink::Stub* stub);
  void OnUp(uint64_t stream);
  void WriteQueued(Stream* stream);
  bool WaitBeforeRedial(absl::Duration pause);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closing_ || leaving_ || broken_ || !queue_.empty();
  }

  const Endpoint controller_;
  boost::asio::io_context* const loop_;
  const Events events_;
  std::thread thread_;

  absl::Mutex mutex_;
  std::deque<proto::FromAgent> queue_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // Counts the streams, so that news of an earlier one are known for what they are.
  uint64_t stream_ ABSL_GUARDED_BY(mutex_) = 0;
  // Set on the loop's thread when it learns of the stream, so that what up says is said first.
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  // This stream is to end when what is queued was said.
  bool leaving_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace drumline

#endif  // AGENT_CONTROLLER_LINK_H_
