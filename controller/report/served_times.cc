#include "controller/report/served_times.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace drumline {
namespace {

constexpr double kUsPerS = 1e6;

struct Buckets {
  std::vector<double> bounds_s;
  // Cumulative.
  std::vector<double> counts;
};

struct Placed {
  double us = 0;
  double low_us = 0;
  double high_us = 0;
};

Placed QuantileOf(const Buckets& buckets, double q) {
  const double rank = q * buckets.counts.back();
  const auto found = std::lower_bound(buckets.counts.begin(), buckets.counts.end(), rank);
  const auto at = static_cast<size_t>(found - buckets.counts.begin());
  const double low_s = at == 0 ? 0 : buckets.bounds_s[at - 1];
  const double high_s = buckets.bounds_s[at];
  if (std::isinf(high_s)) return {low_s * kUsPerS, low_s * kUsPerS, low_s * kUsPerS};
  const double before = at == 0 ? 0 : buckets.counts[at - 1];
  const double within = buckets.counts[at] - before;
  const double part = within > 0 ? (rank - before) / within : 1;
  return {(low_s + part * (high_s - low_s)) * kUsPerS, low_s * kUsPerS, high_s * kUsPerS};
}

}  // namespace

std::optional<proto::ServedSummary> ServedBetween(const proto::ServedTimes& earlier,
                                                  const proto::ServedTimes& later) {
  if (later.bounds_s().empty() || later.counts_size() != later.bounds_s_size() ||
      !std::equal(earlier.bounds_s().begin(), earlier.bounds_s().end(), later.bounds_s().begin(),
                  later.bounds_s().end()) ||
      earlier.counts_size() != later.counts_size()) {
    return std::nullopt;
  }
  Buckets buckets;
  for (int i = 0; i < later.bounds_s_size(); ++i) {
    const double count = later.counts(i) - earlier.counts(i);
    const double before = buckets.counts.empty() ? 0 : buckets.counts.back();
    if (!(count >= before)) return std::nullopt;
    buckets.bounds_s.push_back(later.bounds_s(i));
    buckets.counts.push_back(count);
  }
  if (!(buckets.counts.back() > 0)) return std::nullopt;
  proto::ServedSummary summary;
  const Placed p99 = QuantileOf(buckets, 0.99);
  summary.set_count(buckets.counts.back());
  summary.set_p50_us(QuantileOf(buckets, 0.5).us);
  summary.set_p95_us(QuantileOf(buckets, 0.95).us);
  summary.set_p99_us(p99.us);
  summary.set_p99_low_us(p99.low_us);
  summary.set_p99_high_us(p99.high_us);
  return summary;
}

}  // namespace drumline
