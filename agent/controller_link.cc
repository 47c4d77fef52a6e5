#include "agent/controller_link.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/clock.h"
#include "link/credentials.h"

namespace drumline {
namespace {

constexpr int kMaxMessageBytes = 64 * 1024 * 1024;

proto::FromAgent PongTo(const proto::Ping& ping) {
  proto::FromAgent message;
  message.mutable_pong()->set_sequence(ping.sequence());
  message.mutable_pong()->set_agent_now_ns(MonotonicNowNs());
  return message;
}

// Of a controller that never said anything: what its end of the link may be like.
std::string WithHint(const std::string& error, bool tls) {
  if (tls && absl::StrContains(error, "wrong version number")) {
    return absl::StrCat(error, "; was it started without --tls-cert?");
  }
  if (!tls && absl::StrContains(error, "Socket closed")) {
    return absl::StrCat(error, "; does it ask for TLS?");
  }
  return error;
}

}  // namespace

ControllerLink::ControllerLink(Endpoint controller, boost::asio::io_context* loop, Events events)
    : controller_(std::move(controller)), loop_(loop), events_(std::move(events)) {}

ControllerLink::~ControllerLink() { Close(); }

void ControllerLink::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ControllerLink::Send(proto::FromAgent message) {
  absl::MutexLock lock(&mutex_);
  if (!open_ || broken_) return;
  if (queue_.size() >= kMaxQueued) {
    context_->TryCancel();
    return;
  }
  queue_.push_back(std::move(message));
}

void ControllerLink::HangUp() {
  absl::MutexLock lock(&mutex_);
  leaving_ = open_;
}

void ControllerLink::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    // What is queued is written, and the controller answers by ending the stream; one that does
    // not, and one that is still being dialled, is not waited for.
    const auto ended = +[](ControllerLink* link)
                            ABSL_EXCLUSIVE_LOCKS_REQUIRED(link->mutex_) { return !link->open_; };
    mutex_.AwaitWithTimeout(absl::Condition(ended, this), kLongestFlush);
    if (context_ != nullptr) context_->TryCancel();
  }
  if (thread_.joinable()) thread_.join();
}

void ControllerLink::Run() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // The link has a redial of its own: gRPC's, which backs off up to two minutes, must not add to
  // it.
  // What gRPC calls the least backoff is the time that one attempt is given.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  // A controller that is gone without a word is noticed, and dialled again.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Each dial has a channel of its own. One that has failed goes on by itself, but nobody polls it
  // for that except gRPC once in five seconds, which is too seldom for the handshake of TLS: an
  // agent that was there before its controller would never get through.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  absl::Duration pause = kFirstRedial;
  do {
    const absl::Time dialled = absl::Now();
    const auto stub = proto::AgentLink::NewStub(grpc::CreateCustomChannel(
        controller_.address, ChannelCredentialsOf(controller_.tls), arguments));
    const std::string reason = Converse(stub.get());
    boost::asio::post(*loop_, [this, reason] { events_.down(reason); });
    const bool was_up = absl::Now() - dialled > kLastRedial;
    pause = was_up ? kFirstRedial : std::min(2 * pause, kLastRedial);
  } while (WaitBeforeRedial(pause));
}

std::string ControllerLink::Converse(proto::AgentLink::Stub* stub) {
  grpc::ClientContext context;
  uint64_t number;
  {
    absl::MutexLock lock(&mutex_);
    number = ++stream_;
    context_ = &context;
    broken_ = leaving_ = false;
    queue_.clear();
    if (closing_) context.TryCancel();
  }
  const std::unique_ptr<Stream> stream = stub->Attach(&context);
  // The controller sends its metadata at once, so that this tells whether anybody is there.
  stream->WaitForInitialMetadata();
  boost::asio::post(*loop_, [this, number] { OnUp(number); });
  std::thread writer([this, &stream] { WriteQueued(stream.get()); });
  bool heard = false;
  for (proto::ToAgent message; stream->Read(&message); message.Clear()) {
    heard = true;
    if (message.has_ping()) {
      Send(PongTo(message.ping()));
    } else {
      boost::asio::post(*loop_, [this, message] { events_.message(message); });
    }
  }
  {
    absl::MutexLock lock(&mutex_);
    broken_ = true;
    open_ = false;
  }
  writer.join();
  const grpc::Status status = stream->Finish();
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  if (status.ok()) return "the controller closed the stream";
  return heard ? status.error_message()
               : WithHint(status.error_message(), controller_.tls.has_value());
}

void ControllerLink::OnUp(uint64_t stream) {
  {
    absl::MutexLock lock(&mutex_);
    // It may be over already: nobody was there to be dialled, or the loop was busy.
    if (stream != stream_ || broken_ || closing_) return;
    open_ = true;
  }
  events_.up();
}

void ControllerLink::WriteQueued(Stream* stream) {
  for (;;) {
    proto::FromAgent message;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &ControllerLink::HasWork));
      if (broken_) return;
      if (queue_.empty()) break;  // closing or leaving, and all is said
      message = std::move(queue_.front());
      queue_.pop_front();
    }
    if (!stream->Write(message)) return;  // the reader learns of it too
  }
  stream->WritesDone();
  // The controller answers by ending the stream. One that does not is left all the same.
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithTimeout(absl::Condition(&broken_), kLongestFlush)) context_->TryCancel();
}

bool ControllerLink::WaitBeforeRedial(absl::Duration pause) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&closing_), pause);
  return !closing_;
}

}  // namespace drumline
