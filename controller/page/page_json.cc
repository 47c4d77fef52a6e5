#include "controller/page/page_json.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <map>
#include <utility>

#include "controller/report/report_json.h"
#include "core/outcome.h"

namespace drumline {
namespace {

namespace json = boost::json;

constexpr int64_t kNsPerMs = 1'000'000;
// A column takes about 300 bytes: 4,500 of them fit into 1.5 MB with room for the rest of the page.
constexpr size_t kColumnsOfPage = 4'500;
constexpr size_t kFewestColumns = 30;
constexpr int kRowsPerDecade = 20;
constexpr int kPointsPerDecade = 12;
// More lines than these are one to the eye, and each would take its place in every column.
constexpr size_t kMostAgents = 6;
// A gap's reason is for people.
constexpr size_t kMostGapBytes = 80;

json::array QuantilesToJson(const SparseCounts& counts) {
  if (counts.count() == 0) return {};
  return {counts.ValueAtQuantile(0.5), counts.ValueAtQuantile(0.99), counts.ValueAtQuantile(0.999),
          counts.max_ns()};
}

json::array HeatToJson(const SparseCounts& counts) {
  json::array heat;
  if (counts.slots().empty()) return heat;
  const int first = HeatRow(Histogram::LowestInSlot(counts.slots().front().slot));
  const int last = HeatRow(Histogram::LowestInSlot(counts.slots().back().slot));
  std::vector<uint64_t> rows(static_cast<size_t>(last - first) + 1);
  for (const SparseCounts::Slot& slot : counts.slots()) {
    rows[static_cast<size_t>(HeatRow(Histogram::LowestInSlot(slot.slot)) - first)] += slot.count;
  }
  heat.emplace_back(first);
  for (uint64_t count : rows) heat.emplace_back(count);
  return heat;
}

// What each agent sent; of many, what the slowest, the median and the fastest did.
json::object AgentsToJson(const std::map<std::string, TimelineColumn::AgentPart>& agents) {
  json::object out;
  if (agents.size() <= kMostAgents) {
    for (const auto& [id, part] : agents) out[id] = part.sent;
    return out;
  }
  std::vector<uint64_t> sent;
  for (const auto& [id, part] : agents) sent.push_back(part.sent);
  std::sort(sent.begin(), sent.end());
  out["slowest"] = sent.front();
  out["median"] = sent[sent.size() / 2];
  out["fastest"] = sent.back();
  return out;
}

json::array ScrapeToJson(const proto::Scrape& scrape) {
  const int64_t at_ms = scrape.at_ns() / kNsPerMs;
  if (!scrape.gap().empty()) return {at_ms, scrape.gap().substr(0, kMostGapBytes)};
  const auto known = [&scrape](const char* name, double value) -> json::value {
    const auto& missing = scrape.missing();
    if (std::find(missing.begin(), missing.end(), name) != missing.end()) return nullptr;
    return value;
  };
  json::object watched;
  for (const auto& [name, value] : scrape.watched()) watched[name] = value;
  return {at_ms, known("cpu_seconds_total", scrape.cpu_seconds_total()),
          known("rss_bytes", scrape.rss_bytes()), known("open_fds", scrape.open_fds()),
          std::move(watched)};
}

}  // namespace

size_t ColumnsFor(size_t runs) {
  return std::clamp(kColumnsOfPage / std::max<size_t>(1, runs), kFewestColumns, kMostColumns);
}

int HeatRow(int64_t value_ns) {
  if (value_ns <= 1'000) return 0;
  return static_cast<int>(std::log10(static_cast<double>(value_ns) / 1e3) * kRowsPerDecade);
}

json::array ColumnToJson(const TimelineColumn& column) {
  json::array out = {column.begin_ns / kNsPerMs, column.end_ns / kNsPerMs,
                     static_cast<int>(column.phase), column.ledger.scheduled(),
                     column.ledger.sent()};
  for (size_t i = 0; i < kOutcomeCount; ++i) {
    out.emplace_back(column.ledger.Count(static_cast<Outcome>(i)));
  }
  for (const SparseCounts* counts : {&column.response_time, &column.service_time, &column.send_lag,
                                     &column.generator_lag, &column.hiccups}) {
    out.emplace_back(QuantilesToJson(*counts));
  }
  out.emplace_back(std::llround(column.max_worker_busy * 1e3));
  out.emplace_back(HeatToJson(column.response_time));
  int64_t cpu_ns = 0;
  for (const auto& [id, part] : column.agents) cpu_ns += part.cpu_ns;
  out.emplace_back(AgentsToJson(column.agents));
  out.emplace_back(cpu_ns / kNsPerMs);
  return out;
}

json::array CurveToJson(const Histogram& histogram) {
  json::array points;
  if (histogram.empty()) return points;
  const auto add = [&](double x) {
    points.push_back(json::array{x, histogram.ValueAtQuantile(1 - 1 / x)});
  };
  const auto samples = static_cast<double>(histogram.count());
  for (int i = 0;; ++i) {
    const double x = std::pow(10, static_cast<double>(i) / kPointsPerDecade);
    if (x > samples) break;
    const double before = std::pow(10, static_cast<double>(i - 1) / kPointsPerDecade);
    if (before < 2 && x > 2) add(2);
    // Decades as they are written, so that a quantile of the report is a point of the curve.
    add(i % kPointsPerDecade == 0 ? std::round(x) : x);
  }
  points.push_back(json::array{samples, histogram.max_ns()});
  return points;
}

json::object CurvesToJson(const RunTimeline& timeline) {
  return {{"response_time", CurveToJson(timeline.response_time())},
          {"service_time", CurveToJson(timeline.service_time())},
          {"send_lag", CurveToJson(timeline.send_lag())},
          {"generator_lag", CurveToJson(timeline.generator_lag())}};
}

json::array ScrapesToJson(const std::vector<proto::Scrape>& scrapes, size_t most) {
  json::array out;
  const size_t group = std::max<size_t>(1, (scrapes.size() + most - 1) / most);
  for (size_t begin = 0; begin < scrapes.size();) {
    size_t end = begin;
    size_t chosen = begin;
    const bool gap = !scrapes[begin].gap().empty();
    while (end < scrapes.size() && end - begin < group && scrapes[end].gap().empty() != gap) {
      if (scrapes[end].rss_bytes() > scrapes[chosen].rss_bytes()) chosen = end;
      ++end;
    }
    out.emplace_back(ScrapeToJson(scrapes[chosen]));
    begin = end;
  }
  return out;
}

json::object RunToJson(const RunTimeline& timeline, const proto::RunRecord& record,
                       const std::vector<proto::Scrape>& scrapes) {
  const proto::LoadPlan& load = timeline.plan().load();
  json::array columns;
  for (const auto& [index, column] : timeline.columns()) columns.emplace_back(ColumnToJson(column));
  json::array lost;
  for (const proto::AgentRecord& agent : record.agents()) {
    if (!agent.has_lost_at_ns()) continue;
    lost.push_back(json::array{agent.id(), agent.lost_at_ns() / kNsPerMs});
  }
  json::array faults;
  for (const std::string& fault : record.faults()) faults.emplace_back(fault);
  json::object run;
  run["run_id"] = timeline.plan().run_id();
  run["target"] = timeline.plan().target();
  run["column_ms"] = timeline.column_ns() / kNsPerMs;
  run["warmup_ms"] = load.warmup_ns() / kNsPerMs;
  run["measure_ms"] = load.measure_ns() / kNsPerMs;
  run["columns"] = std::move(columns);
  run["curves"] = CurvesToJson(timeline);
  run["scrapes"] = ScrapesToJson(scrapes, kMostColumns);
  run["lost"] = std::move(lost);
  run["faults"] = std::move(faults);
  return run;
}

absl::StatusOr<json::object> BundleToJson(const std::string& path, const std::string& scenario,
                                          const proto::Report& report, json::array runs) {
  const absl::StatusOr<std::string> text = ReportToJson(report);
  if (!text.ok()) return text.status();
  boost::system::error_code error;
  json::value parsed = json::parse(*text, error);
  if (error) return absl::InternalError("report.json is not JSON: " + error.message());
  json::object bundle;
  bundle["path"] = path;
  bundle["scenario"] = scenario;
  bundle["report"] = std::move(parsed);
  bundle["runs"] = std::move(runs);
  return bundle;
}

}  // namespace drumline
