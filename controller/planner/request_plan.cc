#include "controller/planner/request_plan.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/planner/request_body.h"
#include "controller/scenario/feed_file.h"
#include "controller/scenario/url.h"
#include "core/template.h"

namespace drumline {
namespace {

// A proto map has no order of its own.
using Sorted = std::map<std::string, std::string>;

// Where the target itself says that requests go.
absl::StatusOr<std::string> PathOf(const proto::Target& target) {
  if (target.url().empty()) {
    const auto* value = proto::Service_descriptor()->FindValueByNumber(target.service());
    return value->options().GetExtension(proto::service_path);
  }
  absl::StatusOr<ParsedUrl> url = ParseUrl(target.url());
  if (!url.ok()) return url.status();
  return url->path_and_query;
}

void PlanExpect(const proto::Expect& expect, proto::RequestPlan* plan) {
  if (expect.statuses().empty()) plan->set_expect_status(expect.status());
  for (const proto::StatusClass& status : expect.statuses()) {
    proto::StatusRange& range = *plan->add_expect_statuses();
    range.set_first(status.first());
    range.set_last(status.last());
  }
  plan->set_expect_body_contains(expect.body_contains());
  for (const auto& [name, value] : Sorted(expect.headers().begin(), expect.headers().end())) {
    proto::Header& header = *plan->add_expect_headers();
    header.set_name(name);
    header.set_value(value);
  }
  for (const auto& [pointer, value] : Sorted(expect.json().begin(), expect.json().end())) {
    proto::JsonEquals& equals = *plan->add_expect_json();
    equals.set_pointer(pointer);
    equals.set_value(value);
  }
}

absl::StatusOr<proto::RequestPlan> PlanRequest(const proto::Request& request,
                                               const std::string& directory,
                                               const std::string& target_path,
                                               const proto::Bytes* payload) {
  proto::RequestPlan plan;
  plan.set_name(request.name());
  plan.set_method(request.method());
  plan.set_path(request.path().empty() ? target_path : request.path());
  bool templated_head = Template::Looks(request.path());
  for (const auto& [name, value] : Sorted(request.headers().begin(), request.headers().end())) {
    proto::Header& header = *plan.add_headers();
    header.set_name(name);
    header.set_value(value);
    templated_head = templated_head || Template::Looks(value);
  }
  plan.set_templated_head(templated_head);
  // A mix may have requests without a body beside those that the matrix varies.
  const bool varied =
      request.has_body() || (request.method() != "GET" && request.method() != "HEAD");
  absl::StatusOr<std::string> body = BodyOf(request.body(), varied ? payload : nullptr, directory);
  if (!body.ok()) return body.status();
  plan.set_body(*std::move(body));
  plan.set_templated_body(IsTemplate(request.body()));
  PlanExpect(request.expect(), &plan);
  plan.set_timeout_ns(request.timeout().ns());
  plan.set_weight(request.weight());
  plan.set_think_ns(request.think().ns());
  const std::map<std::string, proto::Take> takes(request.take().begin(), request.take().end());
  for (const auto& [name, take] : takes) {
    proto::TakePlan& taken = *plan.add_take();
    taken.set_name(name);
    taken.set_pointer(take.json());
    taken.set_header(take.header());
  }
  return plan;
}

}  // namespace

absl::StatusOr<std::vector<proto::RequestPlan>> PlanRequests(const proto::Scenario& scenario,
                                                             const std::string& directory,
                                                             const std::string& target,
                                                             const proto::Bytes* payload) {
  const absl::StatusOr<std::string> path = PathOf(scenario.targets().at(target));
  if (!path.ok()) return path.status();
  std::vector<proto::RequestPlan> plans;
  const auto add = [&](const proto::Request& request) {
    absl::StatusOr<proto::RequestPlan> plan = PlanRequest(request, directory, *path, payload);
    if (!plan.ok()) return plan.status();
    plans.push_back(*std::move(plan));
    return absl::OkStatus();
  };
  absl::Status status;
  for (const proto::Request& request : scenario.requests()) status.Update(add(request));
  for (const proto::Flow& flow : scenario.flows()) {
    const size_t first = plans.size();
    for (const proto::Request& step : flow.steps()) status.Update(add(step));
    if (!status.ok()) return status;
    for (size_t i = first; i < plans.size(); ++i) {
      plans[i].set_flow(flow.name());
      plans[i].set_follows(i > first);
      plans[i].set_weight(i > first ? 0 : flow.weight());
    }
  }
  if (plans.empty()) status.Update(add(scenario.request()));
  if (!status.ok()) return status;
  return plans;
}

absl::Status PlanFeeds(const proto::Scenario& scenario, const std::string& directory,
                       proto::Plan* plan) {
  const std::map<std::string, proto::Feed> feeds(scenario.feeds().begin(), scenario.feeds().end());
  for (const auto& [name, feed] : feeds) {
    absl::StatusOr<FeedContent> content =
        ReadFeed((std::filesystem::path(directory) / feed.file()).string());
    if (!content.ok()) {
      return absl::Status(content.status().code(),
                          absl::StrCat("the feed ", feed.file(), " ", content.status().message()));
    }
    proto::FeedRows& rows = *plan->add_feeds();
    rows.set_name(name);
    rows.set_order(feed.order());
    rows.set_total_rows(content->rows());
    for (std::string& column : content->columns) rows.add_columns(std::move(column));
    for (std::string& value : content->values) rows.add_values(std::move(value));
  }
  return absl::OkStatus();
}

}  // namespace drumline
