#include "controller/campaign/resume.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/bundle/attempt_id.h"
#include "controller/bundle/bundle.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
#include "controller/campaign/rebuild.h"

namespace drumline {

bool IsFinished(const proto::RunRecord& record) {
  return record.ended() && (record.interrupted().empty() || !record.aborted().empty());
}

bool Resumption::Stands(const proto::RunRecord& record) const {
  const std::string first = FirstAttemptOf(record.run_id());
  const auto newest = attempts.find(first);
  return finished.contains(first) && newest != attempts.end() &&
         AttemptId(first, newest->second) == record.run_id();
}

proto::RunPlan Resumption::Next(const proto::RunPlan& run) const {
  int done = 0;
  // The runs of a pair have the same number of attempts, so that it is seen which belong together.
  for (const proto::RunPlan& planned : plan.runs()) {
    const bool at_once = run.pair() != 0 && planned.pair() == run.pair();
    if (planned.run_id() != run.run_id() && !at_once) continue;
    const auto found = attempts.find(planned.run_id());
    if (found != attempts.end()) done = std::max(done, found->second);
  }
  proto::RunPlan next = run;
  if (done > 0) next.set_run_id(AttemptId(run.run_id(), done + 1));
  return next;
}

std::string Resumption::ToText() const {
  std::vector<std::string> again;
  for (const auto& [run_id, count] : attempts) {
    if (!finished.contains(run_id)) again.push_back(run_id);
  }
  const std::string kept =
      absl::StrCat(finished.size(), " of ", plan.runs_size(), " runs are finished");
  if (again.empty()) return kept;
  return absl::StrCat(
      kept, "; ", absl::StrJoin(again, ", "),
      again.size() == 1 ? " was cut off and is done again" : " were cut off and are done again");
}

absl::StatusOr<Resumption> ReadResumption(const std::string& bundle_path) {
  absl::StatusOr<BundleReader> reader = BundleReader::Open(bundle_path);
  if (!reader.ok()) return reader.status();
  // What a power cut left at the ends of its files is no fault of runs that were finished.
  if (absl::Status status = Bundle::Reopen(bundle_path).status(); !status.ok()) return status;
  absl::StatusOr<proto::Scenario> scenario = reader->ReadScenarioMessage();
  if (!scenario.ok()) return scenario.status();
  Resumption left;
  left.bundle_path = bundle_path;
  left.scenario = *std::move(scenario);
  left.plan = reader->plan();
  absl::StatusOr<std::string> directory =
      ReadWholeFile(absl::StrCat(bundle_path, "/", kDirectoryFile), BundleReader::kMaxFileBytes);
  if (!directory.ok()) return directory.status();
  left.directory = *std::move(directory);
  if (!reader->environment().host().empty()) left.environment = reader->environment();
  absl::StatusOr<KeptRuns> kept = ReadRuns(*reader);
  if (!kept.ok()) return kept.status();
  left.runs = std::move(kept->reports);
  left.records = std::move(kept->records);
  for (const proto::RunRecord& record : left.records) {
    const std::string first = FirstAttemptOf(record.run_id());
    left.attempts[first] = std::max(left.attempts[first], AttemptOf(record.run_id()));
    if (IsFinished(record)) left.finished.insert(first);
  }
  std::set<uint32_t> broken_pairs;
  for (const proto::RunPlan& run : left.plan.runs()) {
    if (run.pair() != 0 && !left.finished.contains(run.run_id())) broken_pairs.insert(run.pair());
  }
  for (const proto::RunPlan& run : left.plan.runs()) {
    if (broken_pairs.contains(run.pair())) left.finished.erase(run.run_id());
  }
  return left;
}

}  // namespace drumline
