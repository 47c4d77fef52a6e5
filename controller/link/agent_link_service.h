// AgentLinkService: the agents' streams, as the controller's loop sees them.
//
//     AgentLinkService service(&loop, {.joined = …, .said = …, .left = …}, now_ns, "host:bundle");
//     absl::StatusOr<int> port = service.Listen("127.0.0.1:0", /*tls=*/std::nullopt);
//     service.Send("agent-1", message);
//     service.Shutdown();
//
// Each stream begins with a Welcome. The agent's first message must be a Join in this protocol's
// version, with an id that no other live stream has; with TLS, its certificate must bear the id. An
// agent that has another controller may refuse this one instead. Anything else is refused and the
// stream ended. Events are called from the loop, in the order in which an agent spoke. This layer
// is thin on purpose: gRPC's threads do nothing here but queue and post.
//
// Listen, Send and Shutdown belong to the loop's thread.
#ifndef CONTROLLER_LINK_AGENT_LINK_SERVICE_H_
#define CONTROLLER_LINK_AGENT_LINK_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "link/tls_files.h"
#include "proto/agent_link.grpc.pb.h"

namespace drumline {

class AgentLinkService : public proto::AgentLink::CallbackService {
 public:
  // Of what an agent says. Longer messages are read so far as to be refused by name; gRPC ends the
  // stream at what is twice as long, and does not say why.
  static constexpr int kMaxMessageBytes = 64 * 1024 * 1024;
  static constexpr int kMaxReadBytes = 2 * kMaxMessageBytes;
  // Messages that wait for an agent to read them; one that lets more pile up is cut off.
  static constexpr size_t kMaxQueued = 1000;

  struct Events {
    // An agent is there: for the first time, or again.
    std::function<void(const proto::Join&)> joined;
    // Anything but a Join. [received_ns] was read when the message was.
    std::function<void(const std::string& agent_id, const proto::FromAgent&, int64_t received_ns)>
        said;
    std::function<void(const std::string& agent_id)> left;
    // Somebody who wanted to join, at [peer] ("ipv4:10.0.0.7:41234"), may not. May be empty.
    std::function<void(const std::string& peer, const std::string& reason)> refused = {};
    // An agent does not want to join. May be empty.
    std::function<void(const std::string& peer, const std::string& reason)> declined = {};
    // An agent's stream is ended for what it said on it; `left` follows. May be empty.
    std::function<void(const std::string& agent_id, const std::string& reason)> expelled = {};
  };

  // [now_ns] is the monotonic clock; it is called on gRPC's threads. [controller_id] is what agents
  // know this controller by.
  AgentLinkService(boost::asio::io_context* loop, Events events, std::function<int64_t()> now_ns,
                   std::string controller_id);
  ~AgentLinkService() override;

  // HOST:PORT; port 0 picks one. Returns the port. Unavailable if it cannot be had. Without [tls]
  // the link is plain text.
  absl::StatusOr<int> Listen(const std::string& address,
                             const std::optional<TlsFiles>& tls = std::nullopt);
  // Nothing happens if the agent's stream is gone: `left` has been or will be called.
  void Send(const std::string& agent_id, const proto::ToAgent& message);
  // Ends all streams, after what is queued was written.
  void Shutdown();

  grpc::ServerBidiReactor<proto::FromAgent, proto::ToAgent>* Attach(
      grpc::CallbackServerContext* context) override;

 private:
  class Stream;

  // Empty if the agent may join; otherwise why not. Replaces an older stream of the same process.
  std::string Admit(const proto::Join& join, const std::vector<std::string>& peer_names,
                    Stream* stream);
  void Tell(const std::function<void(const std::string&, const std::string&)>& event,
            const std::string& who, const std::string& reason);
  void Remove(const std::string& agent_id, Stream* stream);

  boost::asio::io_context* const loop_;
  const Events events_;
  const std::function<int64_t()> now_ns_;
  const std::string controller_id_;
  std::unique_ptr<grpc::Server> server_;
  // Agents have certificates. Set before the first stream.
  bool certified_ = false;

  struct Entry {
    Stream* stream = nullptr;
    uint64_t incarnation = 0;
  };
  absl::Mutex mutex_;
  std::map<std::string, Entry> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace drumline

#endif  // CONTROLLER_LINK_AGENT_LINK_SERVICE_H_
