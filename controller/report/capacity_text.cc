#include "controller/report/capacity_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/format/columns.h"
#include "controller/format/units.h"
#include "controller/report/text_layout.h"

namespace drumline {
namespace {

Row RowOf(const proto::CapacityPoint& point) {
  const std::string verdict = point.validity() == proto::Validity::VALID
                                  ? proto::SloOutcome::Value_Name(point.slo())
                                  : proto::Validity::Value_Name(point.validity());
  return {FormatRate(point.offered_rps()),  point.step(),
          FormatRate(point.achieved_rps()), FormatTime(point.p50_us()),
          FormatTime(point.p99_us()),       FormatTime(point.p99_9_us()),
          FormatShare(point.errors()),      verdict};
}

std::string SearchText(const proto::CapacityReport& search, size_t width) {
  std::string name = search.target();
  for (const auto& [axis, value] :
       std::map<std::string, std::string>(search.point().begin(), search.point().end())) {
    absl::StrAppend(&name, " · ", axis, " ", value);
  }
  std::string text =
      absl::StrCat("capacity of ", name, "\n",
                   Labelled("knee", Wrap(Words(search.words()), " ", kIndent, width)));
  if (search.has_rps_per_vcpu()) {
    absl::StrAppend(&text, Labelled("a vCPU", absl::StrCat(FormatRate(search.rps_per_vcpu()),
                                                           ", at the knee, of the target's CPU")));
  }
  std::vector<proto::CapacityPoint> curve(search.curve().begin(), search.curve().end());
  std::stable_sort(curve.begin(), curve.end(),
                   [](const auto& a, const auto& b) { return a.offered_rps() < b.offered_rps(); });
  std::vector<Row> rows = {
      {"rate", "step", "achieved", "p50", "p99", "p99.9", "errors", "objectives"}};
  for (const proto::CapacityPoint& point : curve) rows.push_back(RowOf(point));
  return absl::StrCat(text, Table(rows), "\n");
}

}  // namespace

std::string CapacityText(const proto::Report& report, size_t width) {
  std::string text;
  for (const proto::CapacityReport& search : report.capacity()) {
    absl::StrAppend(&text, SearchText(search, width));
  }
  return text;
}

std::string StoppingText(const proto::Report& report, size_t width) {
  if (!report.has_stopping()) return "";
  const std::string words = Wrap(Words(report.stopping().words()), " ", kIndent, width);
  return absl::StrCat(Labelled("stopping", words), "\n");
}

}  // namespace drumline
