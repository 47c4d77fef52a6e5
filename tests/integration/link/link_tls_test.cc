// The link over mutual TLS, with real handshakes in this process: who may join, who may not, and
// what a renewed certificate changes. The other side of each check is gRPC's and OpenSSL's own.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/certs/certs_directory.h"
#include "controller/link/agent_link_service.h"
#include "link/credentials.h"
#include "link/protocol_version.h"

namespace drumline {
namespace {

TlsFiles FilesIn(const std::string& directory) {
  return {directory + "/tls.crt", directory + "/tls.key", directory + "/ca.crt"};
}

class LinkTlsTest : public testing::Test {
 protected:
  LinkTlsTest() : root_(testing::TempDir() + "/link_tls") {
    std::filesystem::remove_all(root_);
    for (const char* name : {"/ours", "/theirs"}) {
      EXPECT_TRUE(
          MakeCertsDirectory({root_ + name, {}, {"a", "b"}, absl::Now(), absl::Hours(24)}).ok());
    }
  }
  ~LinkTlsTest() override {
    service_.Shutdown();
    loop_.stop();
    turner_.join();
    std::filesystem::remove_all(root_);
  }

  void Listen(const TlsFiles& files) {
    const absl::StatusOr<int> port = service_.Listen("127.0.0.1:0", files);
    ASSERT_TRUE(port.ok()) << port.status();
    port_ = *port;
  }

  // Dials with a channel of its own, so that no handshake is saved, and joins as [id]. "joined",
  // the controller's refusal, or "no link".
  std::string Join(const std::optional<TlsFiles>& files, const std::string& id) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = proto::AgentLink::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", port_), ChannelCredentialsOf(files), arguments));
    grpc::ClientContext context;
    const auto stream = stub->Attach(&context);
    proto::FromAgent join;
    join.mutable_join()->set_agent_id(id);
    join.mutable_join()->set_protocol_version(kProtocolVersion);
    stream->Write(join);
    stream->WritesDone();
    proto::ToAgent answer;
    std::string outcome = "joined";
    while (stream->Read(&answer)) {
      if (answer.has_refused()) outcome = answer.refused().reason();
    }
    const grpc::Status status = stream->Finish();
    return status.ok() ? outcome : "no link";
  }

  const std::string root_;
  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop_.get_executor()};
  std::thread turner_{[this] { loop_.run(); }};
  AgentLinkService service_{&loop_,
                            {.joined = [](const proto::Join&) {},
                             .said = [](const std::string&, const proto::FromAgent&, int64_t) {},
                             .left = [](const std::string&) {}},
                            [] { return int64_t{0}; },
                            "here:results/echo"};
  int port_ = 0;
};

TEST_F(LinkTlsTest, OnlyTheAgentThatTheCertificateNamesMayJoin) {
  Listen(FilesIn(root_ + "/ours/controller"));
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/a"), "a"), "joined");
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/b"), "b"), "joined");
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/b"), "a"),
            "the certificate is for b, not for the agent a");
}

TEST_F(LinkTlsTest, StrangersGetNoLink) {
  Listen(FilesIn(root_ + "/ours/controller"));
  EXPECT_EQ(Join(std::nullopt, "a"), "no link") << "plain text";
  EXPECT_EQ(Join(FilesIn(root_ + "/theirs/agents/a"), "a"), "no link") << "both of another CA";
  TlsFiles files = FilesIn(root_ + "/theirs/agents/a");
  files.ca = root_ + "/ours/ca.crt";
  EXPECT_EQ(Join(files, "a"), "no link") << "the agent's certificate of another CA";
  files = FilesIn(root_ + "/ours/agents/a");
  files.ca = root_ + "/theirs/ca.crt";
  EXPECT_EQ(Join(files, "a"), "no link") << "the controller's certificate of another CA";
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/controller"), "localhost"), "no link")
      << "the controller's certificate is not an agent's";
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/a"), "a"), "joined") << "and still it listens";
}

TEST_F(LinkTlsTest, AnAgentsCertificateDoesNotMakeAController) {
  Listen(FilesIn(root_ + "/ours/agents/a"));
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/b"), "b"), "no link");
}

TEST_F(LinkTlsTest, RenewedFilesCountWithoutARestart) {
  const std::string live = root_ + "/live";
  std::filesystem::create_directory_symlink(root_ + "/ours/controller", live);
  Listen(FilesIn(live));
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/a"), "a"), "joined");
  EXPECT_EQ(Join(FilesIn(root_ + "/theirs/agents/a"), "a"), "no link");
  // As Kubernetes renews a secret: a symbolic link is renamed over the old one.
  std::filesystem::create_directory_symlink(root_ + "/theirs/controller", live + ".new");
  std::filesystem::rename(live + ".new", live);
  const absl::Time patience = absl::Now() + absl::Seconds(60);
  std::string outcome;
  do {
    outcome = Join(FilesIn(root_ + "/theirs/agents/a"), "a");
  } while (outcome != "joined" && absl::Now() < patience);
  EXPECT_EQ(outcome, "joined");
  EXPECT_EQ(Join(FilesIn(root_ + "/ours/agents/a"), "a"), "no link");
}

}  // namespace
}  // namespace drumline
