#include "controller/certs/authority.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <ctime>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drumline {
namespace {

constexpr absl::Duration kClocksDisagree = absl::Minutes(5);
// Of the serial number; 20 bytes are the most that a certificate may have.
constexpr int kSerialBits = 159;
constexpr size_t kLongestName = 64;

absl::Status OpensslError(absl::string_view what) {
  std::array<char, 256> words = {};
  ERR_error_string_n(ERR_get_error(), words.data(), words.size());
  ERR_clear_error();
  return absl::InternalError(absl::StrCat("cannot make ", what, ": ", words.data()));
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// What [write] writes.
template <typename Write>
std::string Pem(const Write& write) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || write(bio.get()) != 1) return "";
  std::string text(BIO_pending(bio.get()), '\0');
  const int read = BIO_read(bio.get(), text.data(), static_cast<int>(text.size()));
  return read == static_cast<int>(text.size()) ? text : "";
}

absl::StatusOr<Issued> PemOf(X509* cert, EVP_PKEY* key) {
  Issued issued;
  issued.cert_pem = Pem([cert](BIO* bio) { return PEM_write_bio_X509(bio, cert); });
  issued.key_pem = Pem([key](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  if (issued.cert_pem.empty() || issued.key_pem.empty()) return OpensslError("PEM");
  return issued;
}

bool AddExtension(X509* cert, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(cert, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool SetSerial(X509* cert) {
  BIGNUM* number = BN_new();
  const bool set = number != nullptr &&
                   BN_rand(number, kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != nullptr;
  BN_free(number);
  return set;
}

std::string AlternativeNames(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    boost::system::error_code error;
    boost::asio::ip::make_address(name, error);
    absl::StrAppend(&text, text.empty() ? "" : ",", error ? "DNS:" : "IP:", name);
  }
  return text;
}

}  // namespace

bool IsSoundName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_' || c == ':';
         });
}

Authority::KeyPtr Authority::MakeKey() { return KeyPtr(EVP_EC_gen("P-256")); }

Authority::CertPtr Authority::MakeCert(const std::string& subject, EVP_PKEY* key, absl::Time from,
                                       absl::Duration length) {
  CertPtr cert(X509_new());
  if (cert == nullptr || key == nullptr) return nullptr;
  const time_t begin = absl::ToTimeT(from - kClocksDisagree);
  const time_t end = absl::ToTimeT(from + length);
  X509_NAME* name = X509_get_subject_name(cert.get());
  const auto* text = reinterpret_cast<const unsigned char*>(subject.data());
  const bool good = X509_set_version(cert.get(), X509_VERSION_3) == 1 && SetSerial(cert.get()) &&
                    ASN1_TIME_set(X509_getm_notBefore(cert.get()), begin) != nullptr &&
                    ASN1_TIME_set(X509_getm_notAfter(cert.get()), end) != nullptr &&
                    X509_set_pubkey(cert.get(), key) == 1 &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text,
                                               static_cast<int>(subject.size()), -1, 0) == 1;
  return good ? std::move(cert) : nullptr;
}

absl::StatusOr<Authority> Authority::Create(absl::Time from, absl::Duration length) {
  KeyPtr key = MakeKey();
  CertPtr cert = MakeCert("Drumline authority", key.get(), from, length);
  if (cert == nullptr) return OpensslError("the authority");
  X509* self = cert.get();
  const bool good = X509_set_issuer_name(self, X509_get_subject_name(self)) == 1 &&
                    AddExtension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    AddExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    AddExtension(self, self, NID_subject_key_identifier, "hash") &&
                    X509_sign(self, key.get(), EVP_sha256()) > 0;
  if (!good) return OpensslError("the authority's certificate");
  absl::StatusOr<Issued> own = PemOf(self, key.get());
  if (!own.ok()) return own.status();
  return Authority(std::move(key), std::move(cert), *std::move(own));
}

absl::StatusOr<Issued> Authority::Issue(const Terms& terms) const {
  if (terms.names.empty() || !std::all_of(terms.names.begin(), terms.names.end(), IsSoundName)) {
    return absl::InternalError("a certificate needs sound names");
  }
  const KeyPtr key = MakeKey();
  const CertPtr cert = MakeCert(terms.names.front(), key.get(), terms.from, terms.length);
  if (cert == nullptr) return OpensslError("a certificate");
  X509* self = cert.get();
  X509* issuer = cert_.get();
  const char* usage = terms.part == Part::kController ? "serverAuth" : "clientAuth";
  const bool good =
      X509_set_issuer_name(self, X509_get_subject_name(issuer)) == 1 &&
      AddExtension(self, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(self, issuer, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(self, issuer, NID_ext_key_usage, usage) &&
      AddExtension(self, issuer, NID_subject_key_identifier, "hash") &&
      AddExtension(self, issuer, NID_authority_key_identifier, "keyid:always") &&
      AddExtension(self, issuer, NID_subject_alt_name, AlternativeNames(terms.names)) &&
      X509_sign(self, key_.get(), EVP_sha256()) > 0;
  if (!good) return OpensslError(absl::StrCat("a certificate for ", terms.names.front()));
  return PemOf(self, key.get());
}

}  // namespace drumline
