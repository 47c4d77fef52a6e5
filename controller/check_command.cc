#include "controller/check_command.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/calibration/ceiling.h"
#include "controller/calibration/kept.h"
#include "controller/campaign/fleet.h"
#include "controller/campaign/fleet_preflight.h"
#include "controller/campaign/round_trips.h"
#include "controller/refusal.h"
#include "controller/report/verdict.h"
#include "controller/scratch_directory.h"
#include "core/preflight_text.h"
#include "host/host_facts.h"

namespace drumline {
namespace {

FleetEvents QuietEvents(absl::Status* broken, std::optional<Fleet>* fleet) {
  const auto fail = [broken, fleet](const std::string& how) {
    broken->Update(absl::UnavailableError(how));
    (*fleet)->GiveUp();
  };
  return {
      .joined = [](const proto::Join&) {},
      .said = [](const std::string&, const proto::FromAgent&, int64_t) {},
      .left = [](const std::string&) {},
      .lost = [](const std::string&, const std::string&) {},
      .agent_died = [fail](const std::string&, const std::string& how) { fail("agent " + how); },
      .target_died = [fail](const std::string&, const std::string& how) { fail(how); },
      .note = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); },
  };
}

boost::asio::awaitable<absl::StatusOr<proto::Preflight>> Look(Fleet* fleet, const proto::Plan& plan,
                                                              const proto::Calibration& kept,
                                                              CeilingTerms ceilings) {
  absl::Status status = co_await fleet->Assemble();
  proto::Preflight preflight;
  if (status.ok()) {
    const RoundTripsByAgent round_trips = co_await fleet->MeasureRoundTrips();
    const std::vector<proto::Join> crew = fleet->CrewJoins();
    preflight = JudgeFleet(plan, crew, ReadOwnHostFacts());
    JudgeRoundTrips(round_trips, &preflight);
    JudgeCeilings(plan, crew, kept, ceilings, &preflight);
  }
  co_await fleet->Disband();
  if (!status.ok()) co_return status;
  co_return preflight;
}

}  // namespace

int CheckFleet(const proto::Scenario& scenario, const std::string& directory,
               const proto::Plan& plan, const ClusterTerms& terms, const std::string& calibration) {
  const absl::StatusOr<proto::Calibration> kept = ReadCalibration(calibration);
  if (!kept.ok()) return Refuse(kept.status(), kExitUnusable);
  std::signal(SIGPIPE, SIG_IGN);
  const absl::StatusOr<ScratchDirectory> scratch = ScratchDirectory::Create();
  if (!scratch.ok()) return Refuse(scratch.status(), kExitUnusable);
  boost::asio::io_context loop;
  std::optional<Fleet> fleet;
  absl::Status broken;
  fleet.emplace(&loop, scenario, directory, terms, scratch->path(), ControllerIdOf(scratch->path()),
                QuietEvents(&broken, &fleet));
  boost::asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    // A second one ends the program.
    signals.clear();
    broken = absl::CancelledError("stopped by the user");
    fleet->GiveUp();
  });
  absl::StatusOr<proto::Preflight> preflight = absl::UnknownError("");
  boost::asio::co_spawn(loop, Look(&*fleet, plan, *kept, CeilingTermsOf(scenario)),
                        [&](const std::exception_ptr& bug, absl::StatusOr<proto::Preflight> seen) {
                          if (bug) std::rethrow_exception(bug);
                          preflight = std::move(seen);
                          loop.stop();
                        });
  loop.run();
  if (!preflight.ok()) {
    const bool stopped = absl::IsCancelled(broken);
    return Refuse(broken.ok() ? preflight.status() : broken,
                  stopped ? kExitInconclusive : kExitUnusable);
  }
  std::fputs(PreflightToText(*preflight).c_str(), stdout);
  const absl::Status refusal = RefuseFatal(*preflight);
  if (refusal.ok()) return 0;
  return absl::IsOutOfRange(refusal) ? kExitWrongInput : kExitUnusable;
}

}  // namespace drumline
