#include "controller/report/stopping.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/report/compared_metric.h"
#include "controller/report/comparison.h"
#include "core/stopping.h"

namespace drumline {
namespace {

uint32_t MostRepeats(const proto::Plan& plan) {
  uint32_t most = 1;
  for (const proto::RunPlan& run : plan.runs()) most = std::max(most, run.repeat());
  return most;
}

// The repeats of which all runs have been carried out: 1 … that many.
uint32_t WholeRepeats(const proto::Plan& plan, const std::vector<proto::RunReport>& runs) {
  std::map<uint32_t, int> missing;
  for (const proto::RunPlan& run : plan.runs()) ++missing[run.repeat()];
  for (const proto::RunReport& run : runs) --missing[run.repeat()];
  uint32_t whole = 0;
  for (const auto& [repeat, count] : missing) {
    if (count > 0) break;
    whole = repeat;
  }
  return whole;
}

// Of one target at one point; nothing if too few runs count.
std::optional<double> WidthOf(const RunGroup& group, const ComparedMetric& metric,
                              double confidence) {
  std::vector<double> values;
  for (const proto::RunReport* run : group.runs) {
    const MetricReading reading = ReadMetric(metric, *run);
    if (!reading.value) return std::nullopt;
    values.push_back(*reading.value);
  }
  if (values.size() < kFewestLooked) return std::nullopt;
  return HalfWidth(values, confidence);
}

std::string WordsOf(const proto::StoppingReport& stopping, bool known) {
  const std::string width =
      known ? absl::StrFormat("± %.2g %%", 100 * stopping.half_width()) : "not known";
  return absl::StrCat(stopping.rule(), stopping.reached() ? " reached" : " not reached", " with ",
                      stopping.repeats(), " of at most ", stopping.most(), " repeats: ", width,
                      absl::StrFormat(" (each look at %.4g %%, so that all keep 95 %%)",
                                      100 * stopping.confidence_each_look()));
}

}  // namespace

proto::StoppingReport JudgeStopping(const proto::Plan& plan,
                                    const std::vector<proto::RunReport>& runs) {
  proto::StoppingReport stopping;
  stopping.set_rule(plan.until().text());
  stopping.set_most(MostRepeats(plan));
  stopping.set_repeats(WholeRepeats(plan, runs));
  const double confidence = ConfidenceOfEachLook(stopping.most());
  stopping.set_confidence_each_look(confidence);
  const ComparedMetric* metric = FindMetric(plan.until().metric());
  google::protobuf::RepeatedPtrField<proto::RunReport> all(runs.begin(), runs.end());
  double widest = 0;
  bool known = metric != nullptr && !runs.empty();
  for (const RunGroup& group : GroupRuns(all, nullptr)) {
    if (!known) break;
    const std::optional<double> width = WidthOf(group, *metric, confidence);
    known = width.has_value();
    widest = std::max(widest, width.value_or(0));
  }
  if (known) stopping.set_half_width(widest);
  const std::vector<size_t> looks = LooksOf(stopping.most());
  const bool looked = std::find(looks.begin(), looks.end(), stopping.repeats()) != looks.end();
  stopping.set_reached(known && looked && widest <= plan.until().relative());
  stopping.set_words(WordsOf(stopping, known));
  return stopping;
}

}  // namespace drumline
