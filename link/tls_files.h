// TlsFiles: where one end of the link finds its certificate, its key and the authority that vouches
// for the other end. All three are PEM files; the link reads them again while it runs (see
// link/credentials.h), so that certificates can be renewed in place.
//
//     const TlsFiles files{"tls.crt", "tls.key", "ca.crt"};
//     absl::Status status = CheckTlsFiles(files, absl::Now());
//     // NotFound: tls.key cannot be read: No such file or directory
//     // InvalidArgument: tls.key is not the key of the certificate in tls.crt
//
// Reads files; any thread.
#ifndef LINK_TLS_FILES_H_
#define LINK_TLS_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drumline {

// Larger files are refused unread: a chain of certificates has a few KiB.
inline constexpr size_t kMaxPemBytes = 1024 * 1024;

struct TlsFiles {
  // This end's certificate, and behind it what leads to the authority.
  std::string cert;
  std::string key;
  // Authorities of which the other end's certificate must come.
  std::string ca;
};

// Whether a link can be made of them: they can be read and are PEM, the key is that of the
// certificate, the certificate comes of the authority, and [now] lies within its time. The message
// names the file.
absl::Status CheckTlsFiles(const TlsFiles& files, absl::Time now);

// Which of --tls-cert, --tls-key and --tls-ca is missing while another one was given; OK if all are
// there or none.
absl::Status CheckComplete(const TlsFiles& files);

// Whether a certificate that bears [names] may speak for the agent [id]: one of them is the id, or
// is a wildcard (`*.agents.lab`) that stands for its first label. Case counts.
bool NamesAgent(const std::vector<std::string>& names, absl::string_view id);

}  // namespace drumline

#endif  // LINK_TLS_FILES_H_
