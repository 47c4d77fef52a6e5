#include "core/capacity_search.h"

#include <algorithm>
#include <cmath>

namespace drumline {

int CapacitySearch::MostOfASteadyTarget(const Terms& terms) {
  // from, 2 from, … to; the last step is the widest unless it is the cut-off one before `to`.
  const int doublings = static_cast<int>(std::ceil(std::log2(terms.to / terms.from)));
  const auto halvings = [&](double low, double high) {
    const double gap = std::log(high / low) / std::log1p(terms.within);
    return gap <= 1 ? 0 : static_cast<int>(std::ceil(std::log2(gap)));
  };
  const double last = terms.from * std::exp2(doublings - 1);
  int most = doublings + 1 + halvings(last, terms.to) + 1;
  if (doublings > 1) most = std::max(most, doublings + halvings(1, 2) + 1);
  return std::min(most, kMostProbes);
}

std::optional<double> CapacitySearch::knee() const {
  std::optional<double> knee;
  for (const auto& [rate, met] : known_) {
    if (!met) break;
    knee = rate;
  }
  return knee;
}

std::optional<double> CapacitySearch::fails_at() const {
  for (const auto& [rate, met] : known_) {
    if (!met) return rate;
  }
  return std::nullopt;
}

std::optional<CapacitySearch::Probe> CapacitySearch::Next() const {
  if (confirmed_ || probes_ >= kMostProbes) return std::nullopt;
  const std::optional<double> met = knee();
  const std::optional<double> missed = fails_at();
  if (climbing()) {
    return Probe{met ? std::min(2 * *met, terms_.to) : terms_.from, Step::kClimb};
  }
  // Not even the lowest rate.
  if (!met) return std::nullopt;
  if (missed && *missed > *met * (1 + terms_.within)) {
    return Probe{std::sqrt(*met * *missed), Step::kBisect};
  }
  if (confirmations_ >= kMostConfirmations) return std::nullopt;
  return Probe{*met, Step::kConfirm};
}

void CapacitySearch::Record(Met met) {
  const std::optional<Probe> probe = Next();
  if (!probe) return;
  ++probes_;
  if (met == Met::kUnjudged && !retried_) {
    retried_ = true;
    return;
  }
  if (met == Met::kUnjudged) limited_by_generator_ = true;
  retried_ = false;
  known_[probe->rate] = met == Met::kYes;
  if (probe->step != Step::kConfirm) return;
  ++confirmations_;
  confirmed_ = met == Met::kYes;
}

}  // namespace drumline
