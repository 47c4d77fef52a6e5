#include "controller/ui/live_feed.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "controller/page/page_json.h"

namespace drumline {

namespace json = boost::json;

void LiveFeed::BeginRun(const proto::RunPlan& run) {
  timeline_.emplace(run, kMostColumns);
  scrapes_.clear();
  changed_.clear();
  scrapes_told_ = 0;
  widenings_told_ = 0;
  anew_ = true;
}

void LiveFeed::Add(const proto::Interval& interval) {
  if (!timeline_ || interval.run_id() != timeline_->plan().run_id()) return;
  // What is wrong with it, the report says.
  if (!timeline_->Add(interval).ok()) return;
  changed_.insert(interval.begin_ns() / timeline_->column_ns());
}

void LiveFeed::Add(const proto::Scrape& scrape) {
  if (scrapes_.size() < kMostScrapes) scrapes_.push_back(scrape);
}

void LiveFeed::Note(const std::string& text) {
  notes_.push_back(text);
  if (notes_.size() > kMostNotes) notes_.pop_front();
  status_changed_ = true;
}

void LiveFeed::SetState(const std::string& state, double at_s) {
  state_ = state;
  at_s_ = at_s;
  status_changed_ = true;
}

json::object LiveFeed::Status() const {
  json::object status;
  status["name"] = facts_.name;
  status["bundle"] = bundle_;
  status["runs"] = facts_.runs;
  status["state"] = state_;
  status["at_s"] = at_s_;
  status["agents"] = facts_.agents;
  if (timeline_) {
    const proto::RunPlan& run = timeline_->plan();
    status["run"] = run.index() + 1;
    status["run_id"] = run.run_id();
    status["target"] = run.target();
    status["closed_loop"] = run.load().closed_loop();
  }
  json::array notes;
  for (const std::string& note : notes_) notes.emplace_back(note);
  status["notes"] = std::move(notes);
  return status;
}

std::string LiveFeed::Snapshot() const {
  json::object message;
  message["kind"] = "snapshot";
  message["status"] = Status();
  if (timeline_) {
    json::object run = RunToJson(*timeline_, {}, {});
    // All of them, for those of the news are appended.
    run["scrapes"] = ScrapesToJson(scrapes_, kMostScrapes);
    message["run"] = std::move(run);
  }
  return json::serialize(message);
}

std::optional<std::string> LiveFeed::TakeNews() {
  const bool anew =
      std::exchange(anew_, false) || (timeline_ && timeline_->widenings() != widenings_told_);
  const std::set<int64_t> changed = std::exchange(changed_, {});
  const size_t told = std::exchange(scrapes_told_, scrapes_.size());
  const bool status_changed = std::exchange(status_changed_, false);
  if (anew) {
    if (timeline_) widenings_told_ = timeline_->widenings();
    return Snapshot();
  }
  if (changed.empty() && told == scrapes_.size() && !status_changed) return std::nullopt;
  json::array columns;
  for (int64_t number : changed) {
    const auto found = timeline_->columns().find(number);
    if (found == timeline_->columns().end()) continue;
    columns.push_back(json::array{number, ColumnToJson(found->second)});
  }
  json::object message;
  message["kind"] = "news";
  message["status"] = Status();
  message["columns"] = std::move(columns);
  if (!changed.empty()) message["curves"] = CurvesToJson(*timeline_);
  message["scrapes"] =
      ScrapesToJson({scrapes_.begin() + static_cast<int64_t>(told), scrapes_.end()}, kMostScrapes);
  return json::serialize(message);
}

std::string LiveFeed::End(const std::string& verdict) const {
  json::object message;
  message["kind"] = "end";
  message["status"] = Status();
  message["verdict"] = verdict;
  return json::serialize(message);
}

}  // namespace drumline
