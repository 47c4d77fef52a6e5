// When repeats may stop: as soon as a mean is known well enough, without fooling oneself by looking
// often.
//
//     const StoppingRule rule = {.relative = 0.02, .most = 20};
//     LooksOf(rule.most)                    // 3, 5, 8, 12, 18, 20: repeats after which to look
//     ConfidenceOfEachLook(rule.most)       // 0.9917: six looks
//     HalfWidth(values, ConfidenceOfEachLook(rule.most)) <= rule.relative    // then stop
//
// Who repeats until an interval of 95 % is narrow stops when the spread happens to look small, and
// then the interval is too narrow: it covers the truth less often than 95 %. Here the number of
// looks is fixed beforehand, and the 5 % are shared equally among them (Bonferroni; for sequential
// trials Pocock, Biometrika 64 (1977) 191–199, from whose looks this differs in being simpler and a
// little wider). Then the intervals of all looks cover the truth at once in at least 95 % of
// campaigns, and so does the one at which it stopped, however it was chosen. Looks are made at
// numbers of repeats that grow by half each time, so that few of them share the 5 %.
//
// Pure functions.
#ifndef CORE_STOPPING_H_
#define CORE_STOPPING_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "core/repeats.h"

namespace drumline {

// Fewer repeats tell too little of the spread to stop by it.
inline constexpr size_t kFewestLooked = 3;

// Ascending; the last one is [most], which is at least kFewestLooked.
std::vector<size_t> LooksOf(size_t most);

double ConfidenceOfEachLook(size_t most, double confidence = kConfidence);

// The upper end of the mean's interval above the mean, as a fraction of the mean; nothing if the
// values have no interval (fewer than two, or one that is not positive).
std::optional<double> HalfWidth(const std::vector<double>& values, double confidence);

}  // namespace drumline

#endif  // CORE_STOPPING_H_
