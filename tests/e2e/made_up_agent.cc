// An agent that is made up: it speaks the protocol as a real one does and tells of requests that
// were each answered in a millisecond. Nothing is sent to any target.
//
//     made_up_agent HOST:PORT ID STORY
//
// STORY is `none`, or
//
//   a lie, in its second interval       number, overlap, counts, run, size, fewer
//   a trouble, which a real agent       busy, behind, late, steal, throttled, hiccups, skewed,
//   would tell of in the same words     drift
//
// Lies are told once a second, as a real agent speaks; of a trouble, all is told when the run
// starts.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "core/book.h"
#include "core/book_codec.h"
#include "core/histogram.h"
#include "core/histogram_codec.h"
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

// How a trouble looks. Each is far beyond the bound that a test sets.
constexpr double kBusyShare = 0.97;
constexpr int64_t kLateNs = 20'000'000;
constexpr int64_t kStolenNs = kSecondNs / 2;
constexpr int64_t kThrottledNs = kSecondNs / 4;
constexpr int64_t kHiccupNs = 30'000'000;
constexpr int64_t kSkewNs = 400'000'000;

class MadeUpAgent {
 public:
  MadeUpAgent(const std::string& address, std::string id, std::string story)
      : id_(std::move(id)),
        story_(std::move(story)),
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
        answer.mutable_join()->set_cores(1);
      } else if (message.has_ping()) {
        answer.mutable_pong()->set_sequence(message.ping().sequence());
        answer.mutable_pong()->set_agent_now_ns(NowNs());
      } else if (message.has_probe()) {
        answer.mutable_probed();
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
  bool Is(const char* story) const { return story_ == story; }

  bool IsTrouble() const {
    for (const char* trouble :
         {"busy", "behind", "late", "steal", "throttled", "hiccups", "skewed", "drift"}) {
      if (Is(trouble)) return true;
    }
    return false;
  }

  void Run(int64_t start_ns) {
    const int64_t seconds = slice_.load().measure_ns() / kSecondNs;
    for (int64_t second = 1; second <= seconds; ++second) {
      if (!IsTrouble()) {
        std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
            std::chrono::nanoseconds(start_ns + second * kSecondNs)));
      }
      Report(second, /*last=*/false);
    }
    Report(seconds + 1, /*last=*/true);
    proto::FromAgent message;
    message.mutable_finished()->set_run_id(slice_.run_id());
    message.mutable_finished()->set_intervals(static_cast<uint64_t>(seconds) + 1);
    message.mutable_finished()->set_started_agent_ns(start_ns + (Is("skewed") ? kSkewNs : 0));
    stream_->Write(message);
  }

  // The same number of beats each second; who fell behind turns to a second's only after the
  // window.
  Book BookOf(int64_t second, bool last) const {
    const int64_t seconds = slice_.load().measure_ns() / kSecondNs;
    const auto each = static_cast<int64_t>(slice_.load().beats()) / seconds;
    const bool moved = Is("behind") && second == seconds;
    const bool idle = last ? !Is("behind") : moved || (Is("fewer") && second == 2);
    const int64_t lag_ns = Is("late") ? kLateNs : 2'000;
    const int64_t service_ns = kSecondNs / 1000 * (Is("drift") ? second : 1);
    Book book;
    for (int64_t beat = 0; beat < (idle ? 0 : each); ++beat) {
      book.Due();
      book.Sent(lag_ns, lag_ns);
      book.Answered(Outcome::kOk, lag_ns + service_ns, service_ns);
    }
    return book;
  }

  void Report(int64_t number, bool last) {
    proto::FromAgent message;
    proto::Interval& interval = *message.mutable_interval();
    interval.set_run_id(slice_.run_id());
    interval.set_agent_id(id_);
    interval.set_number(static_cast<uint64_t>(number));
    interval.set_begin_ns((number - 1) * kSecondNs);
    interval.set_end_ns((last ? number - 1 : number) * kSecondNs);
    interval.set_phase(last ? proto::PHASE_DRAIN : proto::PHASE_MEASURE);
    interval.set_last(last);
    interval.add_worker_busy(Is("busy") ? kBusyShare : 0);
    BookCodec::Encode({}, interval.mutable_warmup());
    BookCodec::Encode(BookOf(number, last), interval.mutable_measure());
    if (number == 2) Lie(&interval);
    if (!last) TellOfThePlatform(&interval);
    stream_->Write(message);
  }

  void TellOfThePlatform(proto::Interval* interval) const {
    if (Is("steal")) interval->set_host_steal_ns(kStolenNs);
    if (Is("throttled")) interval->set_throttled_ns(kThrottledNs);
    if (!Is("hiccups")) return;
    Histogram hiccups;
    for (int i = 0; i < 1000; ++i) hiccups.Record(i < 500 ? 1'000 : kHiccupNs);
    EncodeHistogram(hiccups, interval->mutable_hiccups());
  }

  void Lie(proto::Interval* interval) const {
    if (Is("number")) interval->set_number(3);
    if (Is("overlap")) interval->set_begin_ns(interval->begin_ns() / 2);
    if (Is("counts")) interval->mutable_measure()->set_ok(2);
    if (Is("run")) interval->set_run_id("001-of-another-campaign");
    if (Is("size")) interval->set_run_id(std::string(kTooLarge, 'x'));
  }

  const std::string id_;
  const std::string story_;
  grpc::ClientContext context_;
  std::unique_ptr<proto::AgentLink::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<proto::FromAgent, proto::ToAgent>> stream_;
  proto::Slice slice_;
};

}  // namespace
}  // namespace drumline

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: made_up_agent HOST:PORT ID STORY\n");
    return 2;
  }
  drumline::MadeUpAgent(argv[1], argv[2], argv[3]).Speak();
  return 0;
}
