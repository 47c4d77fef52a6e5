// FakeController: the controller's end of the agent's stream, played by a test.
//
//     FakeController controller;
//     FakeController::Stream* stream = controller.Accept();
//     proto::FromAgent join = stream->Next();
//     stream->Send(message);
//     stream->Cut();
//
// Next and Accept wait for the agent. Used by the test's thread.
#ifndef TESTS_INTEGRATION_AGENT_FAKE_CONTROLLER_H_
#define TESTS_INTEGRATION_AGENT_FAKE_CONTROLLER_H_

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "proto/agent_link.grpc.pb.h"

namespace drumline {

class FakeController : public proto::AgentLink::Service {
 public:
  class Stream {
   public:
    // The next message, or an empty one if the stream has ended.
    proto::FromAgent Next();
    // Skips messages until one of that kind comes.
    proto::FromAgent Next(proto::FromAgent::MessageCase kind);
    void Send(const proto::ToAgent& message);
    void Cut();

   private:
    friend class FakeController;
    using Wire = grpc::ServerReaderWriter<proto::ToAgent, proto::FromAgent>;

    Stream(grpc::ServerContext* context, Wire* wire) : context_(context), wire_(wire) {}
    void ReadAll();

    absl::Mutex mutex_;
    grpc::ServerContext* context_ ABSL_GUARDED_BY(mutex_);
    Wire* const wire_;
    std::deque<proto::FromAgent> received_ ABSL_GUARDED_BY(mutex_);
    bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  };

  FakeController();
  ~FakeController() override;

  std::string address() const;
  // What the streams that come from now on are welcomed with; not at all if it is empty.
  void CallItself(const std::string& controller_id);
  // The next stream that the agent opens. It lives as long as the controller.
  Stream* Accept();

  grpc::Status Attach(grpc::ServerContext* context,
                      grpc::ServerReaderWriter<proto::ToAgent, proto::FromAgent>* wire) override;

 private:
  int port_ = 0;
  absl::Mutex mutex_;
  std::string controller_id_ ABSL_GUARDED_BY(mutex_) = "here:one";
  std::deque<std::unique_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);
  size_t accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace drumline

#endif  // TESTS_INTEGRATION_AGENT_FAKE_CONTROLLER_H_
