// The flags by which the controller meets its agents, as terms.
//
//     --tls-cert FILE --tls-key FILE --tls-ca FILE     mutual TLS
//     --insecure                                       plain text beyond loopback
//     --wait-for-agents 4 | gen-1,gen-2                how many must be there, or who
//     --wait-timeout 2m
//
//     absl::StatusOr<ClusterTerms> terms = ReadClusterTerms(line);
//
// Errors are InvalidArgument and name the flag.
#ifndef CONTROLLER_CLUSTER_FLAGS_H_
#define CONTROLLER_CLUSTER_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/campaign/cluster_terms.h"
#include "controller/cli.h"
#include "proto/scenario.pb.h"

namespace drumline {

absl::StatusOr<ClusterTerms> ReadClusterTerms(const CommandLine& line);

// The same, checked (CheckClusterTerms) against [scenario] as of now. Reads the certificates.
absl::StatusOr<ClusterTerms> TermsFor(const CommandLine& line, const proto::Scenario& scenario);

// "gen-1,gen-2": names as in a scenario, each once. [flag] is for messages.
absl::StatusOr<std::vector<std::string>> ReadNames(const std::string& flag,
                                                   const std::string& text);

}  // namespace drumline

#endif  // CONTROLLER_CLUSTER_FLAGS_H_
