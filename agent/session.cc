#include "agent/session.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/clock.h"
#include "agent/round_trips.h"
#include "link/protocol_version.h"

namespace drumline {

Session::Session(Options options, proto::Join self, boost::asio::io_context* loop)
    : options_(std::move(options)),
      self_(std::move(self)),
      loop_(loop),
      link_(options_.controller, loop,
            {.up = [this] { OnUp(); },
             .message = [this](const proto::ToAgent& message) { OnMessage(message); },
             .down = [this](const std::string& reason) { OnDown(reason); }}),
      lease_timer_(*loop),
      welcome_timer_(*loop) {
  self_.set_protocol_version(kProtocolVersion);
  *self_.mutable_limits() = ToProto(options_.limits);
}

void Session::Log(const std::string& line) const {
  std::fprintf(stderr, "agent %s: %s\n", self_.agent_id().c_str(), line.c_str());
}

void Session::Start() {
  link_.Start();
  WatchLease();
}

void Session::Shutdown() {
  if (shutting_down_) return;
  shutting_down_ = true;
  Log("stopping");
  if (run_ != nullptr && !run_->finished()) {
    run_->Stop(0, "the agent was told to stop");
  } else {
    lease_timer_.cancel();
    welcome_timer_.cancel();
    link_.Close();
    loop_->stop();
  }
}

// The controller speaks first.
void Session::OnUp() {
  welcomed_ = false;
  welcome_timer_.expires_after(std::chrono::nanoseconds(options_.welcome_within_ns));
  welcome_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !welcomed_) OnNoWelcome();
  });
}

// What is connected may be no controller, or one that hangs. Said once until one is met.
void Session::OnNoWelcome() {
  if (!std::exchange(silence_told_, true)) {
    Log(absl::StrCat("the controller at ", options_.controller.address,
                     " has not said who it is within ", options_.welcome_within_ns / 1'000'000,
                     " ms; dialling again"));
  }
  link_.HangUp();
}

void Session::OnWelcome(const std::string& controller_id) {
  welcome_timer_.cancel();
  silence_told_ = false;
  const bool busy = run_ != nullptr && run_->begun() && !run_->finished();
  proto::FromAgent message;
  if (busy && controller_id != owner_) {
    if (std::exchange(last_refused_, controller_id) != controller_id) {
      Log(absl::StrCat("refused the controller ", controller_id, ": run ", run_->run_id(), " of ",
                       owner_, " lasts"));
    }
    message.mutable_refused()->set_reason(absl::StrCat("the agent ", self_.agent_id(),
                                                       " has another controller, ", owner_,
                                                       ", while run ", run_->run_id(), " lasts"));
    link_.Send(std::move(message));
    link_.HangUp();
    return;
  }
  if (controller_id != controller_id_) Log(absl::StrCat("joins the controller ", controller_id));
  controller_id_ = controller_id;
  last_refused_.clear();
  welcomed_ = true;
  *message.mutable_join() = self_;
  const bool offers = run_ != nullptr && IsWithItsController();
  if (offers) message.mutable_join()->set_run_id(run_->run_id());
  link_.Send(std::move(message));
  if (!offers) return;
  run_->collector()->Rewind();
  finished_sent_ = false;
  OnProgress();
}

void Session::OnDown(const std::string& reason) {
  welcomed_ = false;
  welcome_timer_.cancel();
  // Once for each kind of trouble: an agent that waits for its controller says so once.
  if (reason != last_trouble_ && !shutting_down_) {
    Log(absl::StrCat("no controller at ", options_.controller.address, " (", reason,
                     "); dialling again"));
  }
  last_trouble_ = reason;
}

void Session::OnMessage(const proto::ToAgent& message) {
  last_trouble_.clear();
  if (message.has_welcome()) {
    OnWelcome(message.welcome().controller_id());
  } else if (message.has_refused()) {
    Log(absl::StrCat("refused by the controller: ", message.refused().reason()));
  } else if (welcomed_) {
    Obey(message);
  }
}

void Session::Obey(const proto::ToAgent& message) {
  switch (message.message_case()) {
    case proto::ToAgent::kArm:
      Arm(message.arm().slice());
      return;
    case proto::ToAgent::kStart:
      Begin(message.start());
      return;
    case proto::ToAgent::kLease:
      if (IsCurrent(message.lease().run_id())) {
        TakeLease(message.lease());
      }
      return;
    case proto::ToAgent::kAdopt:
      Adopt(message.adopt());
      return;
    case proto::ToAgent::kAck:
      if (IsCurrent(message.ack().run_id())) run_->collector()->Acknowledge(message.ack().number());
      return;
    case proto::ToAgent::kStop:
      if (IsCurrent(message.stop().run_id())) {
        run_->Stop(std::clamp<int64_t>(message.stop().drain_ns(), 0, kLongestDrainNs),
                   "stopped by the controller");
      }
      return;
    case proto::ToAgent::kProbe:
      MeasureRoundTripsTo(message.probe());
      return;
    case proto::ToAgent::kRelease:
      if (IsCurrent(message.release().run_id())) run_.reset();
      return;
    case proto::ToAgent::kPing:  // answered by the link
    case proto::ToAgent::kWelcome:
    case proto::ToAgent::kRefused:
    case proto::ToAgent::MESSAGE_NOT_SET:
      return;
  }
}

// A lease that lay in a buffer while the stream was down is worth what is left of it.
void Session::TakeLease(const proto::Lease& lease) {
  const int64_t valid_ns = std::clamp<int64_t>(lease.valid_ns(), 0, kLongestLeaseNs);
  lease_until_ns_ = MonotonicNowNs() + valid_ns;
  if (lease.until_agent_ns() > 0) {
    lease_until_ns_ = std::min(lease_until_ns_, lease.until_agent_ns());
  }
  run_->HoldLease(lease_until_ns_);
}

void Session::MeasureRoundTripsTo(const proto::Probe& probe) {
  if (run_ != nullptr && !run_->finished()) return;
  boost::asio::co_spawn(*loop_, MeasureRoundTrips(probe, options_.limits.allow_list),
                        [this](const std::exception_ptr& bug, const proto::Probed& probed) {
                          if (bug) std::rethrow_exception(bug);
                          proto::FromAgent message;
                          *message.mutable_probed() = probed;
                          link_.Send(std::move(message));
                        });
}

void Session::Adopt(const proto::Adopt& adopt) {
  if (!IsCurrent(adopt.run_id())) return;
  const absl::Status status = run_->Adopt(adopt);
  if (status.ok()) {
    Log(absl::StrCat("takes over beats of an agent that was lost, from ",
                     adopt.from_ns() / 1'000'000, " ms after the start on"));
  } else {
    Refuse(adopt.run_id(), absl::StrCat("it takes no beats over: ", std::string(status.message())));
  }
}

void Session::Arm(const proto::Slice& slice) {
  if (run_ != nullptr && run_->begun() && !run_->finished()) {
    Refuse(slice.run_id(), absl::StrCat("busy with run ", run_->run_id()));
    return;
  }
  if (run_ != nullptr && !run_->begun() && run_->IsFor(slice)) {
    // Said again on a new stream: what is being opened, or is open already, stays.
    owner_ = controller_id_;
    if (run_->ready()) OnReady(absl::OkStatus());
    return;
  }
  absl::StatusOr<std::shared_ptr<ArmedRun>> run =
      ArmedRun::Create(slice, self_.agent_id(), options_.limits, loop_,
                       {.ready = [this](const absl::Status& status) { OnReady(status); },
                        .progressed = [this] { OnProgress(); }});
  if (!run.ok()) {
    Refuse(slice.run_id(), std::string(run.status().message()));
    return;
  }
  Log(absl::StrCat("armed for run ", slice.run_id()));
  run_ = *std::move(run);
  owner_ = controller_id_;
  finished_told_ = finished_sent_ = false;
  lease_until_ns_ = 0;
  lease_ran_out_ = false;
  run_->Launch();
}

void Session::OnReady(const absl::Status& status) {
  if (!status.ok()) {
    Refuse(run_->run_id(), std::string(status.message()));
    run_.reset();
    return;
  }
  proto::FromAgent message;
  message.mutable_armed()->set_run_id(run_->run_id());
  message.mutable_armed()->set_connections_open(run_->connections());
  message.mutable_armed()->set_engine(run_->engine_name());
  link_.Send(std::move(message));
}

void Session::Begin(const proto::Start& start) {
  if (!IsCurrent(start.run_id()) || run_->begun()) return;
  const int64_t now_ns = MonotonicNowNs();
  if (start.start_agent_ns() < now_ns + kEarliestStartNs ||
      start.start_agent_ns() > now_ns + kLatestStartNs) {
    Refuse(start.run_id(), absl::StrCat("the start at ", start.start_agent_ns(),
                                        " ns is too far from now, ", now_ns, " ns"));
    run_.reset();
    return;
  }
  // The first lease may lie before the start; it must at least cover the way there.
  lease_until_ns_ = std::max(lease_until_ns_, start.start_agent_ns() + kLeaseCheckNs);
  run_->HoldLease(lease_until_ns_);
  run_->Begin(start.start_agent_ns());
}

void Session::OnProgress() {
  if (IsWithItsController()) {
    for (const proto::Interval* interval : run_->collector()->TakeUnsent()) {
      proto::FromAgent message;
      *message.mutable_interval() = *interval;
      link_.Send(std::move(message));
    }
  }
  if (run_->finished()) SendFinished();
}

void Session::SendFinished() {
  if (!std::exchange(finished_told_, true)) {
    Log(absl::StrCat("finished run ", run_->run_id(),
                     run_->cut_short().empty() ? "" : ": " + run_->cut_short()));
  }
  if (IsWithItsController() && !finished_sent_) {
    finished_sent_ = true;
    proto::FromAgent message;
    proto::Finished& finished = *message.mutable_finished();
    finished.set_run_id(run_->run_id());
    finished.set_intervals(run_->collector()->newest());
    finished.set_started_agent_ns(run_->began_ns());
    finished.set_cut_short(run_->cut_short());
    link_.Send(std::move(message));
  }
  if (shutting_down_) {
    lease_timer_.cancel();
    welcome_timer_.cancel();
    link_.Close();
    loop_->stop();
  }
}

void Session::Refuse(const std::string& run_id, const std::string& reason) {
  Log(absl::StrCat("refused run ", run_id, ": ", reason));
  proto::FromAgent message;
  message.mutable_refused()->set_run_id(run_id);
  message.mutable_refused()->set_reason(reason);
  link_.Send(std::move(message));
}

void Session::WatchLease() {
  lease_timer_.expires_after(std::chrono::nanoseconds(kLeaseCheckNs));
  lease_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const bool sending = run_ != nullptr && run_->begun() && !run_->finished();
    // Also when the run is stopped already: what waits may be sent in the drain.
    if (sending && !lease_ran_out_ && MonotonicNowNs() > lease_until_ns_) {
      lease_ran_out_ = true;
      Log("the controller has not renewed the lease: stopping the load");
      run_->Stop(0, "the lease ran out");
    }
    WatchLease();
  });
}

}  // namespace drumline
