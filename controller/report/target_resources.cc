#include "controller/report/target_resources.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace drumline {
namespace {

struct Reading {
  double at_s;
  double value;
};

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

// Of the least-squares line; 0 if all readings are of one instant.
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
  const bool restarted =
      Fell(series) || Fell(Series(readings, "requests_total", &proto::Scrape::requests_total));
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
  }
}

void AddMemory(const Readings& readings, proto::TargetResources* resources) {
  const std::vector<Reading> rss = Series(readings, "rss_bytes", &proto::Scrape::rss_bytes);
  if (rss.empty()) return;
  resources->set_rss_bytes_mean(Mean(rss, &Reading::value));
  resources->set_rss_bytes_max(Highest(rss));
  resources->set_rss_slope_bytes_per_s(Slope(rss));
}

void AddWatched(const Readings& readings, proto::TargetResources* resources) {
  const std::vector<Reading> fds = Series(readings, "open_fds", &proto::Scrape::open_fds);
  if (!fds.empty()) (*resources->mutable_watched())["open_fds_max"] = Highest(fds);
  const std::optional<double> requests =
      Growth(Series(readings, "requests_total", &proto::Scrape::requests_total));
  if (requests) (*resources->mutable_watched())["requests_per_second"] = *requests;
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
  const auto& missing = readings.back()->missing();
  if (!missing.empty()) {
    summary.remarks.push_back(absl::StrCat("the metrics of ", window.target, " do not export ",
                                           absl::StrJoin(missing, ", ")));
  }
  AddCpu(readings, window, &summary);
  AddMemory(readings, &*summary.resources);
  AddWatched(readings, &*summary.resources);
  return summary;
}

}  // namespace drumline
