// The service against real clients in this process. Clients block, the service's events wait for
// the loop, and the loop is turned by the test's thread: nothing here depends on time.
#include "controller/link/agent_link_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "link/protocol_version.h"

namespace drumline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// An agent's end of a stream.
class Client {
 public:
  explicit Client(int port)
      : stub_(proto::AgentLink::NewStub(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                                            grpc::InsecureChannelCredentials()))),
        stream_(stub_->Attach(&context_)) {}
  ~Client() {
    context_.TryCancel();
    if (!over_) stream_->Finish();
  }

  static proto::FromAgent JoinOf(const std::string& id, uint64_t incarnation = 1) {
    proto::FromAgent message;
    message.mutable_join()->set_agent_id(id);
    message.mutable_join()->set_protocol_version(kProtocolVersion);
    message.mutable_join()->set_host("here");
    message.mutable_join()->set_incarnation(incarnation);
    return message;
  }
  static proto::FromAgent PongOf(uint64_t sequence) {
    proto::FromAgent message;
    message.mutable_pong()->set_sequence(sequence);
    return message;
  }

  Client& Say(const proto::FromAgent& message) {
    stream_->Write(message);
    return *this;
  }
  // Nothing if the service has ended the stream. What it calls itself is not told again.
  std::optional<proto::ToAgent> Hear() {
    proto::ToAgent message;
    do {
      if (!stream_->Read(&message)) return std::nullopt;
      if (message.has_welcome()) controller_ = message.welcome().controller_id();
    } while (message.has_welcome());
    return message;
  }
  const std::string& controller() const { return controller_; }
  // Why the stream was refused; the stream must end behind it.
  std::string Refusal() {
    const std::optional<proto::ToAgent> message = Hear();
    if (!message || !message->has_refused()) return "not refused";
    if (Hear()) return "goes on after the refusal";
    return message->refused().reason();
  }
  void Leave() { stream_->WritesDone(); }
  grpc::Status End() {
    over_ = true;
    return stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<proto::AgentLink::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<proto::FromAgent, proto::ToAgent>> stream_;
  bool over_ = false;
  std::string controller_;
};

class AgentLinkServiceTest : public testing::Test {
 protected:
  AgentLinkServiceTest()
      : work_(loop_.get_executor()),
        service_(
            &loop_,
            {.joined = [this](const proto::Join& join) { Note("joined", join.agent_id()); },
             .said =
                 [this](const std::string& id, const proto::FromAgent& message, int64_t at_ns) {
                   Note(absl::StrCat("said ", message.pong().sequence()), id);
                   received_ns_.push_back(at_ns);
                 },
             .left = [this](const std::string& id) { Note("left", id); },
             .refused = {},
             .declined = [this](const std::string&, const std::string& why) { Note(why, "-"); },
             .expelled = [this](const std::string& id, const std::string& why) { Note(why, id); }},
            [this] { return ++clock_ns_; }, "here:results/echo"),
        port_(service_.Listen("127.0.0.1:0").value()) {}

  void Note(const std::string& what, const std::string& id) {
    events_.push_back(absl::StrCat(id, " ", what));
  }
  // Turns the loop until so many events were seen in all. A test that waits for what never comes
  // fails by this limit, and no test depends on it otherwise.
  void AwaitEvents(size_t count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (events_.size() < count && std::chrono::steady_clock::now() < limit) {
      loop_.run_one_until(limit);
    }
    ASSERT_GE(events_.size(), count) << testing::PrintToString(events_);
  }
  std::unique_ptr<Client> Joined(const std::string& id, uint64_t incarnation = 1) {
    auto client = std::make_unique<Client>(port_);
    const size_t before = events_.size();
    client->Say(Client::JoinOf(id, incarnation));
    AwaitEvents(before + 1);
    return client;
  }
  static proto::ToAgent PingOf(uint64_t sequence) {
    proto::ToAgent message;
    message.mutable_ping()->set_sequence(sequence);
    return message;
  }
  // One that fills the windows of a connection quickly.
  static proto::ToAgent LargeMessage() {
    proto::ToAgent message;
    message.mutable_refused()->set_reason(std::string(256 * 1024, 'x'));
    return message;
  }

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::atomic<int64_t> clock_ns_ = 0;
  std::vector<std::string> events_;
  std::vector<int64_t> received_ns_;
  AgentLinkService service_;
  const int port_;
};

TEST_F(AgentLinkServiceTest, AnAgentComesSpeaksAndLeaves) {
  const auto client = Joined("a");
  for (uint64_t i = 1; i <= 300; ++i) client->Say(Client::PongOf(i));
  client->Leave();
  AwaitEvents(302);
  EXPECT_EQ(events_.front(), "a joined");
  EXPECT_EQ(events_.back(), "a left");
  for (uint64_t i = 1; i <= 300; ++i) EXPECT_EQ(events_[i], absl::StrCat("a said ", i));
  EXPECT_TRUE(std::is_sorted(received_ns_.begin(), received_ns_.end()));
  EXPECT_FALSE(client->Hear());
  EXPECT_TRUE(client->End().ok());
}

TEST_F(AgentLinkServiceTest, EachAgentHearsWhatIsSaidToIt) {
  const auto a = Joined("a");
  const auto b = Joined("b");
  for (uint64_t i = 1; i <= 100; ++i) {
    service_.Send("a", PingOf(i));
    service_.Send("b", PingOf(1000 + i));
    service_.Send("nobody", PingOf(i));
  }
  for (uint64_t i = 1; i <= 100; ++i) {
    EXPECT_EQ(a->Hear()->ping().sequence(), i);
    EXPECT_EQ(b->Hear()->ping().sequence(), 1000 + i);
  }
}

TEST_F(AgentLinkServiceTest, AnIdThatIsTakenIsRefusedAndItsOwnerUnharmed) {
  const auto owner = Joined("a", 1);
  Client other(port_);
  EXPECT_EQ(other.Say(Client::JoinOf("a", 2)).Refusal(), "the id a is taken");
  service_.Send("a", PingOf(7));
  EXPECT_EQ(owner->Hear()->ping().sequence(), 7U);
  owner->Leave();
  AwaitEvents(2);
  EXPECT_THAT(events_, ElementsAre("a joined", "a left"));
  Joined("a", 2);
  EXPECT_EQ(events_.back(), "a joined") << "the id is free again";
}

TEST_F(AgentLinkServiceTest, TheSameProgramReplacesItsOwnStreamWithoutHavingLeft) {
  const auto first = Joined("a", 1);
  const auto second = Joined("a", 1);
  EXPECT_FALSE(first->Hear()) << "the old stream is ended";
  service_.Send("a", PingOf(7));
  EXPECT_EQ(second->Hear()->ping().sequence(), 7U);
  second->Say(Client::PongOf(8));
  second->Leave();
  AwaitEvents(4);
  EXPECT_THAT(events_, ElementsAre("a joined", "a joined", "a said 8", "a left"));
}

// The old stream of an agent that went silent used to be waited for until all that was queued for
// it was written.
TEST_F(AgentLinkServiceTest, AReplacedStreamThatNobodyReadsIsNotWaitedFor) {
  const auto first = Joined("a", 1);
  for (int i = 0; i < 100; ++i) service_.Send("a", LargeMessage());
  const auto second = Joined("a", 1);
  service_.Send("a", PingOf(7));
  EXPECT_EQ(second->Hear()->ping().sequence(), 7U);
  while (first->Hear()) {
  }
  EXPECT_EQ(first->End().error_code(), grpc::StatusCode::CANCELLED);
}

// gRPC would end the stream without a word to either side's program.
TEST_F(AgentLinkServiceTest, AMessageThatIsTooLongIsNamed) {
  const auto client = Joined("a");
  proto::FromAgent message;
  message.mutable_refused()->set_reason(std::string(AgentLinkService::kMaxMessageBytes, 'x'));
  const std::string words = absl::StrCat("it sent a message of ", message.ByteSizeLong(),
                                         " bytes; at most ", AgentLinkService::kMaxMessageBytes);
  EXPECT_EQ(client->Say(message).Refusal(), words);
  AwaitEvents(3);
  EXPECT_THAT(events_, ElementsAre("a joined", "a " + words, "a left"));
}

TEST_F(AgentLinkServiceTest, WhoDoesNotJoinProperlyIsToldWhy) {
  proto::FromAgent version = Client::JoinOf("a");
  version.mutable_join()->set_protocol_version(kProtocolVersion + 1);
  EXPECT_EQ(Client(port_).Say(version).Refusal(),
            absl::StrCat("the agent speaks version ", kProtocolVersion + 1,
                         " of the protocol, the controller "
                         "version ",
                         kProtocolVersion));
  EXPECT_EQ(Client(port_).Say(Client::PongOf(1)).Refusal(), "the first word is Join");
  EXPECT_EQ(Client(port_).Say({}).Refusal(), "the first word is Join");
  EXPECT_EQ(Client(port_).Say(Client::JoinOf("")).Refusal(),
            "an agent's id has 1 to 128 characters");
  EXPECT_EQ(Client(port_).Say(Client::JoinOf(std::string(129, 'a'))).Refusal(),
            "an agent's id has 1 to 128 characters");
  Client(port_).Leave();
  // All that was posted was posted before this one came.
  Joined("last");
  EXPECT_THAT(events_, ElementsAre("last joined"));
}

TEST_F(AgentLinkServiceTest, AnAgentMayDecline) {
  Client client(port_);
  proto::FromAgent refused;
  refused.mutable_refused()->set_reason("it has another controller");
  client.Say(refused);
  EXPECT_FALSE(client.Hear()) << "the stream is ended";
  EXPECT_EQ(client.controller(), "here:results/echo");
  AwaitEvents(1);
  EXPECT_THAT(events_, ElementsAre("- it has another controller"));
}

TEST_F(AgentLinkServiceTest, JoinIsSaidOnce) {
  const auto client = Joined("a");
  client->Say(Client::PongOf(1)).Say(Client::JoinOf("b")).Say(Client::PongOf(2));
  EXPECT_EQ(client->Refusal(), "it said Join a second time");
  AwaitEvents(4);
  EXPECT_THAT(events_,
              ElementsAre("a joined", "a said 1", "a it said Join a second time", "a left"));
}

TEST_F(AgentLinkServiceTest, AStreamThatBreaksHasLeft) {
  { const auto client = Joined("a"); }
  AwaitEvents(2);
  EXPECT_THAT(events_, ElementsAre("a joined", "a left"));
  service_.Send("a", PingOf(1));
}

// It used to be told to close behind what it did not read, and so stayed for ever.
TEST_F(AgentLinkServiceTest, AnAgentThatLetsTooMuchPileUpIsCutOff) {
  const auto client = Joined("a");
  // Far more than the windows of a connection take, so that they pile up in the queue.
  for (size_t i = 0; i < AgentLinkService::kMaxQueued; ++i) service_.Send("a", LargeMessage());
  for (size_t i = 0; i < AgentLinkService::kMaxQueued; ++i) service_.Send("a", PingOf(i));
  AwaitEvents(2);
  EXPECT_THAT(events_, ElementsAre("a joined", "a left"));
}

TEST_F(AgentLinkServiceTest, ShutdownWritesWhatIsQueued) {
  const auto client = Joined("a");
  for (uint64_t i = 1; i <= 500; ++i) service_.Send("a", PingOf(i));
  std::vector<uint64_t> heard;
  std::thread reader([&] {
    while (const std::optional<proto::ToAgent> message = client->Hear()) {
      heard.push_back(message->ping().sequence());
    }
  });
  service_.Shutdown();
  reader.join();
  EXPECT_EQ(heard.size(), 500U);
  EXPECT_TRUE(std::is_sorted(heard.begin(), heard.end()));
  const grpc::Status end = client->End();
  EXPECT_TRUE(end.ok()) << end.error_code() << ": " << end.error_message();
}

TEST_F(AgentLinkServiceTest, ShutdownDoesNotWaitForOneWhoDoesNotRead) {
  const auto client = Joined("a");
  for (int i = 0; i < 100; ++i) service_.Send("a", LargeMessage());
  service_.Shutdown();
  while (client->Hear()) {
  }
  EXPECT_FALSE(client->End().ok());
  service_.Shutdown();  // again: nothing
}

TEST_F(AgentLinkServiceTest, APortThatIsTakenIsNamed) {
  AgentLinkService second(
      &loop_, {}, [] { return 0; }, "");
  const std::string address = absl::StrCat("127.0.0.1:", port_);
  const absl::StatusOr<int> port = second.Listen(address);
  EXPECT_EQ(port.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(port.status().message()), HasSubstr("cannot listen on " + address));
  EXPECT_THAT(events_, IsEmpty());
}

}  // namespace
}  // namespace drumline
