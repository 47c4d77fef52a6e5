// Credentials of the two ends of the link: mutual TLS, with certificates that are read again while
// the link lives.
//
//     builder.AddListeningPort(address, ServerCredentialsOf(files), &port);
//     grpc::CreateChannel(address, ChannelCredentialsOf(files));
//     PeerNames(*context->auth_context());           // whom the other end's certificate names
//
// Each end demands a certificate of the other that its own authority signed for that end's part
// (server, client). The dialling end holds the certificate's names against the host that it
// dialled. Files are looked at every kRefreshSeconds; a new certificate counts from the next
// handshake on, so that streams that are open stay open. Files that do not fit together are left
// aside until they do.
//
// Without files, the link is plain text: for loopback, and for those who insist.
#ifndef LINK_CREDENTIALS_H_
#define LINK_CREDENTIALS_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "link/tls_files.h"

namespace drumline {

inline constexpr unsigned int kRefreshSeconds = 2;
// Either end asks the other so often whether it is still there, and waits so long for the answer.
inline constexpr int kKeepaliveMs = 10'000;

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsOf(const std::optional<TlsFiles>& files);
std::shared_ptr<grpc::ChannelCredentials> ChannelCredentialsOf(
    const std::optional<TlsFiles>& files);

// The DNS names in the peer's certificate; empty without one.
std::vector<std::string> PeerNames(const grpc::AuthContext& context);

}  // namespace drumline

#endif  // LINK_CREDENTIALS_H_
