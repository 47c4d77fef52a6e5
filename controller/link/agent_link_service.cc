#include "controller/link/agent_link_service.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <deque>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "link/credentials.h"
#include "link/protocol_version.h"

namespace drumline {
namespace {

// How long a shutdown waits for agents that do not read, first for their streams and then for their
// connections.
constexpr absl::Duration kLongestFlush = absl::Seconds(1);

}  // namespace

// One agent's stream. gRPC calls it from threads of its own, one call of a kind at a time; it
// deletes itself when gRPC is done with it.
class AgentLinkService::Stream : public grpc::ServerBidiReactor<proto::FromAgent, proto::ToAgent> {
 public:
  Stream(AgentLinkService* service, grpc::CallbackServerContext* context)
      : service_(service), context_(context) {
    // At once: it tells the agent that somebody is there.
    StartSendInitialMetadata();
    proto::ToAgent welcome;
    welcome.mutable_welcome()->set_controller_id(service->controller_id_);
    Send(welcome);
    StartRead(&incoming_);
  }

  void Send(const proto::ToAgent& message) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (closing_) return;
    if (queue_.size() >= kMaxQueued) {
      CutOffLocked();
      return;
    }
    queue_.push_back(message);
    WriteLocked();
  }

  // Writes what is queued, then ends the stream.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    CloseLocked();
  }

  // Ends the stream at once. Whoever is behind it may not be reading any more, so that there is no
  // end to waiting for it.
  void CutOff() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    CutOffLocked();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Close();
      return;
    }
    const size_t bytes = incoming_.ByteSizeLong();
    if (bytes > size_t{kMaxMessageBytes}) {
      Expel(absl::StrCat("it sent a message of ", bytes, " bytes; at most ", kMaxMessageBytes));
      return;
    }
    if (agent_id_.empty()) {
      if (!Join()) return;
    } else if (incoming_.has_join()) {
      Expel("it said Join a second time");
      return;
    } else {
      boost::asio::post(*service_->loop_,
                        [service = service_, agent_id = agent_id_, message = std::move(incoming_),
                         received_ns = service_->now_ns_()] {
                          service->events_.said(agent_id, message, received_ns);
                        });
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!queue_.empty()) queue_.pop_front();
    if (!ok) queue_.clear();
    WriteLocked();
  }

  void OnDone() override {
    if (!agent_id_.empty()) service_->Remove(agent_id_, this);
    delete this;
  }

 private:
  bool Join() {
    if (incoming_.has_refused()) {
      service_->Tell(service_->events_.declined, context_->peer(), incoming_.refused().reason());
      Close();
      return false;
    }
    const std::string refusal =
        incoming_.has_join()
            ? service_->Admit(incoming_.join(), PeerNames(*context_->auth_context()), this)
            : "the first word is Join";
    if (refusal.empty()) {
      agent_id_ = incoming_.join().agent_id();
      return true;
    }
    service_->Tell(service_->events_.refused, context_->peer(), refusal);
    Refuse(refusal);
    return false;
  }

  void Expel(const std::string& reason) {
    if (agent_id_.empty()) {
      service_->Tell(service_->events_.refused, context_->peer(), reason);
    } else {
      service_->Tell(service_->events_.expelled, agent_id_, reason);
    }
    Refuse(reason);
  }

  void Refuse(const std::string& reason) {
    proto::ToAgent message;
    message.mutable_refused()->set_reason(reason);
    Send(message);
    Close();
  }

  void WriteLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_) return;
    if (!queue_.empty()) {
      writing_ = true;
      StartWrite(&queue_.front());
    } else if (closing_) {
      finished_ = true;
      Finish(grpc::Status::OK);
    }
  }

  void CloseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    closing_ = true;
    WriteLocked();
  }

  void CutOffLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // What is being written belongs to gRPC until it says that it is done with it.
    while (queue_.size() > (writing_ ? 1 : 0)) queue_.pop_back();
    if (!finished_) context_->TryCancel();
    CloseLocked();
  }

  AgentLinkService* const service_;
  grpc::CallbackServerContext* const context_;
  std::string agent_id_;
  proto::FromAgent incoming_;
  absl::Mutex mutex_;
  // The front one is being written while writing_.
  std::deque<proto::ToAgent> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

AgentLinkService::AgentLinkService(boost::asio::io_context* loop, Events events,
                                   std::function<int64_t()> now_ns, std::string controller_id)
    : loop_(loop),
      events_(std::move(events)),
      now_ns_(std::move(now_ns)),
      controller_id_(std::move(controller_id)) {}

AgentLinkService::~AgentLinkService() { Shutdown(); }

absl::StatusOr<int> AgentLinkService::Listen(const std::string& address,
                                             const std::optional<TlsFiles>& tls) {
  int port = 0;
  certified_ = tls.has_value();
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxReadBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Agents ask as often; to gRPC that is abuse unless it is told otherwise.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kKeepaliveMs / 2);
  builder.AddListeningPort(address, ServerCredentialsOf(tls), &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", address, " for agents: is the port taken, or the address not local?"));
  }
  return port;
}

grpc::ServerBidiReactor<proto::FromAgent, proto::ToAgent>* AgentLinkService::Attach(
    grpc::CallbackServerContext* context) {
  return new Stream(this, context);
}

void AgentLinkService::Tell(
    const std::function<void(const std::string&, const std::string&)>& event,
    const std::string& who, const std::string& reason) {
  if (event) boost::asio::post(*loop_, [&event, who, reason] { event(who, reason); });
}

std::string AgentLinkService::Admit(const proto::Join& join,
                                    const std::vector<std::string>& peer_names, Stream* stream) {
  if (join.protocol_version() != kProtocolVersion) {
    return absl::StrCat("the agent speaks version ", join.protocol_version(),
                        " of the protocol, the controller version ", kProtocolVersion);
  }
  if (join.agent_id().empty() || join.agent_id().size() > 128) {
    return "an agent's id has 1 to 128 characters";
  }
  if (certified_ && !NamesAgent(peer_names, join.agent_id())) {
    return absl::StrCat("the certificate is for ",
                        peer_names.empty() ? "nobody" : absl::StrJoin(peer_names, ", "),
                        ", not for the agent ", join.agent_id());
  }
  absl::MutexLock lock(&mutex_);
  Entry& entry = streams_[join.agent_id()];
  if (entry.stream != nullptr) {
    if (entry.incarnation != join.incarnation()) {
      return absl::StrCat("the id ", join.agent_id(), " is taken");
    }
    // The same process again: its old stream is dead, we only have not heard of it yet.
    entry.stream->CutOff();
  }
  entry = {stream, join.incarnation()};
  // Under the lock, as in Remove: the loop must hear of comings and goings in their true order.
  boost::asio::post(*loop_, [this, join] { events_.joined(join); });
  return "";
}

void AgentLinkService::Remove(const std::string& agent_id, Stream* stream) {
  absl::MutexLock lock(&mutex_);
  const auto found = streams_.find(agent_id);
  if (found == streams_.end() || found->second.stream != stream) return;
  streams_.erase(found);
  boost::asio::post(*loop_, [this, agent_id] { events_.left(agent_id); });
}

void AgentLinkService::Send(const std::string& agent_id, const proto::ToAgent& message) {
  absl::MutexLock lock(&mutex_);
  const auto found = streams_.find(agent_id);
  if (found != streams_.end()) found->second.stream->Send(message);
}

void AgentLinkService::Shutdown() {
  if (server_ == nullptr) return;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [agent_id, entry] : streams_) entry.stream->Close();
    // gRPC closes a connection as soon as its last stream has ended, whether the other side has
    // read everything or not, unless it was told to shut down when no stream was left: then it asks
    // the other side first.
    const auto ended = +[](AgentLinkService* service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                            service->mutex_) { return service->streams_.empty(); };
    mutex_.AwaitWithTimeout(absl::Condition(ended, this), kLongestFlush);
  }
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoSeconds(kLongestFlush));
  server_->Wait();
  server_.reset();
}

}  // namespace drumline
