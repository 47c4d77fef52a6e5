// Campaign: all runs of a plan, one after another (or two at once, where the plan has pairs), from
// an empty directory to a report.
//
//     Campaign campaign(&loop, {loaded, plan, "results"}, &display);
//     boost::asio::co_spawn(loop, campaign.Run(), …);
//     campaign.Stop("stopped by the user");           // ends the run; what was measured is
//     reported
//
// Run gathers the fleet (its own children, or agents that dial in), carries out each run with a
// RunDriver, writes the bundle as it goes, and ends the fleet. Lives on the loop and is used from
// its thread.
#ifndef CONTROLLER_CAMPAIGN_CAMPAIGN_H_
#define CONTROLLER_CAMPAIGN_CAMPAIGN_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/bundle/bundle.h"
#include "controller/campaign/beat_account.h"
#include "controller/campaign/campaign_events.h"
#include "controller/campaign/cluster_terms.h"
#include "controller/campaign/fleet.h"
#include "controller/campaign/joint_runs.h"
#include "controller/campaign/resume.h"
#include "controller/campaign/run_driver.h"
#include "controller/campaign/run_queue.h"
#include "controller/progress/run_display.h"
#include "controller/report/report_builder.h"
#include "controller/run/run_totals.h"
#include "controller/scenario/scenario_loader.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"

namespace drumline {

class Campaign {
 public:
  struct Input {
    LoadedScenario loaded;
    proto::Plan plan;
    // Where bundles go.
    std::string results_directory;
    ClusterTerms cluster = {};
    // Where the noise floor of this fleet is kept; empty: it is not held against anything.
    std::string noise_floor_path;
    // Where the calibrations of this fleet are kept; empty: the plan is not held against any.
    std::string calibration_path;
    // Of a campaign that goes on in its own bundle.
    std::optional<Resumption> resumed;
    // The name under which it may be gone on with; see campaign_mark.h. Empty: none.
    std::string resumable_as;
  };

  struct Result {
    proto::Report report;
    std::string bundle_path;
    // It ended before its plan did: runs are left, or one was cut off.
    bool unfinished = false;
  };

  Campaign(boost::asio::io_context* loop, Input input, RunDisplay* display,
           CampaignEvents events = {});

  // An error if nothing could be measured: Unavailable (the cluster could not be used), OutOfRange
  // (the plan is more than the agents can do) and the like.
  boost::asio::awaitable<absl::StatusOr<Result>> Run();

  void Stop(const std::string& reason);

  // The page of metrics as of now; see controller/metrics.
  std::string Metrics() const;

 private:
  boost::asio::awaitable<absl::Status> Prepare();
  // Looks at the hosts, keeps what it found, and refuses those that cannot do what is planned.
  absl::Status LookAtHosts(const RoundTripsByAgent& round_trips);
  absl::Status OpenBundle();
  proto::RunPlan Left(const proto::RunPlan& run) const;
  boost::asio::awaitable<absl::Status> CarryOut();
  // The run and, if it is one of a pair, the other one, under the names under which they are
  // carried out now.
  std::vector<proto::RunPlan> Together(const proto::RunPlan& next) const;
  boost::asio::awaitable<absl::Status> PrepareRun(const proto::RunPlan& run);
  boost::asio::awaitable<absl::Status> CarryOutRuns(const std::vector<proto::RunPlan>& runs);
  void AddDriver(const proto::RunPlan& run, bool at_once);
  boost::asio::awaitable<void> Pause();
  boost::asio::awaitable<void> OutwaitLeases();
  boost::asio::awaitable<void> ShowProgress();
  void Note(const std::string& text, Tone tone = Tone::kPlain);
  proto::RunRecord WriteRecord(const RunDriver& driver);
  std::optional<RunTotals> TotalsUpToTheCut(const proto::RunPlan& run,
                                            proto::RunRecord* record) const;
  void Keep(const RunDriver& driver, const RunTotals& totals, const BeatAccount& account);
  absl::StatusOr<Result> Conclude();
  FleetEvents EventsOfFleet();
  // What a stopped campaign without a run ends with.
  std::string NothingMeasured() const;
  absl::Status TakeNoiseFloor();
  // What is known of the crew's ceilings, kept with the bundle, and the plan held against it.
  absl::Status TakeCalibration(const std::vector<proto::Join>& crew);

  boost::asio::io_context* const loop_;
  const Input input_;
  RunQueue queue_;
  // Of this fleet, where an A/A campaign kept one; not used by an A/A campaign itself.
  std::optional<proto::NoiseFloor> noise_floor_;
  RunDisplay* const display_;
  const CampaignEvents events_;
  std::optional<Bundle> bundle_;
  std::optional<Fleet> fleet_;
  // Of the targets of the next runs, by run; of those that have metrics.
  std::map<std::string, proto::Scrape> first_readings_;
  JointRuns joint_;
  boost::asio::steady_timer pause_;
  boost::asio::steady_timer second_;
  proto::Environment environment_;
  proto::Preflight preflight_;
  // Those that hold for the crew.
  proto::Calibration calibration_;
  std::vector<proto::RunReport> runs_;
  // Those of them that came to their own end: what the queue goes by.
  std::vector<proto::RunReport> done_;
  std::vector<proto::RunRecord> records_;
  std::string stop_reason_;
  // An agent or a target is gone for good: the runs that are left cannot be carried out.
  std::string fleet_broken_;
  // How often a run had something to say for itself.
  int words_told_ = 0;
  // The plan's end was not reached.
  bool runs_left_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_CAMPAIGN_H_
