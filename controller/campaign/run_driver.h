// RunDriver: carries one run out. Feeds a RunMachine with what happens and with the time, and does
// what it says: sends, persists, acknowledges; scrapes the target meanwhile.
//
//     RunDriver driver(&loop, &service, &bundle, run, slices, RunDriver::LimitsOf(plan), url, …);
//     co_await driver.Run();
//     driver.outcome(); driver.totals(); driver.scrapes();
//
// Whoever owns the streams passes on what agents say (OnSaid …) while the run lasts. Lives on the
// loop and is used from its thread.
//
// Agents report all at once, at each second's end. What has been read by the time that the first of
// their intervals is written is written with it, synced once, and acknowledged together: a sync
// takes milliseconds on some disks, and a thousand of them would take longer than the second. Until
// then nothing is said to anybody, so that all is heard in the order in which it was said.
#ifndef CONTROLLER_CAMPAIGN_RUN_DRIVER_H_
#define CONTROLLER_CAMPAIGN_RUN_DRIVER_H_

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/bundle/bundle.h"
#include "controller/campaign/gate.h"
#include "controller/link/agent_link_service.h"
#include "controller/run/abort_watch.h"
#include "controller/run/run_machine.h"
#include "controller/scrape/scraper.h"
#include "proto/agent_link.pb.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

// One reading of a target, or the gap that there is instead.
boost::asio::awaitable<std::optional<proto::Scrape>> ReadOnce(boost::asio::io_context* loop,
                                                              MetricsSource source);

class RunDriver {
 public:
  // Readings from before the start that are kept; agents have less time than that to get ready.
  static constexpr size_t kMostEarlyScrapes = 600;
  // Those of the plan, where it has some to say.
  static RunMachine::Limits LimitsOf(const proto::Plan& plan);

  // [metrics] is empty where the target has none. [on_started] is called when the start is known.
  RunDriver(boost::asio::io_context* loop, AgentLinkService* service, Bundle* bundle,
            const proto::RunPlan& plan, const std::map<std::string, proto::Slice>& slices,
            const RunMachine::Limits& limits, const std::optional<MetricsSource>& metrics,
            std::function<void()> on_started);

  // To be told of each interval and scrape once it is kept; before Run. Either may be null.
  void Tell(std::function<void(const proto::Interval&)> on_interval,
            std::function<void(const proto::Scrape&)> on_scrape) {
    on_interval_ = std::move(on_interval);
    on_scrape_ = std::move(on_scrape);
  }

  // To be told of each fault and note of the run as it comes up: an agent is lost, and what becomes
  // of its beats. Before Run.
  void TellWords(std::function<void(const std::string&)> on_words) {
    on_words_ = std::move(on_words);
  }

  // Ends the run as soon as it is hopeless by these conditions. Before Run.
  void AbortWhen(std::vector<proto::Bound> conditions);

  // Limits::starts_on_call: called when the run waits for StartAt. Before Run.
  void WhenReady(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }
  void StartAt(int64_t start_ns);

  // Returns when the run is over, however it ended.
  boost::asio::awaitable<void> Run();

  void OnJoined(const proto::Join& join);
  void OnSaid(const std::string& agent_id, const proto::FromAgent& message, int64_t received_ns);
  void OnLeft(const std::string& agent_id);
  void OnLost(const std::string& agent_id, const std::string& how);
  void OnDied(const std::string& agent_id, const std::string& how);
  void OnTargetDied(const std::string& how);
  // A reading of the target, its own scraper's or one from before; `at_ns` is the raw clock.
  void OnScrape(proto::Scrape scrape);
  void Stop(const std::string& reason);

  const proto::RunPlan& plan() const { return plan_; }
  // Whether the agent has a part in the run.
  bool HasAgent(const std::string& agent_id) const { return agents_.contains(agent_id); }
  const RunMachine& machine() const { return machine_; }
  const std::vector<proto::Scrape>& scrapes() const { return scrapes_; }
  // Wall clock of the common start; 0 if it never came.
  int64_t started_unix_ns() const { return started_unix_ns_; }
  // The condition that ended the run, in words; empty if none did.
  const std::string& aborted() const { return aborted_; }
  // When the load was told to end early, from the common start.
  std::optional<int64_t> stopped_at_ns() const { return stopped_at_ns_; }

 private:
  void Do(const Commands& commands);
  absl::Status Persist(const proto::Interval& interval);
  // Syncs what was written, and says what waited for that.
  void Commit();
  void NoteStart();
  void TellNewWords();
  void KeepScrape(proto::Scrape scrape);
  void Watch(const proto::Interval& interval);
  void SetTimer();

  AgentLinkService* const service_;
  Bundle* const bundle_;
  const proto::RunPlan plan_;
  const std::function<void()> on_started_;
  std::function<void()> on_ready_;
  std::function<void(const proto::Interval&)> on_interval_;
  std::function<void(const proto::Scrape&)> on_scrape_;
  std::function<void(const std::string&)> on_words_;
  // Of the run's notes and faults, how many have been told.
  int told_notes_ = 0;
  int told_faults_ = 0;
  RunMachine machine_;
  boost::asio::io_context* const loop_;
  // Written, but not synced yet; a Commit is on its way. With it what is to be said after it, and
  // of whom to tell.
  bool commit_pending_ = false;
  std::vector<SendCommand> unsaid_;
  std::vector<proto::Interval> untold_;
  boost::asio::steady_timer timer_;
  Gate over_;
  std::optional<Scraper> scraper_;
  std::vector<proto::Scrape> scrapes_;
  // Until the start is known; with the raw clock.
  std::vector<proto::Scrape> early_scrapes_;
  int64_t started_unix_ns_ = 0;
  const std::set<std::string> agents_;
  std::optional<AbortWatch> abort_watch_;
  std::string aborted_;
  std::optional<int64_t> stopped_at_ns_;
};

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_RUN_DRIVER_H_
