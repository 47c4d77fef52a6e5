#include "link/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drumline {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using CertPtr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;
using Certs = std::vector<CertPtr>;

// A stack that owns nothing of what lies on it.
void FreeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
using StackPtr = std::unique_ptr<STACK_OF(X509), Freer<FreeStack>>;

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxPemBytes + 1, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && !file.eof()) {
    return absl::NotFoundError(
        absl::StrCat(path, " cannot be read: ", std::strerror(errno != 0 ? errno : EIO)));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() <= kMaxPemBytes) return text;
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is larger than ", kMaxPemBytes / 1024, " KiB: is it the right file?"));
}

BioPtr BioOf(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

absl::StatusOr<Certs> ReadCerts(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadPem(path);
  if (!text.ok()) return text.status();
  const BioPtr bio = BioOf(*text);
  Certs certs;
  while (X509* cert = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certs.emplace_back(cert);
  }
  ERR_clear_error();
  if (!certs.empty()) return certs;
  return absl::InvalidArgumentError(absl::StrCat(path, " holds no certificate in PEM"));
}

absl::StatusOr<KeyPtr> ReadKey(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadPem(path);
  if (!text.ok()) return text.status();
  // A key with a password is refused: there is nobody to ask for it.
  const auto no_password = +[](char*, int, int, void*) { return 0; };
  KeyPtr key(PEM_read_bio_PrivateKey(BioOf(*text).get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  if (key != nullptr) return key;
  return absl::InvalidArgumentError(
      absl::StrCat(path, " holds no private key in PEM, or one with a password"));
}

// Whether the first of [chain] leads to one of [authorities] at [now].
absl::Status Verify(const Certs& chain, const Certs& authorities, const TlsFiles& files,
                    absl::Time now) {
  const StorePtr store(X509_STORE_new());
  for (const CertPtr& authority : authorities) X509_STORE_add_cert(store.get(), authority.get());
  const StackPtr between(sk_X509_new_null());
  for (const CertPtr& cert : chain) sk_X509_push(between.get(), cert.get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), between.get());
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  if (X509_verify_cert(context.get()) == 1) return absl::OkStatus();
  const char* reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
  ERR_clear_error();
  return absl::InvalidArgumentError(
      absl::StrCat("the certificate in ", files.cert, " is not good by ", files.ca, ": ", reason));
}

}  // namespace

absl::Status CheckTlsFiles(const TlsFiles& files, absl::Time now) {
  const absl::StatusOr<Certs> chain = ReadCerts(files.cert);
  if (!chain.ok()) return chain.status();
  const absl::StatusOr<KeyPtr> key = ReadKey(files.key);
  if (!key.ok()) return key.status();
  const absl::StatusOr<Certs> authorities = ReadCerts(files.ca);
  if (!authorities.ok()) return authorities.status();
  if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat(files.key, " is not the key of the certificate in ", files.cert));
  }
  return Verify(*chain, *authorities, files, now);
}

absl::Status CheckComplete(const TlsFiles& files) {
  if (files.cert.empty() && files.key.empty() && files.ca.empty()) return absl::OkStatus();
  std::string missing;
  const auto note = [&missing](const std::string& value, absl::string_view flag) {
    if (value.empty()) absl::StrAppend(&missing, missing.empty() ? "" : " and ", flag);
  };
  note(files.cert, "--tls-cert");
  note(files.key, "--tls-key");
  note(files.ca, "--tls-ca");
  if (missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      missing, absl::StrContains(missing, " and ") ? " are" : " is",
      " missing: --tls-cert, --tls-key and --tls-ca are given together, or none of them"));
}

bool NamesAgent(const std::vector<std::string>& names, absl::string_view id) {
  if (id.empty()) return false;
  return std::any_of(names.begin(), names.end(), [id](const std::string& name) {
    if (name == id) return true;
    if (!absl::StartsWith(name, "*.")) return false;
    const size_t dot = id.find('.');
    // The wildcard stands for one label and never for none.
    return dot != absl::string_view::npos && dot > 0 && id.substr(dot) == name.substr(1);
  });
}

}  // namespace drumline
