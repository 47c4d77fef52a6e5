#include "core/stopping.h"

#include <algorithm>

namespace drumline {

std::vector<size_t> LooksOf(size_t most) {
  std::vector<size_t> looks;
  for (size_t n = kFewestLooked; n < most; n += (n + 1) / 2) looks.push_back(n);
  looks.push_back(std::max(most, kFewestLooked));
  return looks;
}

double ConfidenceOfEachLook(size_t most, double confidence) {
  return 1 - (1 - confidence) / static_cast<double>(LooksOf(most).size());
}

std::optional<double> HalfWidth(const std::vector<double>& values, double confidence) {
  const std::optional<RepeatsSummary> summary = SummarizeRepeats(values, confidence);
  if (!summary || !summary->interval) return std::nullopt;
  return summary->interval->high / summary->mean - 1;
}

}  // namespace drumline
