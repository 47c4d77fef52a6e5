#include "agent/session.h"

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/armed_run.h"
#include "agent/clock.h"
#include "agent/round_trips.h"

namespace drumline {
namespace {

proto::Join WithLimits(proto::Join self, const OwnLimits& limits) {
  *self.mutable_limits() = ToProto(limits);
  return self;
}

}  // namespace

Session::Session(Options options, proto::Join self, boost::asio::io_context* loop)
    : agent_id_(self.agent_id()),
      limits_(std::move(options.limits)),
      loop_(loop),
      stays_(loop->get_executor()),
      machine_({absl::StrCat(options.controller.address,
                             options.controller.tls ? " over TLS" : " in plain text"),
                options.welcome_within_ns},
               WithLimits(std::move(self), limits_), this),
      link_(std::move(options.controller), loop,
            {.up =
                 [this] {
                   machine_.OnUp(MonotonicNowNs());
                   SetTimer();
                 },
             .message =
                 [this](const proto::ToAgent& message) {
                   machine_.OnMessage(message, MonotonicNowNs());
                   SetTimer();
                 },
             .down =
                 [this](const std::string& reason) {
                   machine_.OnDown(reason);
                   SetTimer();
                 }}),
      timer_(*loop) {}

void Session::Start() { link_.Start(); }

void Session::Shutdown() { machine_.Shutdown(); }

void Session::Send(proto::FromAgent message) { link_.Send(std::move(message)); }

void Session::HangUp() { link_.HangUp(); }

void Session::Leave() {
  timer_.cancel();
  link_.Close();
  loop_->stop();
}

void Session::Log(const std::string& line) {
  std::fprintf(stderr, "agent %s: %s\n", agent_id_.c_str(), line.c_str());
}

absl::StatusOr<std::shared_ptr<AgentRun>> Session::MakeRun(const proto::Slice& slice,
                                                           AgentRun::Events events) {
  return ArmedRun::Create(slice, agent_id_, limits_, loop_, std::move(events));
}

void Session::MeasureRoundTripsTo(const proto::Probe& probe) {
  boost::asio::co_spawn(*loop_, MeasureRoundTrips(probe, limits_.allow_list),
                        [this](const std::exception_ptr& bug, const proto::Probed& probed) {
                          if (bug) std::rethrow_exception(bug);
                          machine_.OnProbed(probed);
                        });
}

void Session::SetTimer() {
  if (machine_.wake_at_ns() == SessionMachine::kNever) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(SteadyInstant(machine_.wake_at_ns()));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    machine_.OnTick(MonotonicNowNs());
    SetTimer();
  });
}

}  // namespace drumline
