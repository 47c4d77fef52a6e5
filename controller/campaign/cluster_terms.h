// ClusterTerms: how the controller is to be met by agents that somebody else starts: what the place
// decides and not the scenario, so that one scenario serves many places.
//
//     ClusterTerms terms;
//     terms.tls = TlsFiles{"tls.crt", "tls.key", "ca.crt"};
//     terms.expected = {"gen-1", "gen-2"};
//     absl::Status status = CheckClusterTerms(terms, scenario, now);
#ifndef CONTROLLER_CAMPAIGN_CLUSTER_TERMS_H_
#define CONTROLLER_CAMPAIGN_CLUSTER_TERMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "link/tls_files.h"
#include "proto/scenario.pb.h"

namespace drumline {

struct ClusterTerms {
  // Without them agents are met in plain text.
  std::optional<TlsFiles> tls;
  // Plain text beyond loopback.
  bool insecure = false;
  // So many agents must be there before the first run; 0: as many as take part.
  uint32_t agents = 0;
  // These must be there, and they alone take part; empty: whoever comes first.
  std::vector<std::string> expected;
  // In the place of the scenario's cluster.wait.
  std::optional<int64_t> wait_ns;

  bool given() const {
    return tls || insecure || agents > 0 || !expected.empty() || wait_ns.has_value();
  }
};

// InvalidArgument, in words for the person at the terminal, if [scenario] cannot be carried out on
// these terms: they need a cluster, agents that suffice, certificates that are good at [now], and
// plain text keeps to loopback.
absl::Status CheckClusterTerms(const ClusterTerms& terms, const proto::Scenario& scenario,
                               absl::Time now);

}  // namespace drumline

#endif  // CONTROLLER_CAMPAIGN_CLUSTER_TERMS_H_
