// Authority: a small certificate authority for those who have none: it vouches for one controller
// and its agents, and for nobody else.
//
//     absl::StatusOr<Authority> authority = Authority::Create(now, absl::Hours(24 * 365));
//     absl::StatusOr<Issued> agent = authority->Issue(
//         {.names = {"gen-1"}, .part = Part::kAgent, .from = now, .length = absl::Hours(24 *
//         365)});
//     agent->cert_pem, agent->key_pem
//
// Keys are ECDSA on P-256. A certificate is good for one part alone (extended key usage), so that
// an agent's cannot pose as a controller. Certificates hold from five minutes before `from`,
// because no two clocks agree. Errors are Internal and carry OpenSSL's own words.
//
// Movable. One thread at a time.
#ifndef CONTROLLER_CERTS_AUTHORITY_H_
#define CONTROLLER_CERTS_AUTHORITY_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace drumline {

struct Issued {
  std::string cert_pem;
  std::string key_pem;
};

class Authority {
 public:
  enum class Part { kController, kAgent };

  struct Terms {
    // Host names, IP addresses, an agent's id; the first one is the subject too. Each must be
    // sound: IsSoundName.
    std::vector<std::string> names;
    Part part = Part::kAgent;
    absl::Time from;
    absl::Duration length;
  };

  static absl::StatusOr<Authority> Create(absl::Time from, absl::Duration length);

  absl::StatusOr<Issued> Issue(const Terms& terms) const;
  // Its own certificate and key.
  const Issued& own() const { return own_; }

 private:
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  struct FreeCert {
    void operator()(X509* cert) const { X509_free(cert); }
  };
  using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;
  using CertPtr = std::unique_ptr<X509, FreeCert>;

  Authority(KeyPtr key, CertPtr cert, Issued own)
      : key_(std::move(key)), cert_(std::move(cert)), own_(std::move(own)) {}

  static KeyPtr MakeKey();
  // A certificate without names, issuer and signature; null if OpenSSL refuses.
  static CertPtr MakeCert(const std::string& subject, EVP_PKEY* key, absl::Time from,
                          absl::Duration length);

  KeyPtr key_;
  CertPtr cert_;
  Issued own_;
};

// A host's name, an IP address or an agent's id: letters, digits, '.', '-', '_' and, in IPv6
// addresses, ':'; at most 64 characters, as a certificate's subject has it.
bool IsSoundName(const std::string& name);

}  // namespace drumline

#endif  // CONTROLLER_CERTS_AUTHORITY_H_
