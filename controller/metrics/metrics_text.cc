#include "controller/metrics/metrics_text.h"

#include <array>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/book.h"
#include "core/outcome.h"

namespace drumline {
namespace {

constexpr double kNsPerS = 1e9;

// Upper bounds of the buckets, in nanoseconds: 100 µs to 10 s, three or four a decade.
constexpr std::array<int64_t, 16> kBucketsNs = {
    100'000,       250'000,       500'000,       1'000'000,     2'500'000,   5'000'000,
    10'000'000,    25'000'000,    50'000'000,    100'000'000,   250'000'000, 500'000'000,
    1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000};

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string LabelText(const Labels& labels) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : labels) {
    pairs.push_back(absl::StrCat(
        std::string(name), "=\"",
        absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\""));
  }
  return pairs.empty() ? "" : absl::StrCat("{", absl::StrJoin(pairs, ","), "}");
}

Labels With(Labels labels, std::string_view name, const std::string& value) {
  labels.emplace_back(name, value);
  return labels;
}

class Page {
 public:
  // Begins a family: what follows belongs to it.
  void Family(const char* name, const char* type, const char* help) {
    name_ = name;
    absl::StrAppend(&text_, "# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
  }
  void Sample(const Labels& labels, double value) { Sample("", labels, absl::StrCat(value)); }
  void Sample(const Labels& labels, uint64_t value) { Sample("", labels, absl::StrCat(value)); }

  void Distribution(const Labels& labels, const Histogram& histogram) {
    for (const int64_t bound_ns : kBucketsNs) {
      const std::string bound = absl::StrCat(static_cast<double>(bound_ns) / kNsPerS);
      Sample("_bucket", With(labels, "le", bound),
             absl::StrCat(histogram.CountAtOrBelow(bound_ns)));
    }
    Sample("_bucket", With(labels, "le", "+Inf"), absl::StrCat(histogram.count()));
    const double sum = histogram.MeanNs() * static_cast<double>(histogram.count()) / kNsPerS;
    Sample("_sum", labels, absl::StrCat(sum));
    Sample("_count", labels, absl::StrCat(histogram.count()));
  }

  std::string Take() { return std::move(text_); }

 private:
  void Sample(const char* suffix, const Labels& labels, const std::string& value) {
    absl::StrAppend(&text_, name_, suffix, LabelText(labels), " ", value, "\n");
  }

  std::string text_;
  const char* name_ = "";
};

// All agents' books of one phase.
struct PhaseBook {
  std::string_view phase;
  Book book;
};

std::array<PhaseBook, 2> PhasesOf(const MetricsView& view) {
  std::array<PhaseBook, 2> phases = {PhaseBook{"warmup", {}}, PhaseBook{"measure", {}}};
  for (const auto& [id, totals] : *view.totals) {
    phases[0].book.Merge(totals.warmup);
    phases[1].book.Merge(totals.measure);
  }
  return phases;
}

Labels RunLabels(const MetricsView& view) {
  return {{"run", view.run->run_id()}, {"target", view.run->target()}};
}

void AddCampaign(const MetricsView& view, Page* page) {
  page->Family("drumline_campaign_runs", "gauge",
               "Runs of the campaign, by whether they are over.");
  const auto done = static_cast<uint64_t>(view.runs_done);
  const auto planned = static_cast<uint64_t>(view.plan->runs_size());
  page->Sample({{"state", "done"}}, done);
  page->Sample({{"state", "open"}}, planned - done);
  if (view.run == nullptr) return;
  std::map<std::string, std::string> axes(view.run->point().begin(), view.run->point().end());
  page->Family("drumline_run_info", "gauge", "The run that goes on; always 1.");
  page->Sample({{"scenario", view.plan->scenario_name()},
                {"run", view.run->run_id()},
                {"target", view.run->target()},
                {"point", absl::StrJoin(axes, ",", absl::PairFormatter("="))},
                {"repeat", absl::StrCat(view.run->repeat())}},
               uint64_t{1});
}

using Count = uint64_t (*)(const Book&);

void AddCounter(const MetricsView& view, const std::array<PhaseBook, 2>& phases, const char* name,
                const char* help, Count count, Page* page) {
  page->Family(name, "counter", help);
  for (const PhaseBook& phase : phases) {
    page->Sample(With(RunLabels(view), "phase", std::string(phase.phase)), count(phase.book));
  }
}

void AddRequests(const MetricsView& view, const std::array<PhaseBook, 2>& phases, Page* page) {
  AddCounter(
      view, phases, "drumline_requests_scheduled_total", "Requests that came due.",
      [](const Book& book) { return book.ledger().scheduled(); }, page);
  AddCounter(
      view, phases, "drumline_requests_sent_total", "Requests that were given to a connection.",
      [](const Book& book) { return book.ledger().sent(); }, page);
  page->Family("drumline_requests_ended_total", "counter", "Requests that ended, by outcome.");
  for (const PhaseBook& phase : phases) {
    const Labels labels = With(RunLabels(view), "phase", std::string(phase.phase));
    for (size_t outcome = 0; outcome < kOutcomeCount; ++outcome) {
      page->Sample(With(labels, "outcome", std::string(kOutcomeNames[outcome])),
                   phase.book.ledger().Count(static_cast<Outcome>(outcome)));
    }
  }
  AddCounter(
      view, phases, "drumline_sent_bytes_total", "Bytes of requests.",
      [](const Book& book) { return book.bytes_sent(); }, page);
  AddCounter(
      view, phases, "drumline_received_bytes_total", "Bytes of responses.",
      [](const Book& book) { return book.bytes_received(); }, page);
}

using Times = const Histogram& (Book::*)() const;

void AddTimes(const MetricsView& view, const std::array<PhaseBook, 2>& phases, const char* name,
              const char* help, Times times, Page* page) {
  page->Family(name, "histogram", help);
  for (const PhaseBook& phase : phases) {
    page->Distribution(With(RunLabels(view), "phase", std::string(phase.phase)),
                       (phase.book.*times)());
  }
}

void AddAgents(const MetricsView& view, Page* page) {
  const auto add = [&](const char* name, const char* help,
                       double (*value)(const LiveView::Agent&)) {
    page->Family(name, "gauge", help);
    for (const auto& [id, agent] : view.live->agents()) {
      page->Sample(With(RunLabels(view), "agent", id), value(agent));
    }
  };
  add("drumline_agent_cpu_cores", "CPU that the agent took in its newest second, in cores.",
      [](const LiveView::Agent& agent) { return agent.cpu_cores; });
  add("drumline_agent_busiest_worker_ratio",
      "Share of a core that the busiest worker took in the newest second.",
      [](const LiveView::Agent& agent) { return agent.busiest; });
  add("drumline_agent_generator_lag_p99_seconds",
      "The 99th percentile of the generator's own lag in the newest second.",
      [](const LiveView::Agent& agent) {
        return static_cast<double>(agent.generator_lag_p99_ns) / kNsPerS;
      });
  add("drumline_agent_connections", "Open connections of the agent.",
      [](const LiveView::Agent& agent) { return static_cast<double>(agent.connections_open); });
}

void AddTarget(const MetricsView& view, Page* page) {
  const proto::Scrape* newest = nullptr;
  for (const proto::Scrape& scrape : *view.scrapes) {
    if (scrape.gap().empty()) newest = &scrape;
  }
  if (newest == nullptr) return;
  page->Family("drumline_target_cpu_seconds_total", "counter", "CPU time of the target's process.");
  page->Sample(RunLabels(view), newest->cpu_seconds_total());
  page->Family("drumline_target_resident_memory_bytes", "gauge",
               "Resident memory of the target's process.");
  page->Sample(RunLabels(view), newest->rss_bytes());
}

}  // namespace

std::string MetricsText(const MetricsView& view) {
  Page page;
  AddCampaign(view, &page);
  if (view.run == nullptr) return page.Take();
  const std::array<PhaseBook, 2> phases = PhasesOf(view);
  AddRequests(view, phases, &page);
  AddTimes(
      view, phases, "drumline_response_time_seconds",
      "From the intended start to the last byte; a lower bound for requests without an answer.",
      &Book::response_time, &page);
  AddTimes(view, phases, "drumline_service_time_seconds", "From the send to the last byte.",
           &Book::service_time, &page);
  AddTimes(view, phases, "drumline_send_lag_seconds", "From the intended start to the send.",
           &Book::send_lag, &page);
  AddTimes(view, phases, "drumline_generator_lag_seconds",
           "The part of the send lag that is the generator's own.", &Book::generator_lag, &page);
  AddAgents(view, &page);
  AddTarget(view, &page);
  return page.Take();
}

}  // namespace drumline
