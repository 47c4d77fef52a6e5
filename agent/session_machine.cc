#include "agent/session_machine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "link/protocol_version.h"

namespace drumline {

SessionMachine::SessionMachine(Options options, proto::Join self, Surroundings* surroundings)
    : options_(std::move(options)), self_(std::move(self)), surroundings_(surroundings) {
  self_.set_protocol_version(kProtocolVersion);
}

int64_t SessionMachine::wake_at_ns() const {
  const bool watches = IsSending() && !lease_ran_out_;
  return std::min(welcome_by_ns_, watches ? lease_until_ns_ + 1 : kNever);
}

void SessionMachine::OnTick(int64_t now_ns) {
  if (now_ns >= welcome_by_ns_) OnNoWelcome();
  // Also when the run is stopped already: what waits may be sent in the drain.
  if (IsSending() && !lease_ran_out_ && now_ns > lease_until_ns_) {
    lease_ran_out_ = true;
    surroundings_->Log("the controller has not renewed the lease: stopping the load");
    run_->Stop(0, "the lease ran out");
  }
}

void SessionMachine::Shutdown() {
  if (shutting_down_) return;
  shutting_down_ = true;
  surroundings_->Log("stopping");
  if (run_ != nullptr && !run_->finished()) {
    run_->Stop(0, "the agent was told to stop");
  } else {
    surroundings_->Leave();
  }
}

// The controller speaks first.
void SessionMachine::OnUp(int64_t now_ns) {
  welcomed_ = false;
  welcome_by_ns_ = now_ns + options_.welcome_within_ns;
}

// What is connected may be no controller, or one that hangs. Said once until one is met.
void SessionMachine::OnNoWelcome() {
  welcome_by_ns_ = kNever;
  if (!std::exchange(silence_told_, true)) {
    surroundings_->Log(absl::StrCat("the controller at ", options_.controller,
                                    " has not said who it is within ",
                                    options_.welcome_within_ns / 1'000'000, " ms; dialling again"));
  }
  surroundings_->HangUp();
}

void SessionMachine::OnWelcome(const std::string& controller_id) {
  welcome_by_ns_ = kNever;
  silence_told_ = false;
  if (IsSending() && controller_id != owner_) {
    RefuseController(controller_id);
    return;
  }
  if (controller_id != controller_id_)
    surroundings_->Log(absl::StrCat("joins the controller ", controller_id));
  controller_id_ = controller_id;
  last_refused_.clear();
  welcomed_ = true;
  proto::FromAgent message;
  *message.mutable_join() = self_;
  const bool offers = run_ != nullptr && IsWithItsController();
  if (offers) message.mutable_join()->set_run_id(run_->run_id());
  surroundings_->Send(std::move(message));
  if (!offers) return;
  run_->collector()->Rewind();
  finished_sent_ = false;
  OnProgress();
}

void SessionMachine::RefuseController(const std::string& controller_id) {
  if (std::exchange(last_refused_, controller_id) != controller_id) {
    surroundings_->Log(absl::StrCat("refused the controller ", controller_id, ": run ",
                                    run_->run_id(), " of ", owner_, " lasts"));
  }
  proto::FromAgent message;
  message.mutable_refused()->set_reason(absl::StrCat("the agent ", self_.agent_id(),
                                                     " has another controller, ", owner_,
                                                     ", while run ", run_->run_id(), " lasts"));
  surroundings_->Send(std::move(message));
  surroundings_->HangUp();
}

void SessionMachine::OnDown(const std::string& reason) {
  welcomed_ = false;
  welcome_by_ns_ = kNever;
  // Once for each kind of trouble: an agent that waits for its controller says so once.
  if (reason != last_trouble_ && !shutting_down_) {
    surroundings_->Log(absl::StrCat("not connected to the controller at ", options_.controller,
                                    " (", reason, "); dialling again"));
  }
  last_trouble_ = reason;
}

void SessionMachine::OnMessage(const proto::ToAgent& message, int64_t now_ns) {
  last_trouble_.clear();
  if (message.has_welcome()) {
    OnWelcome(message.welcome().controller_id());
  } else if (message.has_refused()) {
    surroundings_->Log(absl::StrCat("refused by the controller: ", message.refused().reason()));
  } else if (welcomed_) {
    Obey(message, now_ns);
  }
}

void SessionMachine::Obey(const proto::ToAgent& message, int64_t now_ns) {
  switch (message.message_case()) {
    case proto::ToAgent::kArm:
      Arm(message.arm().slice());
      return;
    case proto::ToAgent::kStart:
      Begin(message.start(), now_ns);
      return;
    case proto::ToAgent::kLease:
      if (IsCurrent(message.lease().run_id())) {
        TakeLease(message.lease(), now_ns);
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
      Probe(message.probe());
      return;
    case proto::ToAgent::kRelease:
      if (IsCurrent(message.release().run_id())) Forget();
      return;
    case proto::ToAgent::kPing:  // answered by the link
    case proto::ToAgent::kWelcome:
    case proto::ToAgent::kRefused:
    case proto::ToAgent::MESSAGE_NOT_SET:
      return;
  }
}

// A lease that lay in a buffer while the stream was down is worth what is left of it.
void SessionMachine::TakeLease(const proto::Lease& lease, int64_t now_ns) {
  const int64_t valid_ns = std::clamp<int64_t>(lease.valid_ns(), 0, kLongestLeaseNs);
  lease_until_ns_ = now_ns + valid_ns;
  if (lease.until_agent_ns() > 0) {
    lease_until_ns_ = std::min(lease_until_ns_, lease.until_agent_ns());
  }
  run_->HoldLease(lease_until_ns_);
}

// One at a time; whoever asks meanwhile has nothing measured.
void SessionMachine::Probe(const proto::Probe& probe) {
  if (IsSending()) return;
  if (!asked_by_.empty()) {
    proto::FromAgent nothing;
    nothing.mutable_probed();
    Say(std::move(nothing));
    return;
  }
  asked_by_ = controller_id_;
  surroundings_->MeasureRoundTripsTo(probe);
}

// Another controller that was met meanwhile has not asked for it.
void SessionMachine::OnProbed(const proto::Probed& probed) {
  for (const proto::RoundTrip& trip : probed.round_trips()) {
    if (!trip.not_allowed()) continue;
    surroundings_->Log(absl::StrCat("may not send to a target: ", trip.fault()));
  }
  const std::string asked_by = std::exchange(asked_by_, "");
  if (asked_by != controller_id_) return;
  proto::FromAgent message;
  *message.mutable_probed() = probed;
  Say(std::move(message));
}

void SessionMachine::Adopt(const proto::Adopt& adopt) {
  if (!IsCurrent(adopt.run_id())) return;
  const uint64_t before = run_->adoptions();
  const absl::Status status = run_->Adopt(adopt);
  if (!status.ok()) {
    Refuse(adopt.run_id(), absl::StrCat("it takes no beats over: ", std::string(status.message())));
  } else if (run_->adoptions() > before) {
    surroundings_->Log(absl::StrCat("takes over beats of an agent that was lost, from ",
                                    adopt.from_ns() / 1'000'000, " ms after the start on"));
  }
}

void SessionMachine::Arm(const proto::Slice& slice) {
  if (shutting_down_) {
    Refuse(slice.run_id(), "the agent is stopping");
    return;
  }
  if (IsSending()) {
    Refuse(slice.run_id(), absl::StrCat("busy with run ", run_->run_id()));
    return;
  }
  if (run_ != nullptr && !run_->begun() && !run_->finished() && run_->IsFor(slice)) {
    // Said again on a new stream: what is being opened, or is open already, stays.
    owner_ = controller_id_;
    if (run_->ready()) OnReady(absl::OkStatus());
    return;
  }
  absl::StatusOr<std::shared_ptr<AgentRun>> run = surroundings_->MakeRun(
      slice, {.ready = [this](const absl::Status& status) { OnReady(status); },
              .progressed = [this] { OnProgress(); }});
  if (!run.ok()) {
    Refuse(slice.run_id(), std::string(run.status().message()));
    return;
  }
  surroundings_->Log(absl::StrCat("armed for run ", slice.run_id()));
  run_ = *std::move(run);
  owner_ = controller_id_;
  finished_told_ = finished_sent_ = false;
  lease_until_ns_ = 0;
  lease_ran_out_ = false;
  run_->Launch();
}

void SessionMachine::OnReady(const absl::Status& status) {
  // To a controller that was met meanwhile this is nothing; its own one will ask again.
  const bool heard = IsWithItsController();
  if (!status.ok()) {
    if (heard) Refuse(run_->run_id(), std::string(status.message()));
    Forget();
    return;
  }
  if (!heard) return;
  proto::FromAgent message;
  message.mutable_armed()->set_run_id(run_->run_id());
  message.mutable_armed()->set_connections_open(run_->connections());
  message.mutable_armed()->set_engine(run_->engine_name());
  Say(std::move(message));
}

void SessionMachine::Begin(const proto::Start& start, int64_t now_ns) {
  if (!IsCurrent(start.run_id()) || run_->begun()) return;
  if (start.start_agent_ns() < now_ns + kEarliestStartNs ||
      start.start_agent_ns() > now_ns + kLatestStartNs) {
    Refuse(start.run_id(), absl::StrCat("the start at ", start.start_agent_ns(),
                                        " ns is too far from now, ", now_ns, " ns"));
    Forget();
    return;
  }
  // The first lease may lie before the start; it must at least cover the way there.
  lease_until_ns_ = std::max(lease_until_ns_, start.start_agent_ns() + kFirstLeaseNs);
  run_->HoldLease(lease_until_ns_);
  run_->Begin(start.start_agent_ns());
}

void SessionMachine::OnProgress() {
  if (IsWithItsController()) {
    for (const proto::Interval* interval : run_->collector()->TakeUnsent()) {
      proto::FromAgent message;
      *message.mutable_interval() = *interval;
      Say(std::move(message));
    }
  }
  if (run_->finished()) SendFinished();
}

void SessionMachine::SendFinished() {
  if (!std::exchange(finished_told_, true)) {
    surroundings_->Log(absl::StrCat("finished run ", run_->run_id(),
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
    Say(std::move(message));
  }
  if (shutting_down_) surroundings_->Leave();
}

void SessionMachine::Refuse(const std::string& run_id, const std::string& reason) {
  surroundings_->Log(absl::StrCat("refused run ", run_id, ": ", reason));
  proto::FromAgent message;
  message.mutable_refused()->set_run_id(run_id);
  message.mutable_refused()->set_reason(reason);
  Say(std::move(message));
}

void SessionMachine::Say(proto::FromAgent message) {
  if (welcomed_) surroundings_->Send(std::move(message));
}

// One that was told to stop has waited for this run's end alone.
void SessionMachine::Forget() {
  run_.reset();
  if (shutting_down_) surroundings_->Leave();
}

}  // namespace drumline
