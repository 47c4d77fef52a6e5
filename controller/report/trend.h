// The trend of a gauge over time, with how sure it is: whether memory leaks.
//
//     std::optional<Trend> trend = TrendOf(readings);
//     trend->slope;  trend->low;  trend->high;     // a second
//
// Readings a second apart depend on each other (memory grows in steps), so that the textbook
// interval of a straight line through all of them is far too narrow. Here the readings are averaged
// over kMostStretches or fewer stretches of equal length first, and the least-squares line goes
// through the means: slope ± t(0.975, n − 2) · s / sqrt(Σ(x − x̄)²), s² = Σ residual² / (n − 2)
// (Draper, Smith: Applied Regression Analysis, 3rd ed. 1998, section 1.4). That allows for what
// depends within a stretch, not for what is slower than one.
//
// Pure.
#ifndef CONTROLLER_REPORT_TREND_H_
#define CONTROLLER_REPORT_TREND_H_

#include <cstddef>
#include <optional>
#include <vector>

namespace drumline {

struct Reading {
  double at_s = 0;
  double value = 0;
};

struct Trend {
  double slope = 0;
  double low = 0;
  double high = 0;
  // Stretches that had a reading.
  size_t stretches = 0;
};

inline constexpr size_t kMostStretches = 10;
// Fewer means say nothing about how sure a line is.
inline constexpr size_t kFewestStretches = 4;

// Readings in the order of their time. Nothing if there are too few of them, or all at one instant.
std::optional<Trend> TrendOf(const std::vector<Reading>& readings);

}  // namespace drumline

#endif  // CONTROLLER_REPORT_TREND_H_
