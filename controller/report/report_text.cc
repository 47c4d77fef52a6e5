#include "controller/report/report_text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/format/columns.h"
#include "controller/format/units.h"
#include "controller/report/calibration_text.h"
#include "controller/report/capacity_text.h"
#include "controller/report/comparison_text.h"
#include "controller/report/cost_text.h"
#include "controller/report/request_text.h"
#include "controller/report/scaling_words.h"
#include "controller/report/target_text.h"
#include "controller/report/text_layout.h"

namespace drumline {
namespace {

constexpr size_t kTimeColumns = 7;
constexpr size_t kWidestTimeColumn = 11;
// "≥ 20.0 ms" and a space before it.
constexpr size_t kRoomyTimeColumn = 10;

std::string RunHeading(const proto::RunReport& run, size_t width) {
  const std::map<std::string, std::string> point(run.point().begin(), run.point().end());
  std::vector<std::string> words = {absl::StrCat("run ", run.run_id()),
                                    absl::StrCat("target ", run.target())};
  for (const auto& [name, value] : point) words.push_back(absl::StrCat(name, " ", value));
  words.push_back(absl::StrCat("repeat ", run.repeat()));
  words.push_back(run.closed_loop() ? "closed loop" : "open loop");
  words.push_back(absl::StrFormat("measured %.1f s", run.phase_seconds()));
  return absl::StrCat(Wrap(words, " · ", 2, width), "\n");
}

std::string Rates(const proto::RunReport& run, size_t width) {
  // A closed loop offers what it is given back: nothing was asked for.
  const std::vector<std::string> rates = {
      run.closed_loop() ? "closed loop" : absl::StrCat("offered ", FormatRate(run.offered_rps())),
      absl::StrCat("sent ", FormatRate(run.sent_rps())),
      absl::StrCat("achieved ", FormatRate(run.achieved_rps())),
      absl::StrCat("goodput ", FormatRate(run.goodput_rps()))};
  return Labelled("rate", Wrap(rates, "   ", kIndent, width));
}

// The mark before a value that is a lower bound.
std::string TimeOf(const proto::TimeSummary& times, double us, const char* mark) {
  const bool is_bound = times.has_lower_bound_from_us() && us >= times.lower_bound_from_us();
  return absl::StrCat(is_bound ? mark : "", FormatTime(us));
}

std::string TimeRow(const char* label, const proto::TimeSummary& times, size_t column) {
  const char* mark = column >= kRoomyTimeColumn ? "≥ " : "≥";
  std::string cells;
  for (double us : {times.p50_us(), times.p90_us(), times.p95_us(), times.p99_us(),
                    times.p99_9_us(), times.p99_99_us(), times.max_us()}) {
    const std::string cell = times.count() == 0 ? "–" : TimeOf(times, us, mark);
    absl::StrAppend(&cells, PadLeft(cell, column));
  }
  return Labelled(label, cells);
}

std::string Times(const proto::RunReport& run, size_t width) {
  const size_t column = std::min(kWidestTimeColumn, (width - kIndent) / kTimeColumns);
  std::string heading;
  for (const char* name : {"p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"}) {
    absl::StrAppend(&heading, PadLeft(name, column));
  }
  std::string text =
      absl::StrCat(Labelled("", heading), TimeRow("response time", run.response_time(), column),
                   TimeRow("service time", run.service_time(), column));
  // The requests of a closed loop are due when they are sent.
  if (!run.closed_loop()) {
    absl::StrAppend(&text, TimeRow("send lag", run.send_lag(), column),
                    TimeRow("generator lag", run.generator_lag(), column));
  }
  // Bundles of agents that did not measure it have none.
  if (run.hiccup().count() > 0) {
    absl::StrAppend(&text, TimeRow("platform hiccup", run.hiccup(), column));
  }
  return text;
}

std::string Counted(const char* name, uint64_t count) {
  return absl::StrCat(name, " ", FormatCount(count));
}

std::string LedgerLines(const proto::Ledger& ledger, size_t width) {
  std::string unsent = Counted("unsent", ledger.unsent());
  if (ledger.missed() > 0) absl::StrAppend(&unsent, " (", Counted("missed", ledger.missed()), ")");
  const std::vector<std::string> due = {
      absl::StrCat(Counted("scheduled", ledger.scheduled()), " = ", Counted("sent", ledger.sent())),
      unsent};
  std::vector<std::string> terms = {
      absl::StrCat(Counted("sent", ledger.sent()), " = ", Counted("ok", ledger.ok()))};
  const std::pair<const char*, uint64_t> rest[] = {
      {"bad_status", ledger.bad_status()}, {"bad_body", ledger.bad_body()},
      {"timeout", ledger.timeout()},       {"refused", ledger.refused()},
      {"reset", ledger.reset()},           {"protocol_error", ledger.protocol_error()},
      {"censored", ledger.censored()},     {"open", ledger.open()}};
  for (const auto& [name, count] : rest) {
    if (count > 0) terms.push_back(Counted(name, count));
  }
  return absl::StrCat(Labelled("ledger", Wrap(due, " + ", kIndent, width)),
                      Labelled("", Wrap(terms, " + ", kIndent, width)));
}

std::string Plural(uint32_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

// "2 agents × 1 worker, pacing precise, engine io_uring".
std::string GeneratorLine(const proto::RunReport& run, const proto::Generator& generator,
                          size_t width) {
  if (generator.agents() == 0) return "";
  std::string words = absl::StrCat(Plural(generator.agents(), "agent"), " × ",
                                   Plural(generator.workers_per_agent(), "worker"));
  if (!generator.pacing().empty()) absl::StrAppend(&words, ", pacing ", generator.pacing());
  if (generator.tick_us() > 0) {
    absl::StrAppend(&words, " (", FormatTime(generator.tick_us()), ")");
  }
  std::set<std::string> engines;
  for (const proto::RunAgent& agent : run.agents()) {
    if (!agent.engine().empty()) engines.insert(agent.engine());
  }
  if (!engines.empty()) absl::StrAppend(&words, ", engine ", absl::StrJoin(engines, " and "));
  return Labelled("generator", Wrap(Words(words), " ", kIndent, width));
}

// Connections that are opened in the window cost time there; those of the start do not.
std::string Connections(const proto::RunReport& run) {
  uint64_t open = 0;
  uint64_t opened = 0;
  for (const proto::RunAgent& agent : run.agents()) {
    open += agent.connections_open();
    opened += agent.connects();
  }
  if (open == 0 && opened == 0) {
    return run.has_connections() ? Labelled("connections", "none in the window") : "";
  }
  return Labelled("connections", absl::StrCat(FormatCount(open), " at the window's beginning, ",
                                              FormatCount(opened), " opened in it"));
}

std::string AgentTable(const proto::RunReport& run, const Row& heading) {
  std::vector<Row> rows = {heading};
  for (const proto::RunAgent& agent : run.agents()) {
    rows.push_back(
        {agent.id(), FormatShare(agent.sent_share()),
         run.phase_seconds() > 0 ? absl::StrFormat("%.2f cores", agent.cpu_cores()) : "–",
         run.phase_seconds() > 0 ? FormatShare(agent.max_core_busy()) : "–",
         agent.has_start_skew_us() ? FormatTime(agent.start_skew_us()) : "–",
         absl::StrCat("± ", FormatTime(agent.clock_uncertainty_us())),
         run.closed_loop() || agent.generator_lag().count() == 0
             ? "–"
             : FormatTime(agent.generator_lag().p99_us())});
  }
  return Table(rows);
}

std::string Agents(const proto::RunReport& run, size_t width) {
  if (run.agents().empty()) return "";
  std::string text = AgentTable(
      run, {"agent", "share", "CPU", "busiest core", "start skew", "clock", "generator lag p99"});
  if (DisplayWidth(text.substr(0, text.find('\n'))) > width) {
    text = AgentTable(run, {"agent", "share", "CPU", "busiest", "skew", "clock", "lag p99"});
  }
  for (const proto::AgentLoss& loss : run.losses()) {
    const std::string words =
        absl::StrFormat("agent %s was lost at %.1f s of the run; it had reported until %.1f s",
                        loss.agent(), loss.lost_at_s(), loss.reported_until_s());
    absl::StrAppend(&text, Labelled("", Wrap(Words(words), " ", kIndent, width)));
  }
  return text;
}

std::string ValueOf(const proto::SloResult& slo, double value) {
  if (slo.unit() == "us") return FormatTime(value);
  return slo.unit() == "bytes" ? FormatBytes(value) : FormatShare(value);
}

// An end that is not known is "?".
std::string IntervalOf(const proto::SloResult& slo) {
  if (!slo.has_low() && !slo.has_high()) return "–";
  return absl::StrCat(slo.has_low() ? ValueOf(slo, slo.low()) : "?", " … ",
                      slo.has_high() ? ValueOf(slo, slo.high()) : "?");
}

std::string MeasuredOf(const proto::RunReport& run, const proto::SloResult& slo) {
  if (!slo.has_measured()) return "–";
  return slo.unit() == "us" ? TimeOf(TimesOf(run, slo), slo.measured(), "≥ ")
                            : ValueOf(slo, slo.measured());
}

std::string Objectives(const proto::RunReport& run) {
  if (run.slo().empty()) return "";
  std::vector<Row> rows = {{"SLO", "result", "measured", "95 % interval"}};
  for (const proto::SloResult& slo : run.slo()) {
    rows.push_back({slo.expression(), proto::SloOutcome::Value_Name(slo.result()),
                    MeasuredOf(run, slo), IntervalOf(slo)});
  }
  return Table(rows);
}

std::string VerdictLines(const proto::Verdict& verdict, size_t width) {
  std::string words = proto::Validity::Value_Name(verdict.validity());
  if (verdict.slo() != proto::SloOutcome::NONE) {
    absl::StrAppend(&words, ", SLO ", proto::SloOutcome::Value_Name(verdict.slo()));
  }
  std::string text = Labelled("verdict", words);
  for (const std::string& reason : verdict.reasons()) {
    absl::StrAppend(&text, Labelled("", Wrap(Words("- " + reason), " ", kIndent + 1, width)));
  }
  return text;
}

std::string RunText(const proto::RunReport& run, const proto::Generator& generator, size_t width) {
  return absl::StrCat(RunHeading(run, width), Rates(run, width), Times(run, width),
                      LedgerLines(run.ledger(), width), RequestsText(run), TargetText(run, width),
                      Connections(run), OpeningText(run, width),
                      GeneratorLine(run, generator, width), Agents(run, width), Objectives(run),
                      VerdictLines(run.verdict(), width), "\n");
}

}  // namespace

std::string ReportToText(const proto::Report& report, const std::string& bundle_path,
                         size_t columns) {
  const size_t width = std::clamp(columns, kNarrowestReport, kWidestReport);
  std::vector<std::string> heading = {report.name()};
  if (!report.started_at().empty()) heading.push_back(report.started_at());
  heading.push_back(absl::StrCat("seed ", report.seed()));
  std::string text = absl::StrCat(Wrap(heading, " · ", 2, width), "\n");
  if (report.has_scaling()) {
    absl::StrAppend(&text, Wrap(Words(ScalingWords(report.scaling())), " ", 2, width), "\n");
  }
  absl::StrAppend(&text, "\n");
  for (const proto::RunReport& run : report.runs()) {
    absl::StrAppend(&text, RunText(run, report.generator(), width));
  }
  absl::StrAppend(&text, CapacityText(report, width), RepeatsText(report, width),
                  StoppingText(report, width), ComparisonText(report, width),
                  ArtifactsText(report, width), CostText(report, width));
  // One run alone says it all, unless more were planned than carried out.
  if (report.runs_size() != 1 ||
      report.verdict().validity() != report.runs(0).verdict().validity()) {
    absl::StrAppend(&text, "campaign\n", VerdictLines(report.verdict(), width), "\n");
  }
  if (!report.calibration().empty()) {
    absl::StrAppend(&text, CalibrationTable(report.calibration(), width), "\n");
  }
  if (!bundle_path.empty()) absl::StrAppend(&text, "bundle ", bundle_path, "\n");
  return text;
}

}  // namespace drumline
