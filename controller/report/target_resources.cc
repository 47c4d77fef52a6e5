#include "controller/report/target_resources.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "controller/report/served_times.h"
#include "controller/report/trend.h"

namespace drumline {
namespace {

using Readings = std::vector<const proto::Scrape*>;

bool IsExported(const proto::Scrape& scrape, const std::string& name) {
  return std::find(scrape.missing().begin(), scrape.missing().end(), name) ==
         scrape.missing().end();
}

std::vector<Reading> Series(const Readings& readings, const std::string& name,
                            double (proto::Scrape::*value)() const) {
  std::vector<Reading> series;
  for (const proto::Scrape* scrape : readings) {
    if (!IsExported(*scrape, name)) continue;
    series.push_back({static_cast<double>(scrape->at_ns()) / 1e9, (scrape->*value)()});
  }
  return series;
}

// A counter that falls is that of another process: the target was restarted.
bool Fell(const std::vector<Reading>& series) {
  for (size_t i = 1; i < series.size(); ++i) {
    if (series[i].value < series[i - 1].value) return true;
  }
  return false;
}

// What a counter gained between its first and its last reading, a second. Nothing if there are not
// two readings, or if it fell.
std::optional<double> Growth(const std::vector<Reading>& series) {
  if (Fell(series)) return std::nullopt;
  if (series.size() < 2 || series.back().at_s <= series.front().at_s) return std::nullopt;
  return (series.back().value - series.front().value) / (series.back().at_s - series.front().at_s);
}

double Mean(const std::vector<Reading>& series, double Reading::*part) {
  double sum = 0;
  for (const Reading& reading : series) sum += reading.*part;
  return sum / static_cast<double>(series.size());
}

double Highest(const std::vector<Reading>& series) {
  double highest = 0;
  for (const Reading& reading : series) highest = std::max(highest, reading.value);
  return highest;
}

// Of the least-squares line through all readings; 0 if all are of one instant.
double Slope(const std::vector<Reading>& series) {
  const double mean_at = Mean(series, &Reading::at_s);
  const double mean_value = Mean(series, &Reading::value);
  double products = 0;
  double squares = 0;
  for (const Reading& reading : series) {
    products += (reading.at_s - mean_at) * (reading.value - mean_value);
    squares += (reading.at_s - mean_at) * (reading.at_s - mean_at);
  }
  return squares > 0 ? products / squares : 0;
}

// Readings come once a second, so that up to a second at either end of a window lies outside them
// as a rule. Beyond this, and beyond this part of the window, the answers of the whole of it must
// not be divided into the CPU time of a part.
constexpr double kMostUncoveredS = 1.5;
constexpr double kMostUncoveredPart = 0.05;

// Why the CPU time of the readings is not that of the window; empty if it is.
std::string Uncovered(const std::vector<Reading>& series, const ScrapeWindow& window) {
  const double begin_s = static_cast<double>(window.begin_ns) / 1e9;
  const double length_s = static_cast<double>(window.end_ns) / 1e9 - begin_s;
  const double from_s = series.front().at_s - begin_s;
  const double to_s = series.back().at_s - begin_s;
  const double most_s = std::max(kMostUncoveredS, kMostUncoveredPart * length_s);
  if (from_s <= most_s && length_s - to_s <= most_s) return "";
  return absl::StrFormat("its metrics could be read from %.1f s to %.1f s of a window of %.1f s",
                         from_s, to_s, length_s);
}

void AddCpu(const Readings& readings, const ScrapeWindow& window, ResourceSummary* summary) {
  proto::TargetResources& resources = *summary->resources;
  const std::vector<Reading> series =
      Series(readings, "cpu_seconds_total", &proto::Scrape::cpu_seconds_total);
  // A new process that needs much to start may hide it in the one counter, not in the other.
  const bool restarted = resources.counter_resets() > 0 || Fell(series) ||
                         Fell(Series(readings, "requests_total", &proto::Scrape::requests_total));
  if (restarted) {
    resources.set_cpu_not_known("its counters fell: was it restarted?");
    summary->remarks.push_back(
        absl::StrCat("the counters of ", window.target, " fell during the run: was it restarted?"));
    return;
  }
  const std::optional<double> cores = Growth(series);
  if (!cores) {
    resources.set_cpu_not_known("fewer than two readings of it");
    summary->remarks.push_back(absl::StrCat("fewer than two readings of the CPU time of ",
                                            window.target, " in the measured window"));
    return;
  }
  resources.set_cpu_cores_mean(*cores);
  resources.set_cpu_not_known(window.answered_per_second > 0 ? Uncovered(series, window)
                                                             : "nothing was answered");
  if (resources.cpu_not_known().empty()) {
    resources.set_cpu_us_per_request(*cores * 1e6 / window.answered_per_second);
    if (*cores > 0) resources.set_throughput_per_vcpu(window.answered_per_second / *cores);
  }
}

// Growth of less than this part of the mean over the whole window is nobody's leak.
constexpr double kLeakPart = 0.01;

void AddMemory(const Readings& readings, const ScrapeWindow& window, ResourceSummary* summary) {
  proto::TargetResources* const resources = &*summary->resources;
  const std::vector<Reading> rss = Series(readings, "rss_bytes", &proto::Scrape::rss_bytes);
  if (rss.empty()) return;
  resources->set_rss_bytes_mean(Mean(rss, &Reading::value));
  resources->set_rss_bytes_max(Highest(rss));
  resources->set_rss_slope_bytes_per_s(Slope(rss));
  const std::optional<Trend> trend = TrendOf(rss);
  if (!trend) return;
  resources->set_rss_slope_bytes_per_s(trend->slope);
  resources->set_rss_slope_low(trend->low);
  resources->set_rss_slope_high(trend->high);
  resources->set_rss_slope_method(absl::StrCat("least squares through the means of ",
                                               trend->stretches, " stretches, 95 % interval"));
  const double length_s = static_cast<double>(window.end_ns - window.begin_ns) / 1e9;
  if (trend->low <= 0 || trend->slope * length_s < kLeakPart * resources->rss_bytes_mean()) return;
  summary->remarks.push_back(absl::StrFormat(
      "the memory of %s grew all the time, by %.0f bytes a second [%.0f, %.0f]: a leak, or a cache "
      "that fills",
      window.target, trend->slope, trend->low, trend->high));
}

// The reading before the run, when its connections were not open yet.
const proto::Scrape* ReadingBefore(const std::vector<proto::Scrape>& scrapes,
                                   const ScrapeWindow& window) {
  const proto::Scrape* first = nullptr;
  for (const proto::Scrape& scrape : scrapes) {
    if (scrape.run_id() != window.run_id || scrape.target() != window.target) continue;
    if (scrape.at_ns() >= 0 || !scrape.gap().empty()) continue;
    if (first == nullptr || scrape.at_ns() < first->at_ns()) first = &scrape;
  }
  return first;
}

// With fewer new descriptors than these, memory that has nothing to do with them decides.
constexpr double kFewestForConnection = 100;

void AddConnections(const Readings& readings, const proto::Scrape* before,
                    proto::TargetResources* resources) {
  const std::vector<Reading> fds = Series(readings, "open_fds", &proto::Scrape::open_fds);
  if (!fds.empty()) {
    (*resources->mutable_watched())["open_fds_max"] = Highest(fds);
    resources->set_open_fds_mean(Mean(fds, &Reading::value));
  }
  if (before == nullptr || !IsExported(*before, "rss_bytes")) return;
  resources->set_rss_bytes_before(before->rss_bytes());
  if (fds.empty() || !IsExported(*before, "open_fds") || resources->rss_bytes_max() == 0) return;
  const double opened = resources->open_fds_mean() - before->open_fds();
  if (opened < kFewestForConnection) return;
  resources->set_rss_bytes_per_connection((resources->rss_bytes_mean() - before->rss_bytes()) /
                                          opened);
}

void AddWatched(const Readings& readings, proto::TargetResources* resources) {
  const std::optional<double> requests =
      Growth(Series(readings, "requests_total", &proto::Scrape::requests_total));
  if (requests) (*resources->mutable_watched())["requests_per_second"] = *requests;
  std::map<std::string, std::vector<Reading>> all;
  for (const proto::Scrape* scrape : readings) {
    for (const auto& [name, value] : scrape->watched()) {
      all[name].push_back({static_cast<double>(scrape->at_ns()) / 1e9, value});
    }
  }
  for (const auto& [name, series] : all) {
    const auto less = [](const Reading& a, const Reading& b) { return a.value < b.value; };
    proto::WatchedSeries& watched = *resources->add_watched_series();
    watched.set_name(name);
    watched.set_readings(static_cast<uint32_t>(series.size()));
    watched.set_first(series.front().value);
    watched.set_last(series.back().value);
    watched.set_min(std::min_element(series.begin(), series.end(), less)->value);
    watched.set_max(std::max_element(series.begin(), series.end(), less)->value);
    watched.set_mean(Mean(series, &Reading::value));
    if (const std::optional<double> growth = Growth(series)) watched.set_growth_per_s(*growth);
  }
}

void AddServed(const Readings& readings, proto::TargetResources* resources) {
  std::vector<const proto::ServedTimes*> kept;
  for (const proto::Scrape* scrape : readings) {
    if (scrape->has_served()) kept.push_back(&scrape->served());
  }
  if (kept.size() < 2) return;
  // A restart in between shows as a count that fell, and nothing is made of it.
  for (size_t i = 1; i < kept.size(); ++i) {
    if (kept[i]->counts().empty() || kept[i - 1]->counts().empty()) return;
    if (*kept[i]->counts().rbegin() < *kept[i - 1]->counts().rbegin()) return;
  }
  std::optional<proto::ServedSummary> served = ServedBetween(*kept.front(), *kept.back());
  if (served) *resources->mutable_served() = *std::move(served);
}

void AddPause(const Readings& readings, proto::TargetResources* resources) {
  for (const proto::Scrape* scrape : readings) {
    if (scrape->longest_pause_metric().empty()) continue;
    const double us = scrape->longest_pause_s() * 1e6;
    if (resources->has_longest_pause_us() && us <= resources->longest_pause_us()) continue;
    resources->set_longest_pause_us(us);
    resources->set_longest_pause_metric(scrape->longest_pause_metric());
  }
}

// How often the readings are those of another process than the ones before.
uint32_t CountResets(const Readings& readings) {
  uint32_t resets = 0;
  for (size_t i = 1; i < readings.size(); ++i) {
    const proto::Scrape& a = *readings[i - 1];
    const proto::Scrape& b = *readings[i];
    // The clock that a start is told by may be set; a second is no other process.
    const bool other = a.program_started_s() > 0 && b.program_started_s() > 0 &&
                       std::abs(a.program_started_s() - b.program_started_s()) > 1;
    const bool fell =
        b.cpu_seconds_total() < a.cpu_seconds_total() || b.requests_total() < a.requests_total();
    if (other || (fell && a.missing_size() == b.missing_size())) ++resets;
  }
  return resets;
}

}  // namespace

ResourceSummary SummarizeScrapes(const std::vector<proto::Scrape>& scrapes,
                                 const ScrapeWindow& window) {
  Readings readings;
  uint32_t gaps = 0;
  std::string last_gap;
  for (const proto::Scrape& scrape : scrapes) {
    if (scrape.run_id() != window.run_id || scrape.target() != window.target) continue;
    if (scrape.at_ns() < window.begin_ns || scrape.at_ns() > window.end_ns) continue;
    if (scrape.gap().empty()) {
      readings.push_back(&scrape);
    } else {
      ++gaps;
      last_gap = scrape.gap();
    }
  }
  ResourceSummary summary;
  if (readings.empty() && gaps == 0) return summary;
  summary.resources.emplace();
  summary.resources->set_scrapes(static_cast<uint32_t>(readings.size()));
  summary.resources->set_scrape_gaps(gaps);
  if (gaps > 0) {
    summary.remarks.push_back(absl::StrCat(gaps, " of ", readings.size() + gaps,
                                           " scrapes of the metrics of ", window.target,
                                           " failed; the last: ", last_gap));
  }
  if (readings.empty()) return summary;
  const auto by_time = [](const proto::Scrape* a, const proto::Scrape* b) {
    return a->at_ns() < b->at_ns();
  };
  std::stable_sort(readings.begin(), readings.end(), by_time);
  summary.resources->set_source(readings.back()->source());
  summary.resources->set_counter_resets(CountResets(readings));
  // Of a process, a control group or a machine the kernel tells what it tells.
  const auto& missing = readings.back()->missing();
  const bool is_page =
      summary.resources->source().empty() || absl::StartsWith(summary.resources->source(), "http");
  if (!missing.empty() && is_page) {
    summary.remarks.push_back(absl::StrCat("the metrics of ", window.target, " do not export ",
                                           absl::StrJoin(missing, ", ")));
  }
  AddCpu(readings, window, &summary);
  AddMemory(readings, window, &summary);
  AddConnections(readings, ReadingBefore(scrapes, window), &*summary.resources);
  AddWatched(readings, &*summary.resources);
  AddServed(readings, &*summary.resources);
  AddPause(readings, &*summary.resources);
  return summary;
}

}  // namespace drumline
