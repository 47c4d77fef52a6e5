#include "controller/report/comparison_text.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/format/columns.h"
#include "controller/report/compared_metric.h"
#include "controller/report/comparison_words.h"
#include "controller/report/text_layout.h"
#include "google/protobuf/map.h"

namespace drumline {
namespace {

constexpr size_t kMostNameColumns = 12;

using Point = google::protobuf::Map<std::string, std::string>;

// " · payload 1KiB".
std::string PointText(const Point& point) {
  std::string text;
  for (const auto& [name, value] : std::map<std::string, std::string>(point.begin(), point.end())) {
    absl::StrAppend(&text, " · ", name, " ", value);
  }
  return text;
}

std::string Plural(size_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// What is shown of the single repeats: as much as there is room for.
enum class Shown { kEach, kExtremes, kNone };

Row RepeatsHeading(const proto::TargetRepeats& repeats, Shown shown) {
  Row row = {"metric"};
  if (shown == Shown::kEach) {
    for (uint32_t repeat : repeats.repeats()) row.push_back(absl::StrCat("repeat ", repeat));
  } else if (shown == Shown::kExtremes) {
    row.insert(row.end(), {"lowest", "highest"});
  }
  row.insert(row.end(), {"mean", "95 % interval", "spread"});
  return row;
}

Row RepeatsRow(const proto::MetricRepeats& metric, Shown shown) {
  const auto text = [&metric](double value) { return FormatMetric(metric.unit(), value); };
  const auto& values = metric.values();
  Row row = {MetricLabel(metric.metric())};
  if (shown == Shown::kEach) {
    for (double value : values) row.push_back(text(value));
  } else if (shown == Shown::kExtremes) {
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    row.insert(row.end(), {text(*lowest), text(*highest)});
  }
  row.push_back(text(metric.mean()));
  row.push_back(metric.has_low() ? absl::StrCat(text(metric.low()), " … ", text(metric.high()))
                                 : "–");
  row.push_back(metric.has_low() ? absl::StrFormat("%.1f %%", 100 * metric.spread()) : "–");
  return row;
}

std::string RepeatsTable(const proto::TargetRepeats& repeats, size_t width) {
  std::string text;
  for (Shown shown : {Shown::kEach, Shown::kExtremes, Shown::kNone}) {
    if (shown == Shown::kEach && repeats.repeats_size() > kMostRepeatColumns) continue;
    std::vector<Row> rows = {RepeatsHeading(repeats, shown)};
    for (const proto::MetricRepeats& metric : repeats.metrics()) {
      if (!metric.values().empty()) rows.push_back(RepeatsRow(metric, shown));
    }
    if (rows.size() == 1) return "";
    text = Table(rows);
    if (DisplayWidth(text.substr(0, text.find('\n'))) <= width) break;
  }
  return text;
}

// "could see      p50 3.1 % · p99 7.2 %": the smallest effects, of what has one.
template <typename Metrics>
std::string SmallestEffects(const Metrics& metrics, size_t width) {
  std::vector<std::string> words;
  for (const auto& metric : metrics) {
    if (!metric.has_smallest_effect_seen()) continue;
    words.push_back(absl::StrCat(MetricLabel(metric.metric()), " ",
                                 FormatLimit(metric.smallest_effect_seen())));
  }
  if (words.empty()) return "";
  return Labelled("could see", Wrap(words, " · ", kIndent, width));
}

std::string RepeatsOfTarget(const proto::TargetRepeats& repeats, size_t width) {
  const auto count = static_cast<size_t>(repeats.repeats_size());
  std::string text = absl::StrCat("repeats of ", repeats.target(), PointText(repeats.point()),
                                  " · ", Plural(count, "valid run"), "\n");
  absl::StrAppend(&text, RepeatsTable(repeats, width), SmallestEffects(repeats.metrics(), width));
  for (const proto::MetricRepeats& metric : repeats.metrics()) {
    if (!metric.values().empty()) continue;
    const std::string why = absl::StrCat(MetricLabel(metric.metric()), ": ", metric.not_known());
    absl::StrAppend(&text, Labelled("not known", Wrap(Words(why), " ", kIndent, width)));
  }
  return absl::StrCat(text, "\n");
}

std::string ValueOrDash(const proto::ComparisonResult& result, double value) {
  return value > 0 ? FormatMetric(result.unit(), value) : "–";
}

// How many runs of each and which method, of the metrics that were compared.
std::string Method(const std::vector<proto::ComparisonResult>& results) {
  uint32_t baseline = 0;
  uint32_t contender = 0;
  bool paired = false;
  for (const proto::ComparisonResult& result : results) {
    baseline = std::max(baseline, result.baseline_repeats());
    contender = std::max(contender, result.contender_repeats());
    paired = paired || result.paired();
  }
  if (paired) return absl::StrCat(Plural(baseline, "pair"), " of runs");
  return absl::StrCat(baseline, " and ", Plural(contender, "run"));
}

bool SamePair(const proto::ComparisonResult& a, const proto::ComparisonResult& b) {
  return a.contender() == b.contender() && a.baseline() == b.baseline() &&
         PointText(a.point()) == PointText(b.point());
}

}  // namespace

std::string RepeatsText(const proto::Report& report, size_t width) {
  std::string text;
  for (const proto::TargetRepeats& repeats : report.repeats()) {
    // One run was reported above.
    if (repeats.repeats_size() > 1) absl::StrAppend(&text, RepeatsOfTarget(repeats, width));
  }
  if (report.left_out().empty()) return text;
  std::vector<std::string> words;
  for (const proto::LeftOutRun& run : report.left_out()) {
    words.push_back(
        absl::StrCat(run.run_id(), " (", proto::Validity::Value_Name(run.validity()), ")"));
  }
  return absl::StrCat(text, "runs that were left out of repeats and comparisons\n",
                      Labelled("", Wrap(words, ", ", kIndent, width)), "\n");
}

std::string PairText(const std::vector<proto::ComparisonResult>& results, size_t width) {
  const proto::ComparisonResult& first = results.front();
  const std::vector<std::string> heading = {
      absl::StrCat(first.contender(), " compared with ", first.baseline(),
                   PointText(first.point())),
      Method(results)};
  std::string text = absl::StrCat(Wrap(heading, " · ", 2, width), "\n");
  // Names may be longer than there is room for, or the same.
  const bool names =
      first.baseline() != first.contender() &&
      std::max(first.baseline().size(), first.contender().size()) <= kMostNameColumns;
  std::vector<Row> rows = {
      {"metric", names ? first.baseline() : "baseline", names ? first.contender() : "contender",
       absl::StrCat(names ? first.contender() : "the contender", " is (95 % interval)")}};
  for (const proto::ComparisonResult& result : results) {
    rows.push_back({MetricLabel(result.metric()), ValueOrDash(result, result.baseline_mean()),
                    ValueOrDash(result, result.contender_mean()), result.words()});
  }
  return absl::StrCat(text, TableWithWords(rows, width), SmallestEffects(results, width), "\n");
}

std::string ComparisonText(const proto::Report& report, size_t width) {
  std::string text;
  std::vector<proto::ComparisonResult> pair;
  for (const proto::ComparisonResult& result : report.comparison()) {
    if (!pair.empty() && !SamePair(pair.front(), result)) {
      absl::StrAppend(&text, PairText(pair, width));
      pair.clear();
    }
    pair.push_back(result);
  }
  if (!pair.empty()) absl::StrAppend(&text, PairText(pair, width));
  return text;
}

}  // namespace drumline
