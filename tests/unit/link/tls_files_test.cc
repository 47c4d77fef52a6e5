#include "link/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/certs/certs_directory.h"

namespace drumline {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);
constexpr absl::Duration kYear = absl::Hours(24 * 365);

TlsFiles FilesIn(const std::string& directory) {
  return {directory + "/tls.crt", directory + "/tls.key", directory + "/ca.crt"};
}

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() : root_(testing::TempDir() + "/tls_files") {
    std::filesystem::remove_all(root_);
    for (const char* name : {"/one", "/two"}) {
      EXPECT_TRUE(MakeCertsDirectory({root_ + name, {}, {"a", "b"}, kNow, kYear}).ok());
    }
  }
  ~TlsFilesTest() override { std::filesystem::remove_all(root_); }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ + "/" + name) << text;
    return root_ + "/" + name;
  }
  std::string Fault(const TlsFiles& files, absl::Time when = kNow) const {
    return std::string(CheckTlsFiles(files, when).message());
  }

  const std::string root_;
};

TEST_F(TlsFilesTest, TakesWhatFitsTogether) {
  EXPECT_TRUE(CheckTlsFiles(FilesIn(root_ + "/one/controller"), kNow).ok());
  EXPECT_TRUE(CheckTlsFiles(FilesIn(root_ + "/one/agents/a"), kNow).ok());
}

TEST_F(TlsFilesTest, NamesTheFileThatIsWrong) {
  const TlsFiles good = FilesIn(root_ + "/one/agents/a");
  TlsFiles files = good;
  files.key = root_ + "/absent.key";
  EXPECT_THAT(Fault(files), AllOf(HasSubstr(files.key), HasSubstr("No such file")));
  files.key = FilesIn(root_ + "/one/agents/b").key;
  EXPECT_THAT(Fault(files), AllOf(HasSubstr(files.key), HasSubstr("not the key")));
  files = good;
  files.cert = Write("empty.crt", "");
  EXPECT_THAT(Fault(files), AllOf(HasSubstr(files.cert), HasSubstr("no certificate")));
  files = good;
  files.key = Write("cut.key", "-----BEGIN PRIVATE KEY-----\nMIGH\n");
  EXPECT_THAT(Fault(files), AllOf(HasSubstr(files.key), HasSubstr("no private key")));
  files = good;
  files.ca = FilesIn(root_ + "/two/agents/a").ca;
  EXPECT_THAT(Fault(files), AllOf(HasSubstr(files.cert), HasSubstr(files.ca)));
  files = good;
  files.ca = Write("huge.crt", std::string(kMaxPemBytes + 1, 'x'));
  EXPECT_THAT(Fault(files), AllOf(HasSubstr(files.ca), HasSubstr("larger")));
  files.ca = root_;
  EXPECT_THAT(Fault(files), HasSubstr(root_)) << "a directory";
}

TEST_F(TlsFilesTest, KnowsTheTime) {
  const TlsFiles files = FilesIn(root_ + "/one/agents/a");
  EXPECT_THAT(Fault(files, kNow + kYear + absl::Seconds(1)), HasSubstr("expired"));
  EXPECT_THAT(Fault(files, kNow - absl::Hours(1)), HasSubstr("not yet valid"));
}

TEST(CheckComplete, AllOrNone) {
  EXPECT_TRUE(CheckComplete({}).ok());
  EXPECT_TRUE(CheckComplete({"a", "b", "c"}).ok());
  EXPECT_THAT(std::string(CheckComplete({"a", "b", ""}).message()),
              testing::StartsWith("--tls-ca is missing"));
  EXPECT_THAT(std::string(CheckComplete({"", "b", ""}).message()),
              testing::StartsWith("--tls-cert and --tls-ca are missing"));
}

TEST(NamesAgent, TakesTheIdAndWildcardsForOneLabel) {
  struct Row {
    std::vector<std::string> names;
    const char* id;
    bool named;
  };
  const std::vector<Row> rows = {
      {{"gen-1"}, "gen-1", true},
      {{"gen-1"}, "gen-2", false},
      {{"gen-1"}, "gen-10", false},
      {{"gen-1"}, "GEN-1", false},
      {{"x", "gen-2"}, "gen-2", true},
      {{}, "gen-1", false},
      {{""}, "", false},
      {{"*.agents.lab"}, "gen-1.agents.lab", true},
      {{"*.agents.lab"}, "agents.lab", false},
      {{"*.agents.lab"}, ".agents.lab", false},
      {{"*.agents.lab"}, "a.gen-1.agents.lab", false},
      {{"*.agents.lab"}, "gen-1.agents.lab.evil", false},
      {{"*"}, "gen-1", false},
      {{"*gen"}, "agen", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(NamesAgent(row.names, row.id), row.named) << row.id;
  }
}

}  // namespace
}  // namespace drumline
