// The directory that `controller certs init` makes: an authority, and what each program needs in a
// directory of its own, under the names that Kubernetes gives them in a secret.
//
//     DIR/ca.crt  ca.key                         the authority; ca.key stays where it was made
//     DIR/controller/tls.crt  tls.key  ca.crt
//     DIR/agents/gen-1/tls.crt  tls.key  ca.crt
//
//     absl::Status status = MakeCertsDirectory({.directory = "pki", .agents = {"gen-1"}, …});
//
// Keys get mode 0600, all directories 0700. Nothing is overwritten: a directory that is there and
// not empty is refused (AlreadyExists). Blocking; any thread.
#ifndef CONTROLLER_CERTS_CERTS_DIRECTORY_H_
#define CONTROLLER_CERTS_CERTS_DIRECTORY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace drumline {

struct CertsOrder {
  std::string directory;
  // By which agents dial the controller: names and addresses. Loopback's are always among them.
  std::vector<std::string> hosts;
  // Ids of agents.
  std::vector<std::string> agents;
  absl::Time now;
  absl::Duration length;
};

absl::Status MakeCertsDirectory(const CertsOrder& order);

}  // namespace drumline

#endif  // CONTROLLER_CERTS_CERTS_DIRECTORY_H_
