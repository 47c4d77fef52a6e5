#include "controller/campaign/cluster_terms.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "controller/scenario/url.h"

namespace drumline {
namespace {

absl::Status CheckAgents(const ClusterTerms& terms, uint32_t needed) {
  const bool by_name = !terms.expected.empty();
  const size_t waited_for = by_name ? terms.expected.size() : terms.agents;
  if (waited_for == 0 || waited_for >= needed) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--wait-for-agents: ", waited_for,
                                                 by_name ? " are named" : " are waited for",
                                                 ", but the scenario's agents.count is ", needed));
}

}  // namespace

absl::Status CheckClusterTerms(const ClusterTerms& terms, const proto::Scenario& scenario,
                               absl::Time now) {
  if (!scenario.has_cluster()) {
    if (!terms.given()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "--tls-…, --insecure and --wait-… are for agents that dial in, and the scenario has no "
        "`cluster`: add one, as in cluster: {listen: \"0.0.0.0:7070\"}");
  }
  if (absl::Status status = CheckAgents(terms, scenario.agents().count()); !status.ok()) {
    return status;
  }
  if (terms.tls) return CheckTlsFiles(*terms.tls, now);
  const absl::StatusOr<HostPort> address = ParseHostPort(scenario.cluster().listen());
  if (!address.ok()) return address.status();
  if (terms.insecure || IsLoopback(*address)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("cluster.listen is ", scenario.cluster().listen(),
                   ", which is not a loopback address, and without certificates the link to the "
                   "agents is not encrypted: give --tls-cert, --tls-key and --tls-ca (`controller "
                   "certs init` makes them), or --insecure"));
}

}  // namespace drumline
