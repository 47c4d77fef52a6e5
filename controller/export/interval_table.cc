#include "controller/export/interval_table.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/outcome.h"

namespace drumline {
namespace {

constexpr double kNsPerUs = 1e3;
constexpr double kNsPerS = 1e9;

struct NamedQuantile {
  const char* name;
  double quantile;
};
constexpr NamedQuantile kQuantiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}};

// RFC 4180: quoted where a separator, a quote or a line feed is in it.
std::string Cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Point(const proto::RunPlan& run) {
  // In the order of the axes' names: a map has none.
  const std::map<std::string, std::string> axes(run.point().begin(), run.point().end());
  return absl::StrJoin(axes, " ", absl::PairFormatter("="));
}

const char* PhaseWord(proto::Phase phase) {
  switch (phase) {
    case proto::PHASE_WARMUP:
      return "warmup";
    case proto::PHASE_MEASURE:
      return "measure";
    case proto::PHASE_DRAIN:
      return "drain";
    default:
      return "";
  }
}

void AppendTimes(const Histogram& histogram, std::vector<std::string>* cells) {
  for (const NamedQuantile& wanted : kQuantiles) {
    cells->push_back(histogram.empty()
                         ? ""
                         : absl::StrFormat("%.3f", static_cast<double>(
                                                       histogram.ValueAtQuantile(wanted.quantile)) /
                                                       kNsPerUs));
  }
  cells->push_back(
      histogram.empty()
          ? ""
          : absl::StrFormat("%.3f", static_cast<double>(histogram.max_ns()) / kNsPerUs));
}

std::string Seconds(int64_t ns) {
  return absl::StrFormat("%.6f", static_cast<double>(ns) / kNsPerS);
}

}  // namespace

std::string IntervalTableHead() {
  std::vector<std::string> names = {"run_id",  "target", "point", "repeat",    "agent", "agents",
                                    "begin_s", "end_s",  "phase", "scheduled", "sent"};
  for (const std::string_view outcome : kOutcomeNames) names.emplace_back(outcome);
  for (const char* what : {"response_time", "service_time", "send_lag"}) {
    for (const NamedQuantile& wanted : kQuantiles) {
      names.push_back(absl::StrCat(what, "_", wanted.name, "_us"));
    }
    names.push_back(absl::StrCat(what, "_max_us"));
  }
  for (const char* name : {"bytes_sent", "bytes_received", "agent_cpu_s", "worker_busy_max",
                           "connections_open", "connects"}) {
    names.emplace_back(name);
  }
  return absl::StrCat(absl::StrJoin(names, ","), "\n");
}

std::string IntervalTableRow(const Stretch& stretch, const proto::RunPlan& run) {
  Book all = stretch.warmup;
  all.Merge(stretch.measure);
  std::vector<std::string> cells = {Cell(stretch.run_id),
                                    Cell(run.target()),
                                    Cell(Point(run)),
                                    absl::StrCat(run.repeat()),
                                    Cell(stretch.agent_id),
                                    absl::StrCat(stretch.agents),
                                    Seconds(stretch.begin_ns),
                                    Seconds(stretch.end_ns),
                                    PhaseWord(stretch.phase),
                                    absl::StrCat(all.ledger().scheduled()),
                                    absl::StrCat(all.ledger().sent())};
  for (size_t outcome = 0; outcome < kOutcomeCount; ++outcome) {
    cells.push_back(absl::StrCat(all.ledger().Count(static_cast<Outcome>(outcome))));
  }
  AppendTimes(all.response_time(), &cells);
  AppendTimes(all.service_time(), &cells);
  AppendTimes(all.send_lag(), &cells);
  cells.push_back(absl::StrCat(all.bytes_sent()));
  cells.push_back(absl::StrCat(all.bytes_received()));
  cells.push_back(Seconds(stretch.agent_cpu_ns));
  cells.push_back(absl::StrFormat("%.4f", stretch.worker_busy_max));
  cells.push_back(absl::StrCat(stretch.connections_open));
  cells.push_back(absl::StrCat(stretch.connects));
  return absl::StrCat(absl::StrJoin(cells, ","), "\n");
}

absl::Status WriteIntervalTable(const BundleReader& reader, StretchMerger::Fleet fleet,
                                std::FILE* stream) {
  const auto print = [stream](const std::string& text) {
    return std::fputs(text.c_str(), stream) < 0
               ? absl::UnavailableError("the table could not be written")
               : absl::OkStatus();
  };
  std::map<std::string, const proto::RunPlan*> runs;
  for (const proto::RunPlan& run : reader.plan().runs()) runs[run.run_id()] = &run;
  absl::Status status = print(IntervalTableHead());
  if (!status.ok()) return status;
  StretchMerger merger(fleet, [&](const Stretch& stretch) {
    const auto run = runs.find(stretch.run_id);
    return print(IntervalTableRow(
        stretch, run == runs.end() ? proto::RunPlan::default_instance() : *run->second));
  });
  const auto end = reader.ForEachInterval(
      [&merger](const proto::Interval& interval) { return merger.Add(interval); });
  if (!end.ok()) return end.status();
  status = merger.Finish();
  if (status.ok() && end->damage) status = absl::DataLossError(*end->damage);
  return status;
}

}  // namespace drumline
