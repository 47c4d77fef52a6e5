#include "controller/report/target_text.h"

#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/format/columns.h"
#include "controller/format/units.h"
#include "controller/report/text_layout.h"

namespace drumline {
namespace {

// In whole bytes: less than one in a second is none.
std::string Signed(double bytes) {
  const double whole = std::round(bytes);
  return absl::StrCat(whole < 0 ? "" : "+", FormatBytes(whole));
}

std::string SlopeInterval(const proto::TargetResources& used) {
  if (!used.has_rss_slope_low()) return "";
  return absl::StrCat(" [", Signed(used.rss_slope_low()), ", ", Signed(used.rss_slope_high()), "]");
}

// What the service says of itself: its own response times beside ours, its pauses, its start.
std::string OwnWords(const proto::RunReport& run, size_t width) {
  const proto::TargetResources& used = run.target_resources();
  std::string text;
  if (used.has_served()) {
    const proto::ServedSummary& served = used.served();
    const std::vector<std::string> words = {
        absl::StrCat("its own p50 ", FormatTime(served.p50_us())),
        absl::StrCat("p95 ", FormatTime(served.p95_us())),
        absl::StrCat("p99 ", FormatTime(served.p99_us()), " (in its bucket from ",
                     FormatTime(served.p99_low_us()), " to ", FormatTime(served.p99_high_us()),
                     ")"),
        absl::StrCat("ours p99 ", FormatTime(run.service_time().p99_us()), " of service time")};
    absl::StrAppend(&text, Labelled("", Wrap(words, " · ", kIndent, width)));
  }
  std::vector<std::string> words;
  if (used.has_longest_pause_us()) {
    words.push_back(absl::StrCat("longest pause ", FormatTime(used.longest_pause_us()), " (",
                                 used.longest_pause_metric(), ")"));
  }
  if (used.counter_resets() > 0) {
    words.push_back(absl::StrCat("counters were reset ", used.counter_resets(), " times"));
  }
  if (run.has_cold_start_us()) {
    words.push_back(absl::StrCat("cold start ", FormatTime(run.cold_start_us()),
                                 " from exec to its first answer"));
  }
  // A page of its own is what one expects.
  if (!used.source().empty() && !absl::StartsWith(used.source(), "http")) {
    words.push_back(absl::StrCat("read from ", used.source()));
  }
  if (!words.empty()) absl::StrAppend(&text, Labelled("", Wrap(words, " · ", kIndent, width)));
  return text;
}

std::string WatchedLines(const proto::TargetResources& used, size_t width) {
  std::string text;
  for (const proto::WatchedSeries& watched : used.watched_series()) {
    std::vector<std::string> words = {
        absl::StrCat("watched ", watched.name()), absl::StrFormat("mean %.6g", watched.mean()),
        absl::StrFormat("min %.6g", watched.min()), absl::StrFormat("max %.6g", watched.max())};
    if (watched.has_growth_per_s() && watched.growth_per_s() > 0) {
      words.push_back(absl::StrFormat("+%.6g/s", watched.growth_per_s()));
    }
    absl::StrAppend(&text, Labelled("", Wrap(words, " · ", kIndent, width)));
  }
  return text;
}

std::string OpeningWords(const char* when, const proto::OpeningReport& opening, size_t width) {
  const proto::TimeSummary& connect = opening.connect_time();
  if (connect.count() == 0 && opening.failed() == 0) return "";
  std::vector<std::string> words = {absl::StrCat(FormatCount(connect.count()), " opened ", when)};
  if (connect.count() > 0) {
    words.push_back(absl::StrCat("connect p50 ", FormatTime(connect.p50_us()), ", p99 ",
                                 FormatTime(connect.p99_us()), ", max ",
                                 FormatTime(connect.max_us())));
  }
  if (opening.tls_time().count() > 0) {
    const proto::TimeSummary& tls = opening.tls_time();
    words.push_back(absl::StrCat("TLS p50 ", FormatTime(tls.p50_us()), ", p99 ",
                                 FormatTime(tls.p99_us()), ", max ", FormatTime(tls.max_us())));
    words.push_back(absl::StrCat(FormatCount(opening.resumed()), " resumed"));
  }
  if (opening.failed() > 0) words.push_back(absl::StrCat(FormatCount(opening.failed()), " failed"));
  return Labelled("", Wrap(words, " · ", kIndent, width));
}

}  // namespace

std::string TargetText(const proto::RunReport& run, size_t width) {
  if (!run.has_target_resources()) return Labelled("target", "no metrics in the window");
  const proto::TargetResources& used = run.target_resources();
  if (used.scrapes() == 0) return Labelled("target", "no metrics: every scrape failed");
  const bool cpu_known = used.cpu_not_known().empty();
  const bool cores_known = cpu_known || used.cpu_cores_mean() > 0;
  std::vector<std::string> words;
  if (cores_known) words.push_back(absl::StrFormat("CPU %.2f cores", used.cpu_cores_mean()));
  if (cpu_known) {
    words.push_back(absl::StrCat(FormatTime(used.cpu_us_per_request()), " CPU a request"));
  }
  if (used.rss_bytes_max() > 0) {
    const double slope = used.rss_slope_bytes_per_s();
    words.push_back(absl::StrCat("RSS mean ", FormatBytes(used.rss_bytes_mean())));
    words.push_back(absl::StrCat("max ", FormatBytes(used.rss_bytes_max())));
    words.push_back(absl::StrCat(Signed(slope), "/s", SlopeInterval(used)));
  } else {
    words.push_back("RSS not known");
  }
  if (used.has_rss_bytes_per_connection()) {
    words.push_back(absl::StrCat(FormatBytes(used.rss_bytes_per_connection()), " a connection"));
  }
  if (used.throughput_per_vcpu() > 0) {
    words.push_back(absl::StrCat(FormatRate(used.throughput_per_vcpu()), " a vCPU"));
  }
  if (used.has_open_fds_mean()) {
    words.push_back(absl::StrFormat("%.0f open descriptors", used.open_fds_mean()));
  }
  if (used.scrape_gaps() > 0) {
    words.push_back(absl::StrCat(used.scrape_gaps(), " s without a reading"));
  }
  std::string text = Labelled("target", Wrap(words, " · ", kIndent, width));
  if (!cpu_known) {
    const std::string why =
        absl::StrCat(cores_known ? "CPU a request" : "CPU", " not known: ", used.cpu_not_known());
    absl::StrAppend(&text, Labelled("", Wrap(Words(why), " ", kIndent, width)));
  }
  absl::StrAppend(&text, OwnWords(run, width), WatchedLines(used, width));
  return text;
}

std::string ArtifactsText(const proto::Report& report, size_t width) {
  std::map<std::string, std::string> sizes;
  for (const proto::RunReport& run : report.runs()) {
    sizes[run.target()] = "not known: it was not started here";
  }
  for (const proto::TargetArtifact& artifact : report.environment().artifacts()) {
    sizes[artifact.target()] = FormatBytes(static_cast<double>(artifact.bytes()));
  }
  if (report.environment().artifacts().empty()) return "";
  std::vector<std::string> words;
  for (const auto& [target, size] : sizes) words.push_back(absl::StrCat(target, " ", size));
  return absl::StrCat("size of the targets' programs\n",
                      Labelled("", Wrap(words, " · ", kIndent, width)), "\n");
}

std::string OpeningText(const proto::RunReport& run, size_t width) {
  return absl::StrCat(OpeningWords("before the window", run.connections().before(), width),
                      OpeningWords("in the window", run.connections().window(), width));
}

}  // namespace drumline
