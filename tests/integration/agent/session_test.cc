// The agent's session against a controller that the test plays over gRPC, with load on a real
// socket.
#include "agent/session.h"

#include <boost/asio/post.hpp>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "agent/clock.h"
#include "core/book_codec.h"
#include "core/plan.h"
#include "gtest/gtest.h"
#include "link/protocol_version.h"
#include "tests/integration/agent/fake_controller.h"
#include "tests/integration/agent/scripted_server.h"

namespace drumline {
namespace {

using Act = ScriptedServer::Act;
using From = proto::FromAgent;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;
constexpr int64_t kWelcomeWithin = kSecond;
constexpr char kRun[] = "001-test-r1";

class SessionTest : public testing::Test {
 protected:
  SessionTest()
      : server_([](uint64_t) { return Act::kAnswer; }),
        session_({.controller = {controller_.address()},
                  .limits = {},
                  .welcome_within_ns = kWelcomeWithin},
                 Self(), &loop_),
        thread_([this] {
          session_.Start();
          loop_.run();
        }) {}

  ~SessionTest() override { Shutdown(); }

  void Shutdown() {
    if (!thread_.joinable()) return;
    boost::asio::post(loop_, [this] { session_.Shutdown(); });
    thread_.join();
  }

  static proto::Join Self() {
    proto::Join self;
    self.set_agent_id("gen-1");
    return self;
  }

  // 500 requests a second.
  proto::Slice SliceOfLength(int64_t measure_ns) const {
    proto::RunPlan run;
    run.set_run_id(kRun);
    proto::LoadPlan& load = *run.mutable_load();
    load.set_connections(4);
    load.set_measure_ns(measure_ns);
    load.set_drain_ns(5 * kSecond);
    proto::RateSegment& segment = *load.add_segments();
    segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(500).micro_per_hour());
    *segment.mutable_to() = segment.from();
    segment.set_length_ns(measure_ns);
    load.set_beats(ProfileOf(load)->beats());
    run.mutable_request()->set_method("GET");
    run.mutable_request()->set_expect_status(200);
    run.mutable_request()->set_timeout_ns(5 * kSecond);
    proto::Slice slice = SliceOf(run, {.agent = 0, .agents = 1, .workers = 2});
    slice.set_host("127.0.0.1");
    slice.set_port(server_.port());
    slice.set_authority("target.test");
    return slice;
  }

  static void Arm(FakeController::Stream* stream, const proto::Slice& slice) {
    proto::ToAgent message;
    *message.mutable_arm()->mutable_slice() = slice;
    stream->Send(message);
  }
  static void Start(FakeController::Stream* stream, int64_t start_ns) {
    proto::ToAgent message;
    message.mutable_start()->set_run_id(kRun);
    message.mutable_start()->set_start_agent_ns(start_ns);
    stream->Send(message);
  }
  static void Lease(FakeController::Stream* stream, int64_t valid_ns) {
    proto::ToAgent message;
    message.mutable_lease()->set_run_id(kRun);
    message.mutable_lease()->set_valid_ns(valid_ns);
    stream->Send(message);
  }
  static void Acknowledge(FakeController::Stream* stream, uint64_t number) {
    proto::ToAgent message;
    message.mutable_ack()->set_run_id(kRun);
    message.mutable_ack()->set_number(number);
    stream->Send(message);
  }
  // Arms and starts a run with a lease.
  void Launch(FakeController::Stream* stream, int64_t measure_ns, int64_t lease_ns) {
    Arm(stream, SliceOfLength(measure_ns));
    const From armed = stream->Next(From::kArmed);
    EXPECT_EQ(armed.armed().run_id(), kRun);
    EXPECT_EQ(armed.armed().connections_open(), 4u);
    Lease(stream, lease_ns);
    Start(stream, MonotonicNowNs() + 20 * kMs);
  }

  // Reads on until the agent has finished. Keeps the intervals by number; one that comes again must
  // be the same.
  proto::Finished Collect(FakeController::Stream* stream, bool acknowledge) {
    for (;;) {
      const From message = stream->Next();
      if (message.has_finished()) return message.finished();
      if (message.message_case() == From::MESSAGE_NOT_SET) return {};
      if (!message.has_interval()) continue;
      Keep(message.interval());
      if (acknowledge) Acknowledge(stream, message.interval().number());
    }
  }
  void Keep(const proto::Interval& interval) {
    EXPECT_EQ(interval.run_id(), kRun);
    EXPECT_EQ(interval.agent_id(), "gen-1");
    const auto [kept, is_new] = intervals_.emplace(interval.number(), interval);
    if (is_new) return;
    EXPECT_EQ(kept->second.SerializeAsString(), interval.SerializeAsString());
  }

  // All that was measured, in order and without gaps.
  Book Whole() const {
    Book whole;
    uint64_t number = 0;
    for (const auto& [key, interval] : intervals_) {
      EXPECT_EQ(key, ++number);
      EXPECT_EQ(interval.last(), number == intervals_.size());
      const auto book = BookCodec::Decode(interval.measure());
      EXPECT_TRUE(book.ok()) << book.status();
      if (!book.ok()) continue;
      EXPECT_TRUE(whole.Append(*book).ok());
    }
    EXPECT_TRUE(whole.ledger().CheckClosed().ok()) << whole.ledger().CheckClosed();
    return whole;
  }

  ScriptedServer server_;
  FakeController controller_;
  std::map<uint64_t, proto::Interval> intervals_;
  boost::asio::io_context loop_;
  Session session_;
  std::thread thread_;
};

TEST_F(SessionTest, JoinsAnswersPingsRunsAndReports) {
  FakeController::Stream* stream = controller_.Accept();
  const From join = stream->Next();
  ASSERT_TRUE(join.has_join());
  EXPECT_EQ(join.join().agent_id(), "gen-1");
  EXPECT_EQ(join.join().protocol_version(), kProtocolVersion);
  EXPECT_EQ(join.join().run_id(), "");
  for (uint64_t sequence = 1; sequence <= 20; ++sequence) {
    const int64_t before_ns = MonotonicNowNs();
    proto::ToAgent ping;
    ping.mutable_ping()->set_sequence(sequence);
    stream->Send(ping);
    const From pong = stream->Next(From::kPong);
    EXPECT_EQ(pong.pong().sequence(), sequence);
    EXPECT_GE(pong.pong().agent_now_ns(), before_ns);
    EXPECT_LE(pong.pong().agent_now_ns(), MonotonicNowNs());
  }
  Launch(stream, 1'200 * kMs, 60 * kSecond);
  const proto::Finished finished = Collect(stream, /*acknowledge=*/true);
  EXPECT_EQ(finished.run_id(), kRun);
  EXPECT_EQ(finished.cut_short(), "");
  EXPECT_EQ(finished.intervals(), intervals_.size());
  EXPECT_GT(finished.started_agent_ns(), 0);
  Shutdown();
  server_.Stop();
  const Book whole = Whole();
  EXPECT_EQ(whole.ledger().scheduled(), 600u);
  EXPECT_EQ(whole.ledger().Count(Outcome::kOk), 600u);
  EXPECT_EQ(server_.served(), 600u);
}

TEST_F(SessionTest, TellsHowFarAwayTargetsAre) {
  FakeController::Stream* stream = controller_.Accept();
  ASSERT_TRUE(stream->Next().has_join());
  proto::ToAgent message;
  proto::ProbeTarget& target = *message.mutable_probe()->add_targets();
  target.set_name("near");
  target.set_host("127.0.0.1");
  target.set_port(server_.port());
  stream->Send(message);
  const proto::Probed probed = stream->Next(From::kProbed).probed();
  ASSERT_EQ(probed.round_trips_size(), 1);
  EXPECT_EQ(probed.round_trips(0).target(), "near");
  EXPECT_GT(probed.round_trips(0).fastest_ns(), 0);
}

TEST_F(SessionTest, AControllerThatDoesNotSayWhoItIsIsLeftAndDialledAgain) {
  controller_.CallItself("");
  FakeController::Stream* stream = controller_.Accept();
  // The first stream may have been welcomed before.
  if (stream->Next().has_join()) {
    stream->Cut();
    stream = controller_.Accept();
    EXPECT_EQ(stream->Next().message_case(), From::MESSAGE_NOT_SET);
  }
  testing::internal::CaptureStderr();
  EXPECT_EQ(controller_.Accept()->Next().message_case(), From::MESSAGE_NOT_SET) << "it hangs up";
  controller_.CallItself("here:one");
  for (From join; !join.has_join();) join = controller_.Accept()->Next();
  // One that has is kept.
  SleepUntil(MonotonicNowNs() + 2 * kWelcomeWithin);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.find("has not said who it is"), std::string::npos) << "once is enough: " << said;
  EXPECT_NE(said.find("joins the controller here:one"), std::string::npos) << said;
  EXPECT_EQ(said.find("dialling again", said.find("joins")), std::string::npos) << said;
}

TEST_F(SessionTest, WithoutALeaseTheLoadStops) {
  FakeController::Stream* stream = controller_.Accept();
  Launch(stream, 3'600 * kSecond, 300 * kMs);
  const proto::Finished finished = Collect(stream, /*acknowledge=*/true);
  EXPECT_NE(finished.cut_short().find("lease"), std::string::npos) << finished.cut_short();
  const Book whole = Whole();
  EXPECT_GT(whole.ledger().sent(), 0u);
  // All that the target will ever see was sent before the agent said that it had finished.
  Shutdown();
  server_.Stop();
  EXPECT_LE(server_.served(), whole.ledger().sent());
}

TEST_F(SessionTest, AStreamThatBreaksLosesNothingAndStopsNothing) {
  FakeController::Stream* stream = controller_.Accept();
  Launch(stream, 3'200 * kMs, 60 * kSecond);
  Keep(stream->Next(From::kInterval).interval());
  Acknowledge(stream, 1);
  Keep(stream->Next(From::kInterval).interval());
  // The second one is not acknowledged.
  stream->Cut();
  stream = controller_.Accept();
  const From join = stream->Next();
  ASSERT_TRUE(join.has_join()) << "the first message of every stream";
  EXPECT_EQ(join.join().run_id(), kRun);
  const From again = stream->Next();
  ASSERT_TRUE(again.has_interval());
  EXPECT_EQ(again.interval().number(), 2u);
  Keep(again.interval());
  const proto::Finished finished = Collect(stream, /*acknowledge=*/false);
  EXPECT_EQ(finished.cut_short(), "");
  // Nothing of it was acknowledged on this stream: all of it comes again on the next.
  stream->Cut();
  stream = controller_.Accept();
  EXPECT_TRUE(stream->Next().has_join());
  EXPECT_EQ(stream->Next(From::kInterval).interval().number(), 2u);
  EXPECT_EQ(Collect(stream, /*acknowledge=*/true).intervals(), finished.intervals());
  Shutdown();
  server_.Stop();
  const Book whole = Whole();
  EXPECT_EQ(whole.ledger().scheduled(), 1'600u);
  EXPECT_EQ(whole.ledger().sent(), server_.served());
}

TEST_F(SessionTest, ASecondControllerIsRefusedByNameWhileARunLasts) {
  FakeController::Stream* stream = controller_.Accept();
  Launch(stream, 3'600 * kSecond, 60 * kSecond);
  Keep(stream->Next(From::kInterval).interval());
  controller_.CallItself("there:two");
  stream->Cut();
  // It is heard out, and asked again and again.
  for (int dialled = 0; dialled < 2; ++dialled) {
    stream = controller_.Accept();
    Arm(stream, SliceOfLength(kSecond));
    const From refused = stream->Next();
    ASSERT_TRUE(refused.has_refused()) << refused.ShortDebugString();
    EXPECT_EQ(refused.refused().reason(),
              "the agent gen-1 has another controller, here:one, while run 001-test-r1 lasts");
    EXPECT_EQ(stream->Next().message_case(), From::MESSAGE_NOT_SET) << "it hangs up";
  }
  controller_.CallItself("here:one");
  stream = controller_.Accept();
  // One of the second controller's may have been on its way.
  if (stream->Next().has_refused()) {
    stream = controller_.Accept();
    ASSERT_TRUE(stream->Next().has_join());
  }
  Keep(stream->Next(From::kInterval).interval());
  proto::ToAgent stop;
  stop.mutable_stop()->set_run_id(kRun);
  stream->Send(stop);
  EXPECT_EQ(Collect(stream, /*acknowledge=*/true).cut_short(), "stopped by the controller");
  Shutdown();
  server_.Stop();
  EXPECT_EQ(Whole().ledger().sent(), server_.served());
}

TEST_F(SessionTest, WhatWasMeasuredForOneControllerIsOfferedToNoOther) {
  FakeController::Stream* stream = controller_.Accept();
  Launch(stream, 100 * kMs, 60 * kSecond);
  EXPECT_EQ(Collect(stream, /*acknowledge=*/false).cut_short(), "");
  controller_.CallItself("there:two");
  stream->Cut();
  stream = controller_.Accept();
  const From join = stream->Next();
  ASSERT_TRUE(join.has_join()) << "the run is over";
  EXPECT_EQ(join.join().run_id(), "");
  // The same run id, by chance: the second controller's first run.
  intervals_.clear();
  Launch(stream, 200 * kMs, 60 * kSecond);
  EXPECT_EQ(Collect(stream, /*acknowledge=*/true).cut_short(), "");
  EXPECT_EQ(Whole().ledger().scheduled(), 100u);
}

TEST_F(SessionTest, ATargetThatIsNotAllowedIsRefused) {
  FakeController::Stream* stream = controller_.Accept();
  proto::Slice slice = SliceOfLength(kSecond);
  slice.set_host("192.0.2.1");
  Arm(stream, slice);
  const From refused = stream->Next(From::kRefused);
  EXPECT_EQ(refused.refused().run_id(), kRun);
  EXPECT_NE(refused.refused().reason().find("allow"), std::string::npos);
  // It is free for the next run.
  Launch(stream, 100 * kMs, 60 * kSecond);
  EXPECT_EQ(Collect(stream, /*acknowledge=*/true).cut_short(), "");
}

TEST_F(SessionTest, AStartOutOfAllReasonIsRefused) {
  FakeController::Stream* stream = controller_.Accept();
  for (int64_t start_ns :
       {int64_t{0}, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(),
        MonotonicNowNs() + 3'600 * kSecond}) {
    Arm(stream, SliceOfLength(kSecond));
    stream->Next(From::kArmed);
    Start(stream, start_ns);
    EXPECT_EQ(stream->Next(From::kRefused).refused().run_id(), kRun) << start_ns;
  }
  Shutdown();
  server_.Stop();
  EXPECT_EQ(server_.served(), 0u);
}

TEST_F(SessionTest, AStopOfAnyLengthOfDrainIsASafeOne) {
  FakeController::Stream* stream = controller_.Accept();
  for (int64_t drain_ns :
       {std::numeric_limits<int64_t>::min(), int64_t{0}, std::numeric_limits<int64_t>::max()}) {
    intervals_.clear();
    Launch(stream, 3'600 * kSecond, std::numeric_limits<int64_t>::max());
    stream->Next(From::kInterval);
    proto::ToAgent stop;
    stop.mutable_stop()->set_run_id(kRun);
    stop.mutable_stop()->set_drain_ns(drain_ns);
    stream->Send(stop);
    EXPECT_EQ(Collect(stream, /*acknowledge=*/true).cut_short(), "stopped by the controller");
  }
}

TEST_F(SessionTest, ShuttingDownHandsOverWhatWasMeasured) {
  FakeController::Stream* stream = controller_.Accept();
  Launch(stream, 3'600 * kSecond, 60 * kSecond);
  Keep(stream->Next(From::kInterval).interval());
  boost::asio::post(loop_, [this] { session_.Shutdown(); });
  const proto::Finished finished = Collect(stream, /*acknowledge=*/false);
  EXPECT_EQ(finished.cut_short(), "the agent was told to stop");
  thread_.join();
  server_.Stop();
  EXPECT_GE(Whole().ledger().scheduled(), 500u);
}

}  // namespace
}  // namespace drumline
