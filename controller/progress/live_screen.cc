#include "controller/progress/live_screen.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/format/columns.h"
#include "controller/format/units.h"
#include "controller/progress/sparkline.h"

namespace drumline {
namespace {

// The column in which names stand, and that in which series begin.
constexpr size_t kMargin = 1;
constexpr size_t kNameEnd = 12;
constexpr size_t kSeriesBegin = 24;
// A screen is at most so wide: a longer line is hard to follow.
constexpr size_t kMaxColumns = 120;

using Lines = std::vector<StyledText>;

StyledText Named(std::string_view name) {
  StyledText line;
  line.Add(std::string(kMargin, ' ')).Add(name, Style::kFaint).PadTo(kNameEnd);
  return line;
}

// A figure in the column of figures, ready for its series.
StyledText Figure(std::string_view name, std::string_view figure, Style style = Style::kBold) {
  StyledText line = Named(name);
  line.AddRight(figure, kSeriesBegin - kNameEnd - 2, style).PadTo(kSeriesBegin);
  return line;
}

size_t SeriesColumns(size_t columns) {
  return columns > kSeriesBegin + kMargin ? columns - kSeriesBegin - kMargin : 0;
}

std::string TimeLeft(const std::optional<int64_t>& seconds) {
  return seconds ? absl::StrCat(CompactClock(*seconds), " left") : "";
}

std::string Duration(int64_t ns) { return ns > 0 ? FormatNs(ns) : "-"; }

template <typename Field>
std::vector<double> Series(const ScreenView& view, Field ScreenView::Second::*field) {
  std::vector<double> values;
  for (const ScreenView::Second& second : view.seconds) {
    values.push_back(static_cast<double>(second.*field));
  }
  return values;
}

Lines Head(const ScreenView& view, size_t columns) {
  StyledText title;
  title.Add(" ").Add(view.scenario, Style::kBold);
  if (view.line.runs > 1) {
    title.Add(absl::StrCat("  run ", view.line.run, " of ", view.line.runs), Style::kFaint);
  }
  title.Add("  ").Add(view.line.run_label, Style::kAccent);
  const std::string all = view.line.runs > 1 ? TimeLeft(view.line.total_left_s) : "";
  const std::string all_left = all.empty() ? "" : absl::StrCat("campaign ", all);
  if (title.width() + all_left.size() + 2 < columns) {
    title.PadTo(columns - kMargin - all_left.size()).Add(all_left, Style::kFaint);
  }
  StyledText phase = Named(view.line.phase);
  const std::string left = TimeLeft(view.line.phase_left_s);
  constexpr size_t kTimeColumns = 14;
  if (view.phase_share && columns > kNameEnd + kTimeColumns) {
    phase.Add(Bar(*view.phase_share, columns - kNameEnd - kTimeColumns), Style::kAccent);
  }
  phase.PadTo(columns > kTimeColumns ? columns - kTimeColumns : 0)
      .AddRight(left, kTimeColumns - kMargin);
  return {title, phase};
}

Lines Rates(const ScreenView& view, size_t columns) {
  const ScreenView::Second now = view.seconds.empty() ? ScreenView::Second{} : view.seconds.back();
  const std::vector<double> achieved = Series(view, &ScreenView::Second::achieved_rate);
  double most = 0;
  for (const ScreenView::Second& second : view.seconds) {
    most = std::max({most, second.offered_rate, second.achieved_rate});
  }
  StyledText rates = Named("rate");
  // A second in which less came back than was asked for is worth a colour.
  constexpr double kShortfall = 0.99;
  const bool behind = now.achieved_rate < kShortfall * now.offered_rate;
  if (view.line.silent_s) {
    rates.Add(absl::StrCat("no report for ", *view.line.silent_s, " s"), Style::kWarning);
  } else {
    rates.Add("offered ").Add(FormatRate(now.offered_rate), Style::kBold);
    rates.Add("   sent ").Add(FormatRate(now.sent_rate), Style::kBold);
    rates.Add("   achieved ")
        .Add(FormatRate(now.achieved_rate), behind ? Style::kWarning : Style::kGood);
  }
  StyledText series = Named("achieved");
  series.Add(std::string(kSeriesBegin - kNameEnd, ' '))
      .Add(Sparkline(achieved, {0, most}, SeriesColumns(columns)), Style::kAccent);
  return {rates, series};
}

// One logarithmic axis for all three, so that their heights can be compared.
Scale LatencyScale(const ScreenView& view) {
  constexpr double kLeastRange = 10;
  double low = std::numeric_limits<double>::max();
  double high = 0;
  for (const ScreenView::Second& second : view.seconds) {
    if (second.p50_ns > 0) low = std::min(low, static_cast<double>(second.p50_ns));
    high = std::max(high, static_cast<double>(second.p999_ns));
  }
  if (high <= 0 || low > high) return {1, kLeastRange};
  return {low, std::max(high, low * kLeastRange)};
}

Lines Latencies(const ScreenView& view, size_t columns) {
  const ScreenView::Second now = view.seconds.empty() ? ScreenView::Second{} : view.seconds.back();
  const Scale scale = LatencyScale(view);
  Lines lines;
  const std::pair<const char*, int64_t ScreenView::Second::*> rows[] = {
      {"p50", &ScreenView::Second::p50_ns},
      {"p99", &ScreenView::Second::p99_ns},
      {"p99.9", &ScreenView::Second::p999_ns}};
  for (const auto& [name, field] : rows) {
    StyledText line = Figure(name, Duration(now.*field));
    line.Add(LogSparkline(Series(view, field), scale, SeriesColumns(columns)), Style::kAccent);
    lines.push_back(std::move(line));
  }
  StyledText axis = Named("");
  axis.PadTo(kSeriesBegin)
      .Add(absl::StrCat("log axis, ", FormatNs(static_cast<int64_t>(scale.low)), " to ",
                        FormatNs(static_cast<int64_t>(scale.high)), " · response times"),
           Style::kFaint);
  if (!view.seconds.empty()) lines.push_back(std::move(axis));
  return lines;
}

StyledText Outcomes(const ScreenView& view) {
  StyledText line = Named("outcomes");
  const char* separator = "";
  for (const ScreenView::Outcome& outcome : view.outcomes) {
    if (outcome.count == 0) continue;
    const bool ok = outcome.name == "ok";
    line.Add(separator).Add(outcome.name, Style::kFaint).Add(" ");
    line.Add(FormatCount(outcome.count), ok ? Style::kGood : Style::kBad);
    separator = "  ";
  }
  return line;
}

Lines Target(const ScreenView& view, size_t columns) {
  Lines lines;
  const auto add = [&](std::string_view name, const std::vector<double>& values,
                       const std::string& now) {
    double most = 0;
    for (const double value : values) most = std::max(most, value);
    StyledText line = Figure(name, now);
    line.Add(Sparkline(values, {0, most}, SeriesColumns(columns)), Style::kAccent);
    lines.push_back(std::move(line));
  };
  if (!view.target_cpu_cores.empty()) {
    add("target CPU", view.target_cpu_cores,
        absl::StrFormat("%.2f cores", view.target_cpu_cores.back()));
  }
  if (!view.target_rss_bytes.empty()) {
    add("target RSS", view.target_rss_bytes, FormatBytes(view.target_rss_bytes.back()));
  }
  return lines;
}

StyledText AgentLine(const ScreenView::Agent& agent) {
  constexpr size_t kIdEnd = 25;
  constexpr double kBusy = 0.9;
  StyledText line;
  line.Add(" ").Add(agent.id.substr(0, kIdEnd - 2)).PadTo(kIdEnd);
  if (agent.lost) return line.Add("  lost", Style::kBad);
  if (!agent.reported) return line.Add("has not reported yet", Style::kFaint);
  if (agent.silent_s) {
    return line.Add(absl::StrCat("  no report for ", *agent.silent_s, " s"), Style::kWarning);
  }
  line.AddRight(FormatRate(agent.sent_rate), 10)
      .AddRight(absl::StrFormat("%.2f", agent.cpu_cores), 8)
      .AddRight(absl::StrFormat("%.0f %%", agent.busiest * 100), 9,
                agent.busiest > kBusy ? Style::kWarning : Style::kPlain)
      .AddRight(Duration(agent.lag_p99_ns), 10)
      .AddRight(absl::StrCat(agent.connections), 8);
  return line;
}

// In the order of their names where there is room for all, and otherwise those with the largest
// lag.
Lines Agents(const ScreenView& view, size_t rows) {
  if (view.agents.empty() || rows < 2) return {};
  StyledText head;
  head.Add(" agent", Style::kFaint).PadTo(25);
  head.AddRight("rate", 10, Style::kFaint)
      .AddRight("CPU", 8, Style::kFaint)
      .AddRight("busiest", 9, Style::kFaint)
      .AddRight("lag p99", 10, Style::kFaint)
      .AddRight("conns", 8, Style::kFaint);
  Lines lines = {head};
  std::vector<ScreenView::Agent> agents = view.agents;
  const bool all = agents.size() < rows;
  if (!all) {
    std::sort(agents.begin(), agents.end(), [](const auto& a, const auto& b) {
      return std::tie(b.lag_p99_ns, a.id) < std::tie(a.lag_p99_ns, b.id);
    });
    agents.resize(rows - 2);
  }
  for (const ScreenView::Agent& agent : agents) lines.push_back(AgentLine(agent));
  if (!all) {
    StyledText rest;
    rest.Add(absl::StrCat(" and ", view.agents.size() - agents.size(), " more with less lag"),
             Style::kFaint);
    lines.push_back(std::move(rest));
  }
  return lines;
}

StyledText NoteLine(const std::string& text, bool warning) {
  StyledText line;
  line.Add(warning ? " ! " : "   ", Style::kWarning)
      .Add(text, warning ? Style::kWarning : Style::kFaint);
  return line;
}

// Warnings first; of the notes the newest. One that says again, behind the name of its run, what a
// warning says is left out.
Lines Told(const ScreenView& view, const std::vector<ScreenNote>& notes, size_t rows) {
  Lines lines;
  for (const std::string& warning : view.warnings) {
    if (lines.size() < rows) lines.push_back(NoteLine(warning, true));
  }
  std::vector<const ScreenNote*> newest;
  for (auto note = notes.rbegin(); note != notes.rend() && lines.size() + newest.size() < rows;
       ++note) {
    const bool repeats =
        std::any_of(view.warnings.begin(), view.warnings.end(),
                    [&](const auto& warning) { return absl::EndsWith(note->text, warning); });
    if (!repeats) newest.push_back(&*note);
  }
  for (auto note = newest.rbegin(); note != newest.rend(); ++note) {
    lines.push_back(NoteLine((*note)->text, (*note)->warning));
  }
  return lines;
}

void Append(Lines part, bool gap, size_t rows, Lines* lines) {
  if (part.empty() || lines->size() + part.size() + (gap ? 1 : 0) > rows) return;
  if (gap) lines->emplace_back();
  for (StyledText& line : part) lines->push_back(std::move(line));
}

}  // namespace

std::vector<std::string> DrawScreen(const ScreenView& view, const std::vector<ScreenNote>& notes,
                                    const ScreenSize& size, Colours colours) {
  constexpr size_t kMostNotes = 4;
  constexpr size_t kAiry = 22;
  const size_t columns = std::min(size.columns, kMaxColumns);
  const bool airy = size.rows >= kAiry;
  // The last row is the reader's way out.
  const size_t rows = size.rows > 1 ? size.rows - 1 : size.rows;
  const Lines told = Told(view, notes, std::min(kMostNotes, rows / 4));
  const size_t reserved = told.empty() ? 0 : told.size() + (airy ? 1 : 0);
  const size_t room = rows > reserved ? rows - reserved : 0;
  Lines lines;
  Append(Head(view, columns), false, rows, &lines);
  Append(Rates(view, columns), airy, room, &lines);
  Append(Latencies(view, columns), airy, room, &lines);
  StyledText lag =
      Figure("send lag", Duration(view.seconds.empty() ? 0 : view.seconds.back().send_lag_p99_ns));
  lag.Add("p99 · from the intended start to the send", Style::kFaint);
  Append({lag, Outcomes(view)}, airy, room, &lines);
  Append(Target(view, columns), false, room, &lines);
  const size_t left = room > lines.size() + 1 ? room - lines.size() - (airy ? 1 : 0) : 0;
  Append(Agents(view, left), airy, room, &lines);
  Append(told, airy, rows, &lines);
  if (lines.size() < size.rows) {
    StyledText exit;
    exit.Add(" Ctrl-C ends the load and reports; a second one quits", Style::kFaint);
    lines.push_back(std::move(exit));
  }
  std::vector<std::string> drawn;
  for (const StyledText& line : lines) {
    if (drawn.size() < size.rows) drawn.push_back(line.Draw(size.columns, colours));
  }
  return drawn;
}

}  // namespace drumline
