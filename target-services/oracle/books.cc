#include "target-services/oracle/books.h"

#include <cstddef>
#include <string>

namespace drumline::target {
namespace {

constexpr std::array<std::string_view, kFateCount> kFateNames = {"ok", "error", "reset",
                                                                 "truncated"};

double Seconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

void RenderCounter(std::string_view name, std::string_view help, uint64_t value,
                   PrometheusText& text) {
  text.Family(name, "counter", help);
  text.Sample(name, {}, value);
}

// Two families: NAME_seconds and NAME_max_seconds.
void RenderTally(const std::string& name, std::string_view help, const TimeTally& tally,
                 PrometheusText& text) {
  const std::string family = name + "_seconds";
  text.Family(family, "summary", help);
  const TimeTally::Quantiles quantiles = tally.ReadQuantiles();
  for (size_t i = 0; i < quantiles.size(); ++i) {
    text.Sample(family, {{"quantile", TimeTally::kQuantiles[i].label}}, Seconds(quantiles[i]));
  }
  text.Sample(family + "_sum", {}, Seconds(tally.sum_ns()));
  text.Sample(family + "_count", {}, tally.count());
  text.Family(name + "_max_seconds", "gauge", "The greatest of them, to the nanosecond.");
  text.Sample(name + "_max_seconds", {}, Seconds(tally.max_ns()));
}

}  // namespace

void Books::Delays::Record(int64_t delay_ns) {
  size_t bucket = 0;
  while (bucket < kDurationBuckets.size() &&
         delay_ns > kDurationBuckets[bucket].upper_bound.count()) {
    ++bucket;
  }
  ++buckets[bucket];
  sum_ns += delay_ns;
}

void Books::Delays::Render(std::string_view name, std::string_view help,
                           PrometheusText& text) const {
  const std::string family(name);
  text.Family(name, "histogram", help);
  uint64_t cumulative = 0;
  for (size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    cumulative += buckets[bucket];
    const std::string_view bound =
        bucket < kDurationBuckets.size() ? kDurationBuckets[bucket].label : "+Inf";
    text.Sample(family + "_bucket", {{"le", bound}}, cumulative);
  }
  text.Sample(family + "_sum", {}, Seconds(sum_ns));
  text.Sample(family + "_count", {}, cumulative);
}

void Books::Answered(Fate fate, int64_t delay_ns, int64_t made_ns, int64_t late_ns) {
  ++answers_[static_cast<size_t>(fate)];
  chosen_.Record(delay_ns);
  made_.Record(made_ns);
  made_times_.Record(made_ns);
  lateness_.Record(late_ns);
}

void Books::Stopped(int64_t length_ns) {
  ++stops_;
  stopped_ns_ += length_ns;
}

void Books::Render(PrometheusText& text) const {
  RenderCounter("oracle_requests_total", "Requests that were given a number.", requests_, text);
  text.Family("oracle_answers_total", "counter", "How requests ended, each counted once.");
  for (size_t i = 0; i < kFateCount; ++i) {
    text.Sample("oracle_answers_total", {{"fate", kFateNames[i]}}, answers_[i]);
  }
  text.Sample("oracle_answers_total", {{"fate", "unsent"}}, unsent_);
  chosen_.Render("oracle_delay_chosen_seconds", "Delays that were drawn, of answered requests.",
                 text);
  made_.Render("oracle_delay_made_seconds",
               "Time from a request's arrival to its answer's last byte, stops included.", text);
  RenderTally("oracle_made", "The same, as quantiles.", made_times_, text);
  RenderTally("oracle_lateness", "How much later than due answers were handed to the kernel.",
              lateness_, text);
  RenderCounter("oracle_stops_total", "Full stops that are over.", stops_, text);
  text.Family("oracle_stopped_seconds_total", "counter", "Time that passed in them.");
  text.Sample("oracle_stopped_seconds_total", {}, Seconds(stopped_ns_));
  RenderCounter("oracle_unstamped_total", "Reads without the kernel's time of arrival.", unstamped_,
                text);
  RenderCounter("oracle_overloads_total",
                "Connections closed because too many answers were waiting.", overloads_, text);
}

}  // namespace drumline::target
