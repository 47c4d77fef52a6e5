#include "link/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

constexpr std::array<unsigned char, 9> kAlpn = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct X509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;
using Certificate = std::unique_ptr<X509, X509Deleter>;

Bio Reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::Status Refused(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat("tls: ", what, reason == nullptr ? "" : absl::StrCat(": ", reason)));
}

bool IsAddress(const std::string& name) {
  in_addr v4;
  in6_addr v6;
  return inet_pton(AF_INET, name.c_str(), &v4) == 1 || inet_pton(AF_INET6, name.c_str(), &v6) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsContext>> TlsContext::Create(const proto::TlsPlan& plan) {
  std::unique_ptr<TlsContext> context(new TlsContext());
  ERR_clear_error();
  if (absl::Status status = context->SetUp(plan); !status.ok()) return status;
  return context;
}

TlsContext::~TlsContext() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

absl::Status TlsContext::SetUp(const proto::TlsPlan& plan) {
  context_ = SSL_CTX_new(TLS_client_method());
  if (context_ == nullptr) return Refused("no context could be made");
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_alpn_protos(context_, kAlpn.data(), kAlpn.size());
  // Buffers of idle connections go back: a load generator holds many.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  server_name_ = plan.server_name();
  name_is_address_ = IsAddress(server_name_);
  verify_ = plan.verify();
  SSL_CTX_set_verify(context_, verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  // Sessions are kept here, one of them, and not by OpenSSL.
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  resumption_ = plan.resumption();
  if (!resumption_) SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  absl::Status status = Trust(plan.authorities());
  status.Update(Identify(plan));
  return status;
}

absl::Status TlsContext::Trust(const std::string& authorities) {
  if (authorities.empty()) {
    // An agent without any can still send without verifying.
    SSL_CTX_set_default_verify_paths(context_);
    return absl::OkStatus();
  }
  const Bio reading = Reading(authorities);
  X509_STORE* const store = SSL_CTX_get_cert_store(context_);
  int found = 0;
  for (;; ++found) {
    const Certificate certificate(PEM_read_bio_X509(reading.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) break;
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return Refused("an authority");
  }
  // The end of the text is the only error that may end the loop.
  const unsigned long last = ERR_peek_last_error();
  if (found == 0 || ERR_GET_REASON(last) != PEM_R_NO_START_LINE) {
    return Refused("the authorities are not certificates in PEM");
  }
  ERR_clear_error();
  return absl::OkStatus();
}

absl::Status TlsContext::Identify(const proto::TlsPlan& plan) {
  if (plan.certificate().empty()) return absl::OkStatus();
  const Bio reading = Reading(plan.certificate());
  const Certificate own(PEM_read_bio_X509_AUX(reading.get(), nullptr, nullptr, nullptr));
  if (own == nullptr || SSL_CTX_use_certificate(context_, own.get()) != 1) {
    return Refused("the client's certificate is not one in PEM");
  }
  for (;;) {
    X509* const issuer = PEM_read_bio_X509(reading.get(), nullptr, nullptr, nullptr);
    if (issuer == nullptr) break;
    // The context takes it over.
    if (SSL_CTX_add0_chain_cert(context_, issuer) != 1) return Refused("the client's chain");
  }
  ERR_clear_error();
  const Bio key_text = Reading(plan.private_key());
  const std::unique_ptr<EVP_PKEY, KeyDeleter> key(
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || SSL_CTX_use_PrivateKey(context_, key.get()) != 1 ||
      SSL_CTX_check_private_key(context_) != 1) {
    return Refused("the client's key is none in PEM, or not that of its certificate");
  }
  return absl::OkStatus();
}

void TlsContext::KeepSession(SSL* ssl) {
  if (!resumption_) return;
  SSL_SESSION* const session = SSL_get1_session(ssl);
  if (session == nullptr || SSL_SESSION_is_resumable(session) != 1) {
    SSL_SESSION_free(session);
    return;
  }
  SSL_SESSION_free(session_);
  session_ = session;
}

SSL* TlsContext::NewConnection() {
  SSL* const ssl = SSL_new(context_);
  if (ssl == nullptr) return nullptr;
  Address(ssl);
  if (session_ != nullptr) SSL_set_session(ssl, session_);
  return ssl;
}

SSL_CTX* TlsContext::Share() {
  SSL_CTX_up_ref(context_);
  return context_;
}

void TlsContext::Address(SSL* ssl) const {
  if (name_is_address_) {
    if (verify_) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name_.c_str());
    return;
  }
  SSL_set_tlsext_host_name(ssl, server_name_.c_str());
  if (verify_) SSL_set1_host(ssl, server_name_.c_str());
}

std::string TlsContext::Distrust(SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_OK || (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER) == 0) return "";
  return absl::StrCat("its certificate: ", X509_verify_cert_error_string(verified));
}

}  // namespace drumline
