// Under which name a campaign may be begun or gone on with: for a supervisor that starts the same
// command again and again until it has a verdict, as a Kubernetes Job does.
//
//     absl::StatusOr<std::optional<std::string>> begun = ReadMark("results", "nightly");
//     // Nothing: begin it, and WriteMark once its bundle can be gone on with.
//     WriteMark("results", "nightly", "results/echo-100k-20260711T093000Z");
//
// The mark is a file beside the bundles, results/nightly.campaign, which holds the name of the
// campaign's bundle. Whoever wants the campaign anew removes it. Blocking; any thread.
#ifndef CONTROLLER_CAMPAIGN_CAMPAIGN_MARK_H_
#define CONTROLLER_CAMPAIGN_CAMPAIGN_MARK_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drumline {

// The path of the campaign's bundle; nothing if it was never begun. InvalidArgument for a key that
// is no plain name (letters, digits, `-`, `_`, `.`); NotFound if the bundle is there no more.
absl::StatusOr<std::optional<std::string>> ReadMark(const std::string& results_directory,
                                                    const std::string& key);

// The bundle lies in `results_directory`.
absl::Status WriteMark(const std::string& results_directory, const std::string& key,
                       const std::string& bundle_path);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_CAMPAIGN_MARK_H_
