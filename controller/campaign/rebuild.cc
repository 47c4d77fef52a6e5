#include "controller/campaign/rebuild.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/bundle/bundle.h"
#include "controller/bundle/bundle_reader.h"
#include "controller/bundle/posix_file.h"
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

absl::StatusOr<Kept> ReadAll(const BundleReader& reader) {
  Kept kept;
  std::map<std::string, size_t> requests;
  for (const proto::RunPlan& run : reader.plan().runs()) {
    requests[run.run_id()] = RequestsOf(run).size();
  }
  absl::Status status = NoteDamage(reader.ForEachInterval([&](const proto::Interval& interval) {
    const std::string& run_id = interval.run_id();
    const absl::Status added = kept.totals.try_emplace(run_id, run_id, requests[run_id])
                                   .first->second.Add(interval)
                                   .status();
    // What is wrong with one interval does not make the others worthless.
    if (!added.ok() && kept.damages.size() < kMaxDamages) {
      kept.damages.push_back(absl::StrCat(kIntervalsFile, ": ", std::string(added.message())));
    }
    return absl::OkStatus();
  }),
                                   &kept);
  status.Update(NoteDamage(reader.ForEachScrape([&kept](const proto::Scrape& scrape) {
    kept.scrapes[scrape.run_id()].push_back(scrape);
    return absl::OkStatus();
  }),
                           &kept));
  status.Update(NoteDamage(reader.ForEachRunRecord([&kept](const proto::RunRecord& record) {
    kept.records[record.run_id()] = record;
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

}  // namespace

absl::StatusOr<proto::Report> ReadReport(const std::string& bundle_path) {
  const absl::StatusOr<BundleReader> reader = BundleReader::Open(bundle_path);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<Kept> kept = ReadAll(*reader);
  if (!kept.ok()) return kept.status();
  std::vector<proto::RunReport> runs;
  std::vector<proto::RunRecord> records;
  for (const proto::RunPlan& run : reader->plan().runs()) {
    const auto totals = kept->totals.find(run.run_id());
    const auto found = kept->records.find(run.run_id());
    if (totals == kept->totals.end() && found == kept->records.end()) continue;
    const RunTotals none(run.run_id());
    const RunTotals& sums = totals == kept->totals.end() ? none : totals->second;
    const proto::RunRecord* written = found == kept->records.end() ? nullptr : &found->second;
    const bool ended = written != nullptr && written->ended();
    proto::RunRecord record = ended ? *written : CutOffRecord(written, run.run_id(), sums);
    for (const std::string& damage : kept->damages) record.add_faults(damage);
    if (ended) NoteMissingIntervals(sums, &record);
    runs.push_back(BuildRunReport(AssembleRun(run, sums, record, kept->scrapes[run.run_id()]),
                                  ObjectivesOf(reader->plan())));
    records.push_back(std::move(record));
  }
  if (runs.empty()) {
    return absl::NotFoundError(absl::StrCat(bundle_path, " holds no run that has begun"));
  }
  CampaignFacts facts = FactsOf(reader->plan(), reader->environment(), records);
  const absl::StatusOr<std::string> floor =
      ReadWholeFile(absl::StrCat(bundle_path, "/", kNoiseFloorFile), kMaxNoiseFloorBytes);
  if (floor.ok()) {
    absl::StatusOr<proto::NoiseFloor> kept_floor = NoiseFloorFromJson(*floor);
    if (!kept_floor.ok()) return kept_floor.status();
    facts.noise_floor = *std::move(kept_floor);
  }
  proto::Report report = BuildReport(facts, runs);
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
