// TlsContext: what all TLS connections of one client to a target share: authorities, the client's
// certificate, the name that is asked for, and the newest session to resume. The agent's workers
// send through it, and the controller reads a target's metrics.
//
//     absl::StatusOr<std::unique_ptr<TlsContext>> context = TlsContext::Create(slice.tls());
//     TlsSession session(context->get());          // one for each connection
//
// TLS 1.2 and 1.3 with OpenSSL's own choice of ciphers, ALPN http/1.1. With `verify` a certificate
// must be vouched for and bear the server's name, or the address if the name is one; without, any
// is taken. With `resumption` a new connection offers the session of the one that ended last;
// without, each shakes hands in full.
//
// InvalidArgument, in words, where a PEM text or the key is no good. Belongs to one thread: it
// is made by anybody, then used by that thread alone, and outlives its connections.
#ifndef LINK_TLS_CONTEXT_H_
#define LINK_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "proto/plan.pb.h"

namespace drumline {

class TlsContext {
 public:
  static absl::StatusOr<std::unique_ptr<TlsContext>> Create(const proto::TlsPlan& plan);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // A connection that is about to shake hands, for the caller to free. Null if memory is short.
  SSL* NewConnection();
  // For connections that another library makes: one more reference to OpenSSL's own context, for
  // the caller to free, and then for each connection whom it asks for and how it verifies.
  SSL_CTX* Share();
  void Address(SSL* ssl) const;
  // "its certificate: self-signed certificate" where that is why a handshake failed; else empty.
  static std::string Distrust(SSL* ssl);
  // Of a connection that ends in good order: what the next ones may resume, if the target gave it.
  void KeepSession(SSL* ssl);

 private:
  TlsContext() = default;

  absl::Status SetUp(const proto::TlsPlan& plan);
  absl::Status Trust(const std::string& authorities);
  absl::Status Identify(const proto::TlsPlan& plan);

  SSL_CTX* context_ = nullptr;
  // The newest that the target gave; null before, and without resumption.
  SSL_SESSION* session_ = nullptr;
  std::string server_name_;
  bool name_is_address_ = false;
  bool verify_ = true;
  bool resumption_ = true;
};

}  // namespace drumline

#endif  // LINK_TLS_CONTEXT_H_
