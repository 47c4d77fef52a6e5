// The nearest right word to a wrong one, for "did you mean".
//
// Pure functions, safe from any thread.
#ifndef CONTROLLER_SCENARIO_SUGGESTION_H_
#define CONTROLLER_SCENARIO_SUGGESTION_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace drumline {

// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one
// word into the other.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The candidate that is nearest to the word; empty where none is near enough to be meant (more than
// a third of the letters would change).
absl::string_view NearestWord(absl::string_view word,
                              const std::vector<absl::string_view>& candidates);

}  // namespace drumline

#endif  // CONTROLLER_SCENARIO_SUGGESTION_H_
