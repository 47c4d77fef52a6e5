// Certificates that the authority made, judged by OpenSSL's own verification: for which part, until
// when, and for whom they are good.
#include "controller/certs/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/certs/certs_directory.h"

namespace drumline {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);
constexpr absl::Duration kYear = absl::Hours(24 * 365);

struct FreeCert {
  void operator()(X509* cert) const { X509_free(cert); }
};
using CertPtr = std::unique_ptr<X509, FreeCert>;

CertPtr CertOf(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  CertPtr cert(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  return cert;
}

// OpenSSL's verdict on [cert] for a purpose at an instant: X509_V_OK or why not.
int Verdict(const std::string& cert_pem, const std::string& ca_pem, int purpose, absl::Time when) {
  const CertPtr cert = CertOf(cert_pem);
  const CertPtr ca = CertOf(ca_pem);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, ca.get());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, cert.get(), nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_STORE_CTX_set_time(context, 0, absl::ToTimeT(when));
  X509_verify_cert(context);
  const int verdict = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return verdict;
}

Issued IssueFor(const Authority& authority, const std::vector<std::string>& names,
                Authority::Part part) {
  absl::StatusOr<Issued> issued = authority.Issue({names, part, kNow, kYear});
  EXPECT_TRUE(issued.ok()) << issued.status();
  return *issued;
}

TEST(Authority, GivesEachPartACertificateForThatPartAlone) {
  const absl::StatusOr<Authority> authority = Authority::Create(kNow, kYear);
  ASSERT_TRUE(authority.ok()) << authority.status();
  const std::string& ca = authority->own().cert_pem;
  const Issued controller = IssueFor(*authority, {"controller"}, Authority::Part::kController);
  const Issued agent = IssueFor(*authority, {"gen-1"}, Authority::Part::kAgent);
  EXPECT_EQ(Verdict(controller.cert_pem, ca, X509_PURPOSE_SSL_SERVER, kNow), X509_V_OK);
  EXPECT_EQ(Verdict(agent.cert_pem, ca, X509_PURPOSE_SSL_CLIENT, kNow), X509_V_OK);
  EXPECT_EQ(Verdict(agent.cert_pem, ca, X509_PURPOSE_SSL_SERVER, kNow), X509_V_ERR_INVALID_PURPOSE);
  EXPECT_EQ(Verdict(controller.cert_pem, ca, X509_PURPOSE_SSL_CLIENT, kNow),
            X509_V_ERR_INVALID_PURPOSE);
}

TEST(Authority, KeepsToItsTimeAndToItself) {
  const absl::StatusOr<Authority> authority = Authority::Create(kNow, kYear);
  const absl::StatusOr<Authority> other = Authority::Create(kNow, kYear);
  ASSERT_TRUE(authority.ok() && other.ok());
  const Issued agent = IssueFor(*authority, {"gen-1"}, Authority::Part::kAgent);
  const std::string& ca = authority->own().cert_pem;
  const int purpose = X509_PURPOSE_SSL_CLIENT;
  EXPECT_EQ(Verdict(agent.cert_pem, ca, purpose, kNow - absl::Minutes(4)), X509_V_OK);
  EXPECT_EQ(Verdict(agent.cert_pem, ca, purpose, kNow - absl::Minutes(6)),
            X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(Verdict(agent.cert_pem, ca, purpose, kNow + kYear + absl::Seconds(1)),
            X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_NE(Verdict(agent.cert_pem, other->own().cert_pem, purpose, kNow), X509_V_OK);
}

TEST(Authority, NamesHostsAndAddresses) {
  const absl::StatusOr<Authority> authority = Authority::Create(kNow, kYear);
  ASSERT_TRUE(authority.ok());
  const Issued issued =
      IssueFor(*authority, {"controller.lab", "10.0.0.1", "fd00::1"}, Authority::Part::kController);
  const CertPtr cert = CertOf(issued.cert_pem);
  EXPECT_EQ(X509_check_host(cert.get(), "controller.lab", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(cert.get(), "other.lab", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(cert.get(), "10.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(cert.get(), "fd00::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(cert.get(), "10.0.0.2", 0), 0);
}

TEST(Authority, RefusesNamesThatCouldSayMore) {
  const absl::StatusOr<Authority> authority = Authority::Create(kNow, kYear);
  ASSERT_TRUE(authority.ok());
  for (const char* name : {"", "a,DNS:b", "a b", "a\nb", "*.lab", "dirName:x/y"}) {
    EXPECT_FALSE(authority->Issue({{name}, Authority::Part::kAgent, kNow, kYear}).ok()) << name;
  }
}

class CertsDirectoryTest : public testing::Test {
 protected:
  CertsDirectoryTest() : root_(testing::TempDir() + "/certs_directory") {
    std::filesystem::remove_all(root_);
  }
  ~CertsDirectoryTest() override { std::filesystem::remove_all(root_); }

  const std::string root_;
};

TEST_F(CertsDirectoryTest, KeepsKeysToTheirOwner) {
  ASSERT_TRUE(
      MakeCertsDirectory({root_ + "/pki", {"controller.lab"}, {"a", "b"}, kNow, kYear}).ok());
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_ + "/pki")) {
    struct stat status = {};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    const mode_t mode = status.st_mode & 07777;
    const bool key = entry.path().extension() == ".key";
    EXPECT_EQ(mode, entry.is_directory() ? 0700U : key ? 0600U : 0644U) << entry.path();
    if (!entry.is_directory()) {
      files.push_back(std::filesystem::relative(entry.path(), root_ + "/pki").string());
    }
  }
  EXPECT_THAT(files,
              UnorderedElementsAre("ca.crt", "ca.key", "controller/tls.crt", "controller/tls.key",
                                   "controller/ca.crt", "agents/a/tls.crt", "agents/a/tls.key",
                                   "agents/a/ca.crt", "agents/b/tls.crt", "agents/b/tls.key",
                                   "agents/b/ca.crt"));
}

TEST_F(CertsDirectoryTest, OverwritesNothing) {
  const CertsOrder order{root_, {}, {"a"}, kNow, kYear};
  std::filesystem::create_directories(root_);
  ASSERT_TRUE(MakeCertsDirectory(order).ok()) << "a directory that is empty is taken";
  const absl::Status again = MakeCertsDirectory(order);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(again.message()), HasSubstr(root_));
}

}  // namespace
}  // namespace drumline
