#include "controller/report/request_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/format/units.h"
#include "controller/report/ledger_errors.h"
#include "controller/report/text_layout.h"

namespace drumline {
namespace {

std::string TimeCell(const proto::TimeSummary& times, double us) {
  if (times.count() == 0) return "–";
  const bool is_bound = times.has_lower_bound_from_us() && us >= times.lower_bound_from_us();
  return absl::StrCat(is_bound ? "≥ " : "", FormatTime(us));
}

}  // namespace

std::string RequestsText(const proto::RunReport& run) {
  if (run.requests_size() < 2) return "";
  const bool skips = std::any_of(run.requests().begin(), run.requests().end(),
                                 [](const auto& request) { return request.skipped() > 0; });
  Row heading = {"request", "sent", "not ok", "p50", "p99", "p99.9", "max"};
  if (skips) heading.insert(heading.begin() + 3, "skipped");
  std::vector<Row> rows = {heading};
  for (const proto::RequestReport& request : run.requests()) {
    const proto::Ledger& ledger = request.ledger();
    const proto::TimeSummary& times = request.response_time();
    Row row = {request.name(), FormatCount(ledger.sent()), FormatCount(ErrorsOf(ledger))};
    if (skips) row.push_back(FormatCount(request.skipped()));
    for (double us : {times.p50_us(), times.p99_us(), times.p99_9_us(), times.max_us()}) {
      row.push_back(TimeCell(times, us));
    }
    rows.push_back(row);
  }
  return Table(rows);
}

const proto::TimeSummary& TimesOf(const proto::RunReport& run, const proto::SloResult& slo) {
  for (const proto::RequestReport& request : run.requests()) {
    if (!slo.request().empty() && request.name() == slo.request()) return request.response_time();
  }
  return run.response_time();
}

}  // namespace drumline
