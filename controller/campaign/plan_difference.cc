#include "controller/campaign/plan_difference.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/plan.h"

namespace drumline {
namespace {

using google::protobuf::util::MessageDifferencer;
using Words = std::vector<std::string>;
// A target and a point of the matrix: its runs send the same requests.
using TargetPoint = std::pair<std::string, std::map<std::string, std::string>>;

void Add(const std::string& word, Words* words) {
  if (std::find(words->begin(), words->end(), word) == words->end()) words->push_back(word);
}

TargetPoint TargetPointOf(const proto::RunPlan& run) {
  return {run.target(), {run.point().begin(), run.point().end()}};
}

// In the order in which the planner numbers them.
std::vector<const proto::Request*> RequestsIn(const proto::Scenario& scenario) {
  std::vector<const proto::Request*> requests;
  for (const proto::Request& request : scenario.requests()) requests.push_back(&request);
  for (const proto::Flow& flow : scenario.flows()) {
    for (const proto::Request& step : flow.steps()) requests.push_back(&step);
  }
  if (requests.empty()) requests.push_back(&scenario.request());
  return requests;
}

// The file that the request's body comes from, or else the request.
std::string NameOf(const proto::Request& request, const proto::RunPlan& run) {
  const auto payload = run.point().find("payload");
  const std::string& file =
      request.body().file().empty() ? request.body().template_() : request.body().file();
  if (file.empty()) {
    return request.name().empty() ? "the request" : absl::StrCat("request ", request.name());
  }
  if (payload == run.point().end()) return file;
  return absl::StrReplaceAll(file, {{"{payload}", payload->second}});
}

void CompareRequests(const proto::RunPlan& kept, const proto::RunPlan& wanted,
                     const std::vector<const proto::Request*>& requests, Words* words) {
  const std::vector<const proto::RequestPlan*> before = RequestsOf(kept);
  const std::vector<const proto::RequestPlan*> now = RequestsOf(wanted);
  if (before.size() != now.size() || now.size() != requests.size()) {
    Add("the number of its requests", words);
    return;
  }
  for (size_t i = 0; i < now.size(); ++i) {
    if (!MessageDifferencer::Equals(*before[i], *now[i])) {
      Add(NameOf(*requests[i], wanted), words);
    }
  }
}

void CompareFeeds(const proto::Plan& kept, const proto::Plan& wanted,
                  const proto::Scenario& scenario, Words* words) {
  for (int i = 0; i < wanted.feeds_size(); ++i) {
    const proto::FeedRows& feed = wanted.feeds(i);
    if (i < kept.feeds_size() && MessageDifferencer::Equals(kept.feeds(i), feed)) continue;
    const auto named = scenario.feeds().find(feed.name());
    const std::string file = named == scenario.feeds().end() ? "" : named->second.file();
    Add(absl::StrCat("the feed ", feed.name(), " (", file, ")"), words);
  }
}

// What does not come from files: all but the requests, and but the runs of a search, which come as
// it goes on.
proto::Plan Frame(const proto::Plan& plan) {
  proto::Plan frame = plan;
  frame.clear_feeds();
  frame.clear_environment_file();
  if (frame.has_capacity()) frame.clear_runs();
  for (proto::RunPlan& run : *frame.mutable_runs()) {
    run.clear_request();
    run.clear_more_requests();
  }
  return frame;
}

}  // namespace

std::vector<std::string> DifferencesOf(const proto::Plan& kept, const proto::Plan& wanted,
                                       const proto::Scenario& scenario) {
  Words words;
  if (!MessageDifferencer::Equals(kept.environment_file(), wanted.environment_file())) {
    Add(absl::StrCat("the environment ", scenario.environment()), &words);
  }
  CompareFeeds(kept, wanted, scenario, &words);
  const std::vector<const proto::Request*> requests = RequestsIn(scenario);
  std::map<TargetPoint, const proto::RunPlan*> before;
  for (const proto::RunPlan& run : kept.runs()) before.try_emplace(TargetPointOf(run), &run);
  for (const proto::RunPlan& run : wanted.runs()) {
    const auto found = before.find(TargetPointOf(run));
    if (found == before.end()) {
      Add(absl::StrCat("its runs of ", run.target()), &words);
    } else {
      CompareRequests(*found->second, run, requests, &words);
    }
  }
  if (words.empty() && !MessageDifferencer::Equals(Frame(kept), Frame(wanted))) {
    Add("the plan that this controller makes of it", &words);
  }
  return words;
}

}  // namespace drumline
