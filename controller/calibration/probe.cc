#include "controller/calibration/probe.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "controller/calibration/shape.h"
#include "core/plan.h"
#include "core/rate.h"

namespace drumline {
namespace {

// A JSON document in which each of some pointers has a value. Members of arrays are members of
// objects here: to a pointer (RFC 6901) they look the same.
struct Node {
  std::map<std::string, Node> members;
};

void Add(const std::string& pointer, Node* root) {
  const std::vector<std::string> tokens = absl::StrSplit(pointer, '/');
  Node* node = root;
  for (size_t i = 1; i < tokens.size(); ++i) {
    node = &node->members[absl::StrReplaceAll(tokens[i], {{"~1", "/"}, {"~0", "~"}})];
  }
}

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

void Print(const Node& node, std::string* json) {
  if (node.members.empty()) {
    absl::StrAppend(json, "\"1\"");
    return;
  }
  const char* before = "{";
  for (const auto& [name, member] : node.members) {
    absl::StrAppend(json, before, Quoted(name), ":");
    Print(member, json);
    before = ",";
  }
  absl::StrAppend(json, "}");
}

proto::RunPlan Probe(const proto::RunPlan& run) {
  proto::RunPlan probe = Unchecked(run);
  probe.clear_point();
  proto::LoadPlan load;
  load.set_connections(run.load().connections());
  load.set_requests_per_connection(run.load().requests_per_connection());
  load.set_seed(run.load().seed());
  load.set_warmup_ns(kProbeWarmupNs);
  load.set_measure_ns(kProbeMeasureNs);
  load.set_drain_ns(kProbeMeasureNs);
  *probe.mutable_load() = std::move(load);
  return probe;
}

}  // namespace

uint64_t AnswerBytesOf(const proto::RunPlan& run) {
  uint64_t largest = 0;
  for (const proto::RequestPlan* request : RequestsOf(run)) {
    if (request->method() == "HEAD") return 0;
    largest = std::max<uint64_t>(largest, request->body().size());
  }
  return std::min(largest, kMostAnswerBytes);
}

absl::Status CheckNullAnswer(const proto::RunPlan& run, uint64_t body_bytes) {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(run);
  const auto head = std::find_if(requests.begin(), requests.end(),
                                 [](const auto* request) { return request->method() == "HEAD"; });
  if (head == requests.end()) return absl::OkStatus();
  const std::string name = (*head)->name().empty() ? "a request" : "request " + (*head)->name();
  if (body_bytes > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is a HEAD, whose answers have no body: answers of ", body_bytes,
                     " bytes cannot be given to it (--answer-size)"));
  }
  for (const proto::RequestPlan* request : requests) {
    for (const proto::TakePlan& take : request->take()) {
      if (!take.header().empty()) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          name, " is a HEAD, whose answers have no body, and `take: {", take.name(),
          ": {json: …}}` needs one: the null service gives all requests the same answer, so that "
          "this mix cannot be calibrated"));
    }
  }
  return absl::OkStatus();
}

std::string NullAnswer(const proto::RunPlan& run, uint64_t body_bytes) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  Node document;
  for (const proto::RequestPlan* request : RequestsOf(run)) {
    for (const proto::TakePlan& take : request->take()) {
      if (!take.header().empty()) absl::StrAppend(&head, take.header(), ": 1\r\n");
      if (take.header().empty()) Add(take.pointer(), &document);
    }
  }
  std::string body;
  if (!document.members.empty()) Print(document, &body);
  body.append(std::max<size_t>(body.size(), body_bytes) - body.size(), ' ');
  return absl::StrCat(head, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

proto::RunPlan ClosedProbe(const proto::RunPlan& run) {
  proto::RunPlan probe = Probe(run);
  probe.mutable_load()->set_closed_loop(true);
  return probe;
}

proto::RunPlan OpenProbe(const proto::RunPlan& run, double beats_per_second) {
  proto::RunPlan probe = Probe(run);
  proto::LoadPlan& load = *probe.mutable_load();
  load.set_arrivals(proto::ARRIVALS_CONSTANT);
  proto::RateSegment& segment = *load.add_segments();
  // Whole requests, so that no probe is without a beat.
  const auto whole = static_cast<int64_t>(std::llround(std::max(1.0, beats_per_second)));
  const int64_t most = Rate::kMaxMicroPerHour / Rate::kMicroPerHourInOnePerSecond;
  segment.mutable_from()->set_micro_per_hour(
      Rate::PerSecond(std::min(whole, most)).micro_per_hour());
  *segment.mutable_to() = segment.from();
  segment.set_length_ns(kProbeWarmupNs + kProbeMeasureNs);
  load.set_beats(ProfileOf(load)->beats());
  return probe;
}

}  // namespace drumline
