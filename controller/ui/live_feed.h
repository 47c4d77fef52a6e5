// LiveFeed: what the people who watch a campaign in a browser are told.
//
//     LiveFeed feed({.name = plan.scenario_name(), .runs = …});
//     feed.BeginRun(run_plan);
//     feed.Add(interval); feed.Add(scrape);          // as they are kept
//     std::string all = feed.Snapshot();             // for one who has just come
//     std::optional<std::string> news = feed.TakeNews();     // once a second, for all others
//
// Messages are JSON objects on one line:
//
//     {"kind": "snapshot", "status": {…}, "run": as in page_json.h}
//     {"kind": "news", "status": {…}, "columns": [[number, column], …], "scrapes": […],
//      "curves": {…}}
//     {"kind": "end", "status": {…}}
//
// where news replaces the columns of those numbers, and the curves if it has some, and scrapes are
// appended: those that are newer than the newest one that is there, since a snapshot may have had
// some of them already. Memory is bounded by the number of columns (see run_timeline.h) and
// kMostScrapes. Pure; one thread at a time.
#ifndef CONTROLLER_UI_LIVE_FEED_H_
#define CONTROLLER_UI_LIVE_FEED_H_

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "controller/page/run_timeline.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"

namespace drumline {

class LiveFeed {
 public:
  static constexpr size_t kMostColumns = 600;
  // A reading a second for a day.
  static constexpr size_t kMostScrapes = 86'400;
  static constexpr size_t kMostNotes = 20;

  struct Facts {
    // Of the scenario.
    std::string name = {};
    int runs = 0;
    uint32_t agents = 0;
  };

  explicit LiveFeed(Facts facts) : facts_(std::move(facts)) {}

  void SetBundle(const std::string& path) { bundle_ = path; }
  void BeginRun(const proto::RunPlan& run);
  void Add(const proto::Interval& interval);
  void Add(const proto::Scrape& scrape);
  // A warning, or what became of a run: the newest kMostNotes are shown.
  void Note(const std::string& text);
  // Of the run, as machines name it: "syncing", "running"; and seconds from the common start.
  void SetState(const std::string& state, double at_s);

  std::string Snapshot() const;
  // What has changed since the last call; nothing if nothing has. After BeginRun, and where columns
  // were widened, it is a snapshot.
  std::optional<std::string> TakeNews();
  // After which nothing follows.
  std::string End(const std::string& verdict) const;

 private:
  boost::json::object Status() const;

  const Facts facts_;
  std::string bundle_;
  std::optional<RunTimeline> timeline_;
  std::vector<proto::Scrape> scrapes_;
  std::deque<std::string> notes_;
  std::string state_;
  double at_s_ = 0;
  // Since the last news.
  std::set<int64_t> changed_;
  size_t scrapes_told_ = 0;
  int widenings_told_ = 0;
  bool anew_ = false;
  bool status_changed_ = false;
};

}  // namespace drumline

#endif  // CONTROLLER_UI_LIVE_FEED_H_
