#include "controller/report/junit.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/report/compared_metric.h"

namespace drumline {
namespace {

struct Case {
  std::string name;
  // "failure" or "error"; empty for one that passed.
  std::string fault;
  std::string message;
  double seconds = 0;
};

struct Suite {
  std::string name;
  std::vector<Case> cases;
};

// What XML 1.0 cannot hold is left out; the rest of the five is escaped.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char byte : text) {
    switch (byte) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      default:
        if (static_cast<unsigned char>(byte) >= 0x20) escaped += byte;
    }
  }
  return escaped;
}

Case ValidityCase(const proto::Verdict& verdict, double seconds) {
  Case validity{"the measurement is valid", "", "", seconds};
  if (verdict.validity() == proto::Validity::VALID) return validity;
  validity.fault = "error";
  validity.message = absl::StrCat(proto::Validity::Value_Name(verdict.validity()), ": ",
                                  absl::StrJoin(verdict.reasons(), "; "));
  return validity;
}

std::string FaultOf(proto::SloOutcome::Value outcome) {
  if (outcome == proto::SloOutcome::FAIL) return "failure";
  return outcome == proto::SloOutcome::INCONCLUSIVE ? "error" : "";
}

std::string EndOf(bool known, double value) {
  return known ? absl::StrFormat("%.6g", value) : "open";
}

Case SloCase(const proto::SloResult& slo) {
  Case result{slo.expression(), FaultOf(slo.result()), "", 0};
  if (result.fault.empty()) return result;
  const std::string& outcome = proto::SloOutcome::Value_Name(slo.result());
  if (!slo.has_measured()) {
    result.message = absl::StrCat(outcome, ": no measured value");
    return result;
  }
  result.message = absl::StrFormat("%s: measured %.6g %s, 95 %% interval %s to %s", outcome,
                                   slo.measured(), slo.unit(), EndOf(slo.has_low(), slo.low()),
                                   EndOf(slo.has_high(), slo.high()));
  return result;
}

Suite SuiteOf(const proto::RunReport& run) {
  Suite suite{run.run_id(), {ValidityCase(run.verdict(), run.phase_seconds())}};
  // What is beyond the knee of a search fails, as it should: the search has a case of its own.
  if (!run.step().empty()) return suite;
  if (!run.aborted().empty()) suite.cases.push_back({"not hopeless", "failure", run.aborted(), 0});
  for (const proto::SloResult& slo : run.slo()) suite.cases.push_back(SloCase(slo));
  return suite;
}

Suite CampaignSuite(const proto::Report& report) {
  Suite suite{"campaign", {ValidityCase(report.verdict(), 0)}};
  for (const proto::CapacityReport& search : report.capacity()) {
    suite.cases.push_back({absl::StrCat("capacity of ", search.target()),
                           search.confirmed() ? "" : "error",
                           search.confirmed() ? "" : search.words(), 0});
  }
  for (const proto::ComparisonResult& result : report.comparison()) {
    std::string name = absl::StrCat(result.contender(), " against ", result.baseline(), ", ",
                                    MetricLabel(result.metric()), ": ", result.words());
    suite.cases.push_back({std::move(name), "", "", 0});
  }
  return suite;
}

std::string CaseText(const std::string& suite, const Case& result) {
  std::string text = absl::StrFormat("    <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\"",
                                     Escaped(suite), Escaped(result.name), result.seconds);
  if (result.fault.empty()) return text + "/>\n";
  return absl::StrCat(text, ">\n      <", result.fault, " message=\"", Escaped(result.message),
                      "\"/>\n    </testcase>\n");
}

struct Counts {
  size_t tests = 0;
  size_t failures = 0;
  size_t errors = 0;
  double seconds = 0;

  std::string Attributes() const {
    return absl::StrFormat("tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"0\" time=\"%.3f\"",
                           tests, failures, errors, seconds);
  }
};

void Count(const Suite& suite, Counts* counts) {
  for (const Case& result : suite.cases) {
    ++counts->tests;
    if (result.fault == "failure") ++counts->failures;
    if (result.fault == "error") ++counts->errors;
    counts->seconds += result.seconds;
  }
}

}  // namespace

std::string ReportToJunit(const proto::Report& report) {
  std::vector<Suite> suites;
  for (const proto::RunReport& run : report.runs()) suites.push_back(SuiteOf(run));
  suites.push_back(CampaignSuite(report));
  Counts all;
  std::string text;
  for (const Suite& suite : suites) {
    Counts counts;
    Count(suite, &counts);
    Count(suite, &all);
    absl::StrAppend(&text, "  <testsuite name=\"", Escaped(suite.name), "\" ", counts.Attributes(),
                    ">\n");
    for (const Case& result : suite.cases) absl::StrAppend(&text, CaseText(suite.name, result));
    absl::StrAppend(&text, "  </testsuite>\n");
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"",
                      Escaped(report.name()), "\" ", all.Attributes(), ">\n", text,
                      "</testsuites>\n");
}

}  // namespace drumline
