#include "tests/integration/agent/fake_controller.h"

#include <chrono>
#include <utility>

namespace drumline {

proto::FromAgent FakeController::Stream::Next() {
  absl::MutexLock lock(&mutex_);
  const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ended_ || !received_.empty();
  };
  mutex_.Await(absl::Condition(&any));
  if (received_.empty()) return {};
  proto::FromAgent message = std::move(received_.front());
  received_.pop_front();
  return message;
}

proto::FromAgent FakeController::Stream::Next(proto::FromAgent::MessageCase kind) {
  for (;;) {
    proto::FromAgent message = Next();
    const auto found = message.message_case();
    if (found == kind || found == proto::FromAgent::MESSAGE_NOT_SET) return message;
  }
}

void FakeController::Stream::Send(const proto::ToAgent& message) { wire_->Write(message); }

void FakeController::Stream::Cut() {
  absl::MutexLock lock(&mutex_);
  if (!ended_) context_->TryCancel();
}

void FakeController::Stream::ReadAll() {
  for (proto::FromAgent message; wire_->Read(&message); message.Clear()) {
    absl::MutexLock lock(&mutex_);
    received_.push_back(message);
  }
  absl::MutexLock lock(&mutex_);
  ended_ = true;
}

FakeController::FakeController() {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

FakeController::~FakeController() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string FakeController::address() const { return "127.0.0.1:" + std::to_string(port_); }

void FakeController::CallItself(const std::string& controller_id) {
  absl::MutexLock lock(&mutex_);
  controller_id_ = controller_id;
}

FakeController::Stream* FakeController::Accept() {
  absl::MutexLock lock(&mutex_);
  const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return streams_.size() > accepted_;
  };
  mutex_.Await(absl::Condition(&any));
  return streams_[accepted_++].get();
}

grpc::Status FakeController::Attach(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<proto::ToAgent, proto::FromAgent>* wire) {
  wire->SendInitialMetadata();
  Stream* stream = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    proto::ToAgent welcome;
    welcome.mutable_welcome()->set_controller_id(controller_id_);
    if (!controller_id_.empty()) wire->Write(welcome);
    streams_.push_back(std::unique_ptr<Stream>(new Stream(context, wire)));
    stream = streams_.back().get();
  }
  stream->ReadAll();
  return grpc::Status::OK;
}

}  // namespace drumline
