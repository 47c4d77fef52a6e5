// An agent that lies: it speaks the protocol as a real one does, one request a second, each
// answered in a millisecond, and tells one lie, in its second interval. Nothing is sent to any
// target.
//
//     liar HOST:PORT ID LIE
//
// LIE is `none`, or what is wrong: `number`, `overlap`, `counts`, `run`, `size`, `fewer`.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "core/book.h"
#include "core/book_codec.h"
#include "link/protocol_version.h"
#include "proto/agent_link.grpc.pb.h"

namespace drumline {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
// More than a controller reads at once.
constexpr size_t kTooLarge = size_t{80} * 1024 * 1024;

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class Liar {
 public:
  Liar(const std::string& address, std::string id, std::string lie)
      : id_(std::move(id)),
        lie_(std::move(lie)),
        stub_(proto::AgentLink::NewStub(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials()))),
        stream_(stub_->Attach(&context_)) {}

  // Until the controller ends the stream.
  void Speak() {
    for (proto::ToAgent message; stream_->Read(&message);) {
      proto::FromAgent answer;
      if (message.has_welcome()) {
        answer.mutable_join()->set_agent_id(id_);
        answer.mutable_join()->set_protocol_version(kProtocolVersion);
      } else if (message.has_ping()) {
        answer.mutable_pong()->set_sequence(message.ping().sequence());
        answer.mutable_pong()->set_agent_now_ns(NowNs());
      } else if (message.has_arm()) {
        slice_ = message.arm().slice();
        answer.mutable_armed()->set_run_id(slice_.run_id());
      } else if (message.has_start()) {
        Run(message.start().start_agent_ns());
        continue;
      } else {
        continue;
      }
      stream_->Write(answer);
    }
    stream_->Finish();
  }

 private:
  void Run(int64_t start_ns) {
    const int64_t seconds = slice_.load().measure_ns() / kSecondNs;
    for (int64_t second = 1; second <= seconds; ++second) {
      std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
          std::chrono::nanoseconds(start_ns + second * kSecondNs)));
      Report(second, /*last=*/false);
    }
    Report(seconds + 1, /*last=*/true);
    proto::FromAgent message;
    message.mutable_finished()->set_run_id(slice_.run_id());
    message.mutable_finished()->set_intervals(static_cast<uint64_t>(seconds) + 1);
    message.mutable_finished()->set_started_agent_ns(start_ns);
    stream_->Write(message);
  }

  void Report(int64_t number, bool last) {
    Book book;
    const bool idle = last || (lie_ == "fewer" && number == 2);
    if (!idle) {
      book.Due();
      book.Sent(1'000, 2'000);
      book.Answered(Outcome::kOk, kSecondNs / 1000, kSecondNs / 1000 - 2'000);
    }
    proto::FromAgent message;
    proto::Interval& interval = *message.mutable_interval();
    interval.set_run_id(slice_.run_id());
    interval.set_agent_id(id_);
    interval.set_number(static_cast<uint64_t>(number));
    interval.set_begin_ns((number - 1) * kSecondNs);
    interval.set_end_ns((last ? number - 1 : number) * kSecondNs);
    interval.set_phase(last ? proto::PHASE_DRAIN : proto::PHASE_MEASURE);
    interval.set_last(last);
    BookCodec::Encode({}, interval.mutable_warmup());
    BookCodec::Encode(book, interval.mutable_measure());
    if (number == 2) Lie(&interval);
    stream_->Write(message);
  }

  void Lie(proto::Interval* interval) const {
    if (lie_ == "number") interval->set_number(3);
    if (lie_ == "overlap") interval->set_begin_ns(interval->begin_ns() / 2);
    if (lie_ == "counts") interval->mutable_measure()->set_ok(2);
    if (lie_ == "run") interval->set_run_id("001-of-another-campaign");
    if (lie_ == "size") interval->set_run_id(std::string(kTooLarge, 'x'));
  }

  const std::string id_;
  const std::string lie_;
  grpc::ClientContext context_;
  std::unique_ptr<proto::AgentLink::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<proto::FromAgent, proto::ToAgent>> stream_;
  proto::Slice slice_;
};

}  // namespace
}  // namespace drumline

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: liar HOST:PORT ID LIE\n");
    return 2;
  }
  drumline::Liar(argv[1], argv[2], argv[3]).Speak();
  return 0;
}
