// The bundles of a results directory, newest first, as JSON for the live page:
//
//     [{"name": "echo-100k-20260711T093000Z", "validity": "VALID", "slo": "PASS", "page": true}, …]
//
// `validity` and `slo` are empty where there is no report yet. Reads the first bytes of each
// report.json alone, in which the verdict stands.
#ifndef CONTROLLER_UI_BUNDLE_LIST_H_
#define CONTROLLER_UI_BUNDLE_LIST_H_

#include <cstddef>
#include <string>

namespace drumline {

// The newest of them; older ones are left out.
inline constexpr size_t kMostBundlesListed = 100;

// Empty where there is no such directory.
std::string ListBundles(const std::string& results_directory);

}  // namespace drumline

#endif  // CONTROLLER_UI_BUNDLE_LIST_H_
