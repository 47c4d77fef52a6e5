// The TLS of a target, with the files that the scenario names.
//
//     absl::StatusOr<proto::TlsPlan> tls = TlsPlanOf(target, *ParseUrl(target.url()), directory);
//     slice.mutable_tls()->CopyFrom(*tls);
//
// Files are relative to the scenario's directory and have at most kMaxTlsFileBytes. NotFound or
// ResourceExhausted, naming the file, where one cannot be read. The result holds a private key:
// it is given to agents and kept nowhere.
#ifndef CONTROLLER_PLANNER_TLS_FILES_H_
#define CONTROLLER_PLANNER_TLS_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "controller/scenario/url.h"
#include "proto/plan.pb.h"
#include "proto/scenario.pb.h"

namespace drumline {

inline constexpr size_t kMaxTlsFileBytes = size_t{1} << 20;

absl::StatusOr<proto::TlsPlan> TlsPlanOf(const proto::Target& target, const ParsedUrl& url,
                                         const std::string& directory);

}  // namespace drumline

#endif  // CONTROLLER_PLANNER_TLS_FILES_H_
