#include "controller/calibration/shape.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "controller/scenario/enum_word.h"
#include "controller/scenario/scalar.h"
#include "controller/scenario/sha256.h"
#include "core/plan.h"

namespace drumline {
namespace {

void Uncheck(proto::RequestPlan* request) {
  request->set_expect_status(200);
  request->clear_expect_body_contains();
  request->clear_expect_statuses();
  request->clear_expect_headers();
  request->clear_expect_json();
  request->clear_think_ns();
}

std::string Words(const proto::RunPlan& run) {
  const std::vector<const proto::RequestPlan*> requests = RequestsOf(run);
  uint64_t largest = 0;
  for (const proto::RequestPlan* request : requests) {
    largest = std::max<uint64_t>(largest, request->body().size());
  }
  const std::string what = requests.size() == 1
                               ? absl::StrCat(run.request().method(), ", ")
                               : absl::StrCat(requests.size(), " requests, up to ");
  const uint32_t connections = run.load().connections();
  std::string words =
      absl::StrCat(what, FormatCount(largest), " bytes of body, ", FormatCount(connections),
                   connections == 1 ? " connection" : " connections");
  if (run.load().requests_per_connection() > 0) {
    absl::StrAppend(&words, " of ", FormatCount(run.load().requests_per_connection()),
                    " requests each");
  }
  return words;
}

double RequestsPerBeat(const std::vector<const proto::RequestPlan*>& requests) {
  double weights = 0;
  double sent = 0;
  double weight = 1;
  for (const proto::RequestPlan* request : requests) {
    if (!request->follows()) {
      weight = std::max(request->weight(), 1U);
      weights += weight;
    }
    sent += weight;
  }
  return sent / weights;
}

// The same bytes for equal messages: plans have no maps in their requests.
std::string BytesOf(const proto::RunPlan& run) {
  proto::RunPlan shape;
  const proto::RunPlan unchecked = Unchecked(run);
  *shape.mutable_request() = unchecked.request();
  *shape.mutable_more_requests() = unchecked.more_requests();
  shape.mutable_request()->clear_timeout_ns();
  for (proto::RequestPlan& request : *shape.mutable_more_requests()) request.clear_timeout_ns();
  shape.mutable_load()->set_connections(run.load().connections());
  shape.mutable_load()->set_requests_per_connection(run.load().requests_per_connection());
  return shape.SerializeAsString();
}

}  // namespace

proto::RunPlan Unchecked(const proto::RunPlan& run) {
  proto::RunPlan unchecked = run;
  Uncheck(unchecked.mutable_request());
  for (proto::RequestPlan& request : *unchecked.mutable_more_requests()) Uncheck(&request);
  return unchecked;
}

Shape ShapeOf(const proto::RunPlan& run) {
  return {Words(run), Sha256Hex(BytesOf(run)), RequestsPerBeat(RequestsOf(run))};
}

std::vector<proto::RunPlan> RunsByShape(const proto::Plan& plan) {
  std::set<std::string> seen;
  std::vector<proto::RunPlan> runs;
  for (const proto::RunPlan& run : plan.runs()) {
    if (seen.insert(BytesOf(run)).second) runs.push_back(run);
  }
  return runs;
}

std::string PacingWords(const proto::EnginePlan& engine) {
  std::string words = EnumWord(engine.pacing() == proto::PACING_UNSPECIFIED ? proto::PACING_PRECISE
                                                                            : engine.pacing());
  if (engine.pacing() == proto::PACING_COALESCED) {
    absl::StrAppend(&words, " ", DurationText(engine.tick_ns()));
  }
  return words;
}

}  // namespace drumline
