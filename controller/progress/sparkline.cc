#include "controller/progress/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace drumline {
namespace {

constexpr std::array<const char*, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// The share is that of the whole height at which the value lies.
template <typename ShareOf>
std::string Draw(const std::vector<double>& values, size_t columns, const ShareOf& share_of) {
  const size_t shown = std::min(values.size(), columns);
  std::string line(columns - shown, ' ');
  for (size_t i = values.size() - shown; i < values.size(); ++i) {
    if (!(values[i] > 0)) {
      line += ' ';
      continue;
    }
    const double share = std::clamp(share_of(values[i]), 0.0, 1.0);
    line += kBars[static_cast<size_t>(std::lround(share * (kBars.size() - 1)))];
  }
  return line;
}

}  // namespace

std::string Sparkline(const std::vector<double>& values, const Scale& scale, size_t columns) {
  const double range = scale.high - scale.low;
  return Draw(values, columns,
              [&](double value) { return range > 0 ? (value - scale.low) / range : 1.0; });
}

std::string LogSparkline(const std::vector<double>& values, const Scale& scale, size_t columns) {
  const double range = std::log(scale.high / scale.low);
  return Draw(values, columns,
              [&](double value) { return range > 0 ? std::log(value / scale.low) / range : 1.0; });
}

std::string Bar(double share, size_t columns) {
  const double clamped = std::clamp(share, 0.0, 1.0);
  const auto done = static_cast<size_t>(std::lround(clamped * static_cast<double>(columns)));
  std::string bar;
  for (size_t i = 0; i < columns; ++i) bar += i < done ? "━" : "─";
  return bar;
}

}  // namespace drumline
