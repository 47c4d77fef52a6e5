#include "controller/campaign/rebuild.h"

#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/bundle/attempt_id.h"
#include "controller/bundle/bundle.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
#include "controller/calibration/kept.h"
#include "controller/campaign/assembly.h"
#include "controller/page/bundle_page.h"
#include "controller/report/junit.h"
#include "controller/report/noise_floor.h"
#include "controller/report/report_builder.h"
#include "controller/report/report_json.h"
#include "controller/run/run_totals.h"
#include "core/plan.h"

namespace drumline {
namespace {

// What a bundle holds of its runs, by run id.
struct Kept {
  std::map<std::string, RunTotals> totals;
  std::map<std::string, proto::RunRecord> records;
  std::map<std::string, std::vector<proto::Scrape>> scrapes;
  // Where a file could not be read any further.
  std::vector<std::string> damages;
};

// Reasons beyond these say nothing new.
constexpr size_t kMaxDamages = 10;

absl::Status NoteDamage(const absl::StatusOr<BundleReader::End>& end, Kept* kept) {
  if (!end.ok()) return end.status();
  if (end->damage) kept->damages.push_back(*end->damage);
  return absl::OkStatus();
}

RunTotals& TotalsOf(const std::string& run_id, size_t requests, Kept* kept) {
  const auto record = kept->records.find(run_id);
  const bool cut = record != kept->records.end() && record->second.has_cut_ns();
  return kept->totals
      .try_emplace(run_id, run_id, requests,
                   cut ? record->second.cut_ns() : std::numeric_limits<int64_t>::max())
      .first->second;
}

absl::StatusOr<Kept> ReadAll(const BundleReader& reader) {
  Kept kept;
  std::map<std::string, size_t> requests;
  for (const proto::RunPlan& run : reader.plan().runs()) {
    requests[run.run_id()] = RequestsOf(run).size();
  }
  // First: they say where a run was cut.
  absl::Status status = NoteDamage(reader.ForEachRunRecord([&kept](const proto::RunRecord& record) {
    kept.records[record.run_id()] = record;
    return absl::OkStatus();
  }),
                                   &kept);
  status.Update(NoteDamage(reader.ForEachInterval([&](const proto::Interval& interval) {
    const std::string& run_id = interval.run_id();
    const size_t of_run = requests[FirstAttemptOf(run_id)];
    const absl::Status added = TotalsOf(run_id, of_run, &kept).Add(interval).status();
    // What is wrong with one interval does not make the others worthless.
    if (!added.ok() && kept.damages.size() < kMaxDamages) {
      kept.damages.push_back(absl::StrCat(kIntervalsFile, ": ", std::string(added.message())));
    }
    return absl::OkStatus();
  }),
                           &kept));
  status.Update(NoteDamage(reader.ForEachScrape([&kept](const proto::Scrape& scrape) {
    kept.scrapes[scrape.run_id()].push_back(scrape);
    return absl::OkStatus();
  }),
                           &kept));
  if (!status.ok()) return status;
  return kept;
}

// The record of a run that never came to its end, from what was written at its start, if that is
// there.
proto::RunRecord CutOffRecord(const proto::RunRecord* start, const std::string& run_id,
                              const RunTotals& totals) {
  proto::RunRecord record;
  if (start != nullptr) {
    record = *start;
  } else {
    record.set_run_id(run_id);
    for (const auto& [agent_id, sums] : totals.agents()) record.add_agents()->set_id(agent_id);
  }
  record.add_faults("the run was cut off: the controller ended before it did");
  return record;
}

// A file that ends between two records looks whole; its run does not.
void NoteMissingIntervals(const RunTotals& totals, proto::RunRecord* record) {
  if (record->has_cut_ns()) return;
  for (const proto::AgentRecord& agent : record->agents()) {
    if (agent.has_lost_at_ns()) continue;
    const auto found = totals.agents().find(agent.id());
    // An agent that was stopped before it began has no interval.
    const bool whole =
        found == totals.agents().end() ? !record->interrupted().empty() : found->second.complete;
    if (whole) continue;
    const uint64_t held = found == totals.agents().end() ? 0 : found->second.intervals;
    record->add_faults(absl::StrCat(kIntervalsFile, " holds ", held, " intervals of agent ",
                                    agent.id(), ", but not its last one"));
  }
}

// False if the bundle holds nothing of it.
bool AddAttempt(const proto::RunPlan& run, const proto::Plan& plan, Kept* kept, KeptRuns* runs) {
  const auto totals = kept->totals.find(run.run_id());
  const auto found = kept->records.find(run.run_id());
  if (totals == kept->totals.end() && found == kept->records.end()) return false;
  const RunTotals none(run.run_id());
  const RunTotals& sums = totals == kept->totals.end() ? none : totals->second;
  const proto::RunRecord* written = found == kept->records.end() ? nullptr : &found->second;
  const bool ended = written != nullptr && written->ended();
  proto::RunRecord record = ended ? *written : CutOffRecord(written, run.run_id(), sums);
  for (const std::string& damage : kept->damages) record.add_faults(damage);
  if (ended) NoteMissingIntervals(sums, &record);
  runs->reports.push_back(BuildRunReport(
      AssembleRun(run, sums, record, kept->scrapes[run.run_id()]), ObjectivesOf(plan)));
  runs->records.push_back(std::move(record));
  return true;
}

}  // namespace

absl::StatusOr<RunTotals> ReadTotals(const std::string& bundle_path, const proto::RunPlan& run,
                                     int64_t cut_ns) {
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(bundle_path);
  if (!reader.ok()) return reader.status();
  RunTotals totals(run.run_id(), RequestsOf(run).size(), cut_ns);
  const absl::StatusOr<BundleReader::End> end =
      reader->ForEachInterval([&](const proto::Interval& interval) {
        return interval.run_id() == run.run_id() ? totals.Add(interval).status() : absl::OkStatus();
      });
  if (!end.ok()) return end.status();
  if (end->damage) return absl::DataLossError(*end->damage);
  return totals;
}

absl::StatusOr<KeptRuns> ReadRuns(const BundleReader& reader) {
  absl::StatusOr<Kept> kept = ReadAll(reader);
  if (!kept.ok()) return kept.status();
  KeptRuns runs;
  for (const proto::RunPlan& planned : reader.plan().runs()) {
    // The other run of a pair may have an attempt more, of which this one had not written anything:
    // one gap is no end.
    int missing = 0;
    for (int attempt = 1; missing < 2; ++attempt) {
      proto::RunPlan run = planned;
      run.set_run_id(AttemptId(planned.run_id(), attempt));
      missing = AddAttempt(run, reader.plan(), &*kept, &runs) ? 0 : missing + 1;
    }
  }
  return runs;
}

absl::StatusOr<proto::Report> ReadReport(const std::string& bundle_path) {
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(bundle_path);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<KeptRuns> runs = ReadRuns(*reader);
  if (!runs.ok()) return runs.status();
  if (runs->reports.empty()) {
    return absl::NotFoundError(absl::StrCat(bundle_path, " holds no run that has begun"));
  }
  CampaignFacts facts = FactsOf(reader->plan(), reader->environment(), runs->records);
  const absl::StatusOr<std::string> floor =
      ReadWholeFile(absl::StrCat(bundle_path, "/", kNoiseFloorFile), kMaxNoiseFloorBytes);
  if (floor.ok()) {
    absl::StatusOr<proto::NoiseFloor> kept_floor = NoiseFloorFromJson(*floor);
    if (!kept_floor.ok()) return kept_floor.status();
    facts.noise_floor = *std::move(kept_floor);
  }
  absl::StatusOr<proto::Calibration> calibration =
      ReadCalibration(absl::StrCat(bundle_path, "/", kCalibrationFile));
  if (!calibration.ok()) return calibration.status();
  facts.calibration = *std::move(calibration);
  proto::Report report = BuildReport(facts, runs->reports);
  *report.mutable_preflight() = reader->preflight().hosts();
  return report;
}

absl::StatusOr<proto::Report> RebuildReport(const std::string& bundle_path) {
  absl::StatusOr<proto::Report> report = ReadReport(bundle_path);
  if (!report.ok()) return report.status();
  const absl::StatusOr<std::string> json = ReportToJson(*report);
  if (!json.ok()) return json.status();
  absl::Status status = WriteFileAtomically(absl::StrCat(bundle_path, "/", kReportFile), *json);
  if (status.ok()) status = WriteReportPage(bundle_path, *report);
  status.Update(
      WriteFileAtomically(absl::StrCat(bundle_path, "/", kJunitFile), ReportToJunit(*report)));
  if (!status.ok()) return status;
  return report;
}

}  // namespace drumline
