#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/format/columns.h"
#include "controller/report/baseline.h"
#include "controller/report/compared_metric.h"
#include "controller/report/comparison_text.h"
#include "controller/report/comparison_words.h"
#include "controller/report/report_text.h"
#include "controller/report/text_layout.h"
#include "controller/report/verdict.h"
#include "core/comparison.h"

namespace drumline {
namespace {

// Of a hash, this many characters tell two apart.
constexpr size_t kFactCharacters = 40;

std::string Short(const std::string& value) {
  return value.size() <= kFactCharacters ? value : value.substr(0, 12) + "…";
}

std::string Facts(const BaselineComparison& comparison, size_t width) {
  std::string text;
  bool fair = true;
  for (const FactDifference& fact : comparison.facts) {
    const std::string words =
        absl::StrCat(fact.name, ": ", Short(fact.baseline), " → ", Short(fact.contender));
    absl::StrAppend(&text, fact.matters ? "  ! " : "    ", Wrap(Words(words), " ", 6, width), "\n");
    fair = fair && !fact.matters;
  }
  const char* verdict = comparison.facts.empty()
                            ? "fair comparison: no fact that is known differs\n"
                        : fair ? "fair comparison: what differs does not bear on the figures\n"
                               : "NOT a fair comparison: facts with ! bear on the figures\n";
  return absl::StrCat(verdict, text, "\n");
}

std::string Conclusion(const BaselineComparison& comparison, size_t width) {
  const std::string tolerated =
      comparison.tolerance > 0 ? absl::StrCat(" beyond ", FormatLimit(comparison.tolerance)) : "";
  if (comparison.regressions.empty()) {
    return absl::StrCat(ExitCodeFor(comparison) == kExitMet
                            ? absl::StrCat("no regression", tolerated, " seen\n")
                            : absl::StrCat("INCONCLUSIVE: no regression", tolerated,
                                           " seen, but not every one can be excluded\n"));
  }
  std::string text = absl::StrCat("REGRESSION", tolerated, "\n");
  for (const proto::ComparisonResult& result : comparison.regressions) {
    const std::string words =
        absl::StrCat(result.contender(), " ", MetricLabel(result.metric()), ": ", result.words());
    absl::StrAppend(&text, "  - ", Wrap(Words(words), " ", 4, width), "\n");
  }
  return text;
}

}  // namespace

std::string BaselineToText(const BaselineComparison& comparison, const std::string& baseline,
                           const std::string& contender, size_t columns) {
  const size_t width = std::clamp(columns, kNarrowestReport, kWidestReport);
  std::string text = absl::StrCat(Labelled("baseline", baseline), Labelled("contender", contender),
                                  "\n", Facts(comparison, width));
  for (const auto& pair : comparison.pairs) absl::StrAppend(&text, PairText(pair, width));
  if (!comparison.floor_measured_at.empty()) {
    absl::StrAppend(&text, "held against the noise floor of ", comparison.floor_measured_at,
                    "\n\n");
  }
  for (const std::string& remark : comparison.remarks) {
    absl::StrAppend(&text, "  ", Wrap(Words(remark), " ", 2, width), "\n");
  }
  if (!comparison.remarks.empty()) absl::StrAppend(&text, "\n");
  return absl::StrCat(text, Conclusion(comparison, width));
}

std::string NoiseFloorText(const proto::Report& report, size_t columns) {
  const size_t width = std::clamp(columns, kNarrowestReport, kWidestReport);
  std::vector<Row> rows;
  int different = 0;
  for (const proto::ComparisonResult& result : report.comparison()) {
    if (!result.has_low()) continue;
    std::string point;
    for (const auto& [name, value] : result.point()) absl::StrAppend(&point, " ", name, " ", value);
    const double floor = LargestCompatible({result.low(), result.high()});
    rows.push_back(
        {absl::StrCat(MetricLabel(result.metric()), point), FormatLimit(floor), result.words()});
    const bool differs = result.finding() == proto::ComparisonFinding::BETTER ||
                         result.finding() == proto::ComparisonFinding::WORSE;
    if (differs) ++different;
  }
  if (rows.empty()) return "";
  const std::string advice = absl::StrCat(
      "A comparison on this fleet with as many repeats says nothing of smaller differences. ",
      different, " of ", rows.size(),
      " metrics seem to differ from themselves; by chance, one in twenty does.");
  rows.insert(rows.begin(), {"metric", "floor", "the target compared with itself"});
  return absl::StrCat("noise floor of this fleet\n", TableWithWords(rows, width), "  ",
                      Wrap(Words(advice), " ", 2, width), "\n");
}

}  // namespace drumline
