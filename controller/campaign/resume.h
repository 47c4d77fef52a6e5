// What is left of a campaign that was cut short, from its bundle: which runs are finished, and
// under which names the others are done.
//
//     absl::StatusOr<Resumption> left = ReadResumption("results/echo-100k-20260711T093000Z");
//     left->records, left->finished, left->Next(run);
//
// A run is finished once its record says that it ended by itself, whatever its verdict. One that
// was cut off, by the controller's end or by somebody's stop, is done again from its beginning: its
// agents' queues and the target's caches are gone. What it had reported stays in the bundle and in
// the report, as a run of its own that counts for nothing.
#ifndef CONTROLLER_CAMPAIGN_RESUME_H_
#define CONTROLLER_CAMPAIGN_RESUME_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/interval.pb.h"
#include "proto/plan.pb.h"
#include "proto/report.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

// An aborted run is finished, too: its verdict would be the same again.
bool IsFinished(const proto::RunRecord& record);

struct Resumption {
  std::string bundle_path;
  proto::Scenario scenario;
  // Where the scenario's files are looked for.
  std::string directory;
  proto::Plan plan;
  // Unset if the campaign was cut short before it was written.
  std::optional<proto::Environment> environment;
  // In the order in which they were carried out; those that were cut off too.
  std::vector<proto::RunReport> runs;
  std::vector<proto::RunRecord> records;
  // By the plan's names. Of a pair both runs are, or neither: they are carried out at once.
  std::set<std::string> finished;
  std::map<std::string, int> attempts;

  // Whether the record is what is known of a run that is finished: its newest attempt.
  bool Stands(const proto::RunRecord& record) const;
  // A run that is not finished, under the name of its next attempt.
  proto::RunPlan Next(const proto::RunPlan& run) const;
  // For the person who waits: "2 of 6 runs are finished; 003-echo-r1 was cut off and is done
  // again".
  std::string ToText() const;
};

// NotFound for a directory that is no bundle, FailedPrecondition for one of a version that did not
// keep what a resumption needs.
absl::StatusOr<Resumption> ReadResumption(const std::string& bundle_path);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_RESUME_H_
