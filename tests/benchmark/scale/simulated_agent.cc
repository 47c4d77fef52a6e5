#include "tests/benchmark/scale/simulated_agent.h"

#include <boost/asio/post.hpp>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "agent/clock.h"
#include "link/protocol_version.h"

namespace drumline::scale {
namespace {

constexpr uint64_t kSeed = 20260711;

std::chrono::steady_clock::time_point SteadyInstant(int64_t monotonic_ns) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(monotonic_ns));
}

}  // namespace

SimulatedAgent::SimulatedAgent(boost::asio::io_context* loop,
                               const std::shared_ptr<grpc::Channel>& channel, Terms terms,
                               Tally* tally)
    : loop_(loop),
      terms_(std::move(terms)),
      tally_(tally),
      stub_(proto::AgentLink::NewStub(channel)),
      timer_(*loop) {}

void SimulatedAgent::Start() {
  // The controller may be started after its agents.
  context_.set_wait_for_ready(true);
  stub_->async()->Attach(&context_, this);
  // Writes come from the loop, outside of this reactor's own calls, until the program ends.
  AddHold();
  StartRead(&incoming_);
  StartCall();
  proto::FromAgent message;
  proto::Join& join = *message.mutable_join();
  join.set_agent_id(terms_.id);
  join.set_protocol_version(kProtocolVersion);
  join.set_host(absl::StrCat("host-", terms_.number));
  join.set_cores(8);
  join.set_kernel("simulated");
  join.set_binary_sha256("simulated");
  join.set_pid(terms_.number);
  join.mutable_facts()->set_host(join.host());
  join.mutable_facts()->set_cores(8);
  Say(std::move(message));
}

void SimulatedAgent::OnReadDone(bool ok) {
  if (!ok) {
    boost::asio::post(*loop_, [this] {
      if (source_ || !finished_) Fail("the controller ended the stream");
    });
    return;
  }
  boost::asio::post(
      *loop_, [this, message = incoming_, read_ns = MonotonicNowNs()] { Hear(message, read_ns); });
  incoming_.Clear();
  StartRead(&incoming_);
}

void SimulatedAgent::OnWriteDone(bool ok) {
  boost::asio::post(*loop_, [this, ok] {
    writing_ = false;
    if (!queue_.empty()) queue_.pop_front();
    if (ok) Write();
  });
}

void SimulatedAgent::Say(proto::FromAgent message) {
  queue_.push_back(std::move(message));
  Write();
}

void SimulatedAgent::Write() {
  if (writing_ || queue_.empty()) return;
  writing_ = true;
  // From here on it is on its way, not from when it had to wait for those before it.
  const proto::FromAgent& next = queue_.front();
  if (next.has_interval()) on_the_way_.emplace_back(next.interval().number(), MonotonicNowNs());
  StartWrite(&queue_.front());
}

void SimulatedAgent::Hear(const proto::ToAgent& message, int64_t read_ns) {
  switch (message.message_case()) {
    case proto::ToAgent::kPing: {
      proto::FromAgent pong;
      pong.mutable_pong()->set_sequence(message.ping().sequence());
      pong.mutable_pong()->set_agent_now_ns(MonotonicNowNs());
      Say(std::move(pong));
      return;
    }
    case proto::ToAgent::kProbe: {
      proto::FromAgent probed;
      probed.mutable_probed();
      Say(std::move(probed));
      return;
    }
    case proto::ToAgent::kArm:
      Arm(message.arm().slice());
      return;
    case proto::ToAgent::kStart:
      if (!begun_) Begin(message.start().start_agent_ns());
      return;
    case proto::ToAgent::kAck:
      Acknowledged(message.ack().number(), read_ns);
      return;
    case proto::ToAgent::kStop:
      stopped_ = true;
      return;
    case proto::ToAgent::kRefused:
      Fail(absl::StrCat("refused: ", message.refused().reason()));
      return;
    default:
      return;
  }
}

void SimulatedAgent::Arm(const proto::Slice& slice) {
  if (source_) return;
  const absl::StatusOr<uint64_t> requests = RequestsEachSecond(slice);
  if (!requests.ok()) {
    Fail(std::string(requests.status().message()));
    return;
  }
  const auto [books, news] = tally_->books.try_emplace(*requests);
  if (news) books->second = DrawBooks(*requests, kSeed);
  run_id_ = slice.run_id();
  source_.emplace(slice, terms_.id, &books->second, terms_.number);
  proto::FromAgent message;
  message.mutable_armed()->set_run_id(run_id_);
  message.mutable_armed()->set_connections_open(slice.load().connections());
  message.mutable_armed()->set_engine("epoll");
  Say(std::move(message));
  ++tally_->armed;
}

void SimulatedAgent::Begin(int64_t start_ns) {
  begun_ = true;
  start_ns_ = start_ns;
  Wait();
}

// Until the next interval is over. In a hurry the first one waits for the start, and each other one
// for the acknowledgement of that before it.
void SimulatedAgent::Wait() {
  timer_.expires_at(SteadyInstant(start_ns_ + (terms_.hurry ? 0 : source_->next_ends_ns())));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Report();
  });
}

void SimulatedAgent::Report() {
  proto::FromAgent message;
  *message.mutable_interval() = source_->Next(stopped_);
  newest_ = message.interval().number();
  tally_->bytes += message.interval().ByteSizeLong();
  ++tally_->sent;
  Say(std::move(message));
  if (source_->done()) {
    Finish();
  } else if (!terms_.hurry) {
    Wait();
  }
}

void SimulatedAgent::Acknowledged(uint64_t number, int64_t read_ns) {
  while (!on_the_way_.empty() && on_the_way_.front().first <= number) {
    tally_->to_acknowledged.Record(read_ns - on_the_way_.front().second);
    ++tally_->acknowledged;
    on_the_way_.pop_front();
  }
  if (finished_ && on_the_way_.empty() && number == newest_) {
    tally_->measured += source_->measured();
    ++tally_->done;
    source_.reset();
  } else if (terms_.hurry && !finished_) {
    Report();
  }
}

void SimulatedAgent::Finish() {
  finished_ = true;
  proto::FromAgent message;
  message.mutable_finished()->set_run_id(run_id_);
  message.mutable_finished()->set_intervals(newest_);
  message.mutable_finished()->set_started_agent_ns(start_ns_);
  Say(std::move(message));
}

void SimulatedAgent::Fail(const std::string& how) {
  if (tally_->fault.empty()) tally_->fault = absl::StrCat(terms_.id, ": ", how);
  loop_->stop();
}

}  // namespace drumline::scale
