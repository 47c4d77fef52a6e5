// Calibrator: measures what each agent of a fleet can do at most and what it adds by itself,
// against the null service in the agent's own program. No target is asked.
//
//     Calibrator calibrator(&loop, {scenario, directory, plan, terms, scratch}, note);
//     absl::StatusOr<proto::Calibration> made = co_await calibrator.Run();
//
// For each shape of requests in the plan, all agents at once, as in a run:
//
//     ceiling   a closed loop: the requests a second that are answered;
//     proof     an open loop at 70 % of the least ceiling, with the plan's pacing. An agent that
//               falls behind there has a ceiling of 80 % of that, and so on until none does;
//     floor     an open loop at a twentieth of the ceiling: what service times are at the least.
//
// Lives on the loop and is used from its thread.
#ifndef CONTROLLER_CAMPAIGN_CALIBRATOR_H_
#define CONTROLLER_CAMPAIGN_CALIBRATOR_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/bundle/bundle.h"
#include "controller/campaign/cluster_terms.h"
#include "controller/campaign/fleet.h"
#include "controller/campaign/run_driver.h"
#include "proto/plan.pb.h"
#include "proto/preflight.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

class Calibrator {
 public:
  // Of the ceiling, the rate of the floor.
  static constexpr double kFloorShare = 0.05;
  // An agent has fallen behind if it achieved less than this of what it was asked, or turned to
  // half of its requests later than this.
  static constexpr double kLeastAchieved = 0.95;
  static constexpr int64_t kLatestMedianNs = 1'000'000;
  // The next ceiling that is tried of one that fell behind, and how often one is.
  static constexpr double kStepDown = 0.8;
  static constexpr int kMostProofs = 8;
  // Workers less busy than this have waited for something else than themselves.
  static constexpr double kBusy = 0.9;

  struct Input {
    proto::Scenario scenario;
    // Files that the scenario names are relative to it.
    std::string directory;
    proto::Plan plan;
    ClusterTerms cluster;
    // For what need not be kept.
    std::string scratch;
    // Length of the bodies of answers; nothing: that of the requests'.
    std::optional<uint64_t> answer_bytes;
  };

  // [note] is for the person who waits.
  Calibrator(boost::asio::io_context* loop, Input input,
             std::function<void(const std::string& text)> note);

  // An error if an agent could not be measured; then nothing is to be kept of any.
  boost::asio::awaitable<absl::StatusOr<proto::Calibration>> Run();
  // Ends the load at once; Run returns Cancelled.
  void Stop();

 private:
  // What is known so far of each agent, by id.
  using Agents = std::map<std::string, proto::AgentCalibration>;

  FleetEvents EventsOfFleet();
  boost::asio::awaitable<absl::StatusOr<proto::Calibration>> MeasureAll();
  boost::asio::awaitable<absl::Status> MeasureShape(const proto::RunPlan& run, Agents* agents);
  boost::asio::awaitable<absl::Status> FindCeilings(const proto::RunPlan& run, Agents* agents);
  boost::asio::awaitable<absl::Status> ProveCeilings(const proto::RunPlan& run, Agents* agents);
  boost::asio::awaitable<absl::Status> FindFloors(const proto::RunPlan& run, Agents* agents);
  // Carries a probe out; its totals are driver_'s until the next one.
  boost::asio::awaitable<absl::Status> Measure(proto::RunPlan probe);
  absl::Status CheckMeasured() const;
  Agents Describe(const proto::RunPlan& run) const;
  double LeastCeiling(const Agents& agents) const;
  double BeatsTogether(const proto::RunPlan& run, double rps_each) const;

  boost::asio::io_context* const loop_;
  const Input input_;
  const std::function<void(const std::string& text)> note_;
  Fleet fleet_;
  std::optional<Bundle> bundle_;
  std::unique_ptr<RunDriver> driver_;
  std::string answer_;
  uint64_t answer_body_bytes_ = 0;
  int probes_ = 0;
  // An agent is gone for good.
  std::string fleet_broken_;
  bool stopped_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_CALIBRATOR_H_
