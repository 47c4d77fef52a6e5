// What the agent says and does, word for word and in its order, as streams, controllers, runs and
// the time come and go. The run is a fake whose workers do what the test says.
#include "agent/session_machine.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/agent_run.h"
#include "agent/interval_exchange.h"
#include "agent/own_limits.h"
#include "agent/recorder.h"
#include "core/schedule.h"
#include "gtest/gtest.h"
#include "proto/agent_link.pb.h"
#include "proto/plan.pb.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// The instant at which a test begins.
constexpr int64_t kNow = 1000 * kSecond;
constexpr int64_t kStart = kNow + kSecond;
constexpr int64_t kNever = SessionMachine::kNever;

using Lines = std::vector<std::string>;

// One worker; it is ready, measures and finishes when it is told to.
class FakeRun : public AgentRun {
 public:
  FakeRun(const proto::Slice& slice, Events events)
      : AgentRun(slice, "agent-1", OwnLimits{}, std::move(events)) {}

  void Launch() override {
    exchange_ = std::make_unique<IntervalExchange>([] {});
  }
  void HoldLease(int64_t until_ns) override { lease_until_ns = until_ns; }
  uint32_t connections() const override { return 4; }
  std::string engine_name() const override { return "fake"; }

  void GetReady(const absl::Status& status = absl::OkStatus()) { OnReady(status); }
  void Measure(uint64_t number, bool last = false) {
    auto interval = std::make_unique<WorkerInterval>();
    interval->number = number;
    interval->end_ns = static_cast<int64_t>(number) * kSecond;
    interval->phase = proto::PHASE_MEASURE;
    interval->last = last;
    exchange_->Swap(0, std::move(interval));
    if (!last) Collect();
  }
  void Finish(uint64_t last_number) {
    Measure(last_number, /*last=*/true);
    OnFinished(0, kStart);
  }
  void EndBeforeTheStart() { OnFinished(0, 0); }

  int64_t lease_until_ns = 0;
  std::vector<int64_t> begins;
  // The drain of each stop, and the beginning of each adoption.
  std::vector<int64_t> stops;
  std::vector<int64_t> adopted;

 private:
  void BeginWorkers(int64_t start_ns) override { begins.push_back(start_ns); }
  void StopWorkers(int64_t drain_ns) override { stops.push_back(drain_ns); }
  void AdoptBeats(size_t, Lane, int64_t from_ns) override { adopted.push_back(from_ns); }
  Spent ReadSpent() const override { return {}; }
};

// A message in a few words.
std::string InWords(const proto::FromAgent& message) {
  switch (message.message_case()) {
    case proto::FromAgent::kJoin:
      return absl::StrCat("join with '", message.join().run_id(), "'");
    case proto::FromAgent::kArmed:
      return absl::StrCat("armed ", message.armed().run_id());
    case proto::FromAgent::kInterval:
      return absl::StrCat("interval ", message.interval().number());
    case proto::FromAgent::kFinished:
      return absl::StrCat("finished after ", message.finished().intervals());
    case proto::FromAgent::kProbed:
      return absl::StrCat("probed ", message.probed().round_trips_size());
    case proto::FromAgent::kRefused:
      return absl::StrCat("refused '", message.refused().run_id(),
                          "': ", message.refused().reason());
    default:
      return "something else";
  }
}

class NotedSurroundings : public SessionMachine::Surroundings {
 public:
  void Send(proto::FromAgent message) override { done.push_back(InWords(message)); }
  void HangUp() override { done.push_back("hang up"); }
  void Leave() override { done.push_back("leave"); }
  void Log(const std::string& line) override { logged.push_back(line); }
  absl::StatusOr<std::shared_ptr<AgentRun>> MakeRun(const proto::Slice& slice,
                                                    AgentRun::Events events) override {
    runs.push_back(std::make_shared<FakeRun>(slice, std::move(events)));
    return runs.back();
  }
  void MeasureRoundTripsTo(const proto::Probe&) override { done.push_back("measure"); }

  // What was said and done since it was asked last.
  Lines TakeDone() { return std::exchange(done, {}); }
  int64_t TimesLogged(const std::string& part) const {
    return std::count_if(logged.begin(), logged.end(), [&part](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }

  Lines done;
  Lines logged;
  // All that were ever made, in their order.
  std::vector<std::shared_ptr<FakeRun>> runs;
};

proto::Join Self() {
  proto::Join self;
  self.set_agent_id("agent-1");
  return self;
}

proto::ToAgent ArmFor(const std::string& run_id) {
  proto::ToAgent message;
  proto::Slice& slice = *message.mutable_arm()->mutable_slice();
  slice.set_run_id(run_id);
  slice.add_workers()->mutable_lane()->set_stride(1);
  return message;
}

proto::ToAgent LeaseOf(int64_t valid_ns, int64_t until_agent_ns) {
  proto::ToAgent message;
  message.mutable_lease()->set_run_id("r");
  message.mutable_lease()->set_valid_ns(valid_ns);
  message.mutable_lease()->set_until_agent_ns(until_agent_ns);
  return message;
}

class SessionMachineTest : public ::testing::Test {
 protected:
  void Hear(const proto::ToAgent& message, int64_t now_ns = kNow) {
    machine_.OnMessage(message, now_ns);
  }
  void Welcome(const std::string& controller_id) {
    proto::ToAgent message;
    message.mutable_welcome()->set_controller_id(controller_id);
    Hear(message);
  }
  // A new stream, to a controller that says who it is.
  void Meet(const std::string& controller_id) {
    machine_.OnUp(kNow);
    Welcome(controller_id);
  }
  void HearStart() {
    proto::ToAgent message;
    message.mutable_start()->set_run_id("r");
    message.mutable_start()->set_start_agent_ns(kStart);
    Hear(message);
  }
  void HearAck(uint64_t number) {
    proto::ToAgent message;
    message.mutable_ack()->set_run_id("r");
    message.mutable_ack()->set_number(number);
    Hear(message);
  }
  void HearStop() {
    proto::ToAgent message;
    message.mutable_stop()->set_run_id("r");
    message.mutable_stop()->set_drain_ns(5 * kSecond);
    Hear(message);
  }
  void HearRelease() {
    proto::ToAgent message;
    message.mutable_release()->set_run_id("r");
    Hear(message);
  }
  FakeRun& run() { return *surroundings_.runs.back(); }
  // Run r of the controller A is being opened.
  void Open() {
    Meet("A");
    Hear(ArmFor("r"));
    ASSERT_EQ(surroundings_.runs.size(), 1u);
    EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
  }
  // Run r of the controller A lasts.
  void Begin() {
    Open();
    run().GetReady();
    HearStart();
    EXPECT_EQ(surroundings_.TakeDone(), Lines{"armed r"});
    EXPECT_EQ(run().begins, std::vector<int64_t>{kStart});
  }

  NotedSurroundings surroundings_;
  SessionMachine machine_{
      {.controller = "c:1", .welcome_within_ns = 5 * kSecond}, Self(), &surroundings_};
};

TEST_F(SessionMachineTest, SaysItIsArmedAfterTheJoinAlone) {
  Open();
  machine_.OnDown("gone");
  machine_.OnUp(kNow);
  run().GetReady();
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
  Welcome("A");
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with 'r'"});
  Hear(ArmFor("r"));
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"armed r"});
  EXPECT_EQ(surroundings_.runs.size(), 1u);
}

TEST_F(SessionMachineTest, RefusesNothingBeforeTheJoin) {
  Open();
  machine_.OnDown("gone");
  machine_.OnUp(kNow);
  run().GetReady(absl::UnavailableError("no connection"));
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
  Welcome("A");
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
}

TEST_F(SessionMachineTest, ReportsAfterTheJoinAlone) {
  Begin();
  machine_.OnDown("gone");
  machine_.OnUp(kNow);
  run().Measure(1);
  run().Finish(2);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
  Welcome("A");
  EXPECT_EQ(surroundings_.TakeDone(),
            (Lines{"join with 'r'", "interval 1", "interval 2", "finished after 2"}));
}

TEST_F(SessionMachineTest, ObeysNobodyWhoHasNotSaidWhoTheyAre) {
  machine_.OnUp(kNow);
  Hear(ArmFor("r"));
  EXPECT_TRUE(surroundings_.runs.empty());
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
}

TEST_F(SessionMachineTest, LeavesWhenTheRunThatItWaitsForIsReleased) {
  Begin();
  machine_.Shutdown();
  machine_.Shutdown();
  EXPECT_EQ(run().stops, std::vector<int64_t>{0});
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
  HearRelease();
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"leave"});
}

TEST_F(SessionMachineTest, LeavesAtOnceWithoutARun) {
  machine_.Shutdown();
  machine_.Shutdown();
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"leave"});
}

TEST_F(SessionMachineTest, RefusesASecondControllerAndObeysItInNothing) {
  Begin();
  run().Measure(1);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"interval 1"});
  machine_.OnDown("gone");
  const Lines refusal = {
      "refused '': the agent agent-1 has another controller, A, while run r lasts", "hang up"};
  for (int times = 1; times <= 2; ++times) {
    Meet("B");
    EXPECT_EQ(surroundings_.TakeDone(), refusal);
    HearAck(1);
    HearStop();
    HearRelease();
    Hear(ArmFor("other"));
    run().Measure(static_cast<uint64_t>(times) + 1);
    EXPECT_EQ(surroundings_.TakeDone(), Lines{});
    machine_.OnDown("gone");
  }
  EXPECT_TRUE(run().stops.empty());
  EXPECT_EQ(surroundings_.TimesLogged("refused the controller B: run r of A lasts"), 1);
  Meet("A");
  EXPECT_EQ(surroundings_.TakeDone(),
            (Lines{"join with 'r'", "interval 1", "interval 2", "interval 3"}));
}

TEST_F(SessionMachineTest, LeavesAControllerThatDoesNotSayWhoItIs) {
  const std::string silence = "the controller at c:1 has not said who it is within 5000 ms";
  EXPECT_EQ(machine_.wake_at_ns(), kNever);
  for (int times = 1; times <= 2; ++times) {
    machine_.OnUp(kNow);
    EXPECT_EQ(machine_.wake_at_ns(), kNow + 5 * kSecond);
    machine_.OnTick(kNow + 5 * kSecond - 1);
    EXPECT_EQ(surroundings_.TakeDone(), Lines{});
    machine_.OnTick(kNow + 5 * kSecond);
    machine_.OnTick(kNow + 6 * kSecond);
    EXPECT_EQ(surroundings_.TakeDone(), Lines{"hang up"});
    EXPECT_EQ(machine_.wake_at_ns(), kNever);
    EXPECT_EQ(surroundings_.TimesLogged(silence), 1);
    machine_.OnDown("gone");
  }
  Meet("A");
  EXPECT_EQ(machine_.wake_at_ns(), kNever);
  machine_.OnUp(kNow);
  machine_.OnTick(machine_.wake_at_ns());
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"join with ''", "hang up"}));
  EXPECT_EQ(surroundings_.TimesLogged(silence), 2);
}

TEST_F(SessionMachineTest, SaysThatItIsArmedToItsOwnControllerAlone) {
  Open();
  machine_.OnDown("gone");
  Meet("B");
  run().GetReady();
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
  machine_.OnDown("gone");
  Meet("A");
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with 'r'"});
  Hear(ArmFor("r"));
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"armed r"});
  EXPECT_EQ(surroundings_.runs.size(), 1u);
}

TEST_F(SessionMachineTest, SaysThatItCannotArmToItsOwnControllerAlone) {
  Open();
  machine_.OnDown("gone");
  Meet("B");
  run().GetReady(absl::UnavailableError("no connection"));
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
  machine_.OnDown("gone");
  Meet("A");
  Hear(ArmFor("r"));
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
  ASSERT_EQ(surroundings_.runs.size(), 2u);
  run().GetReady(absl::UnavailableError("no connection"));
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"refused 'r': no connection"});
}

TEST_F(SessionMachineTest, StopsOnceWhenTheLeaseHasRunOut) {
  Begin();
  // The first one covers the way to the start.
  const int64_t first_end_ns = kStart + SessionMachine::kFirstLeaseNs;
  EXPECT_EQ(run().lease_until_ns, first_end_ns);
  EXPECT_EQ(machine_.wake_at_ns(), first_end_ns + 1);
  Hear(LeaseOf(2 * kSecond, 0), kStart);
  const int64_t end_ns = kStart + 2 * kSecond;
  EXPECT_EQ(run().lease_until_ns, end_ns);
  EXPECT_EQ(machine_.wake_at_ns(), end_ns + 1);
  machine_.OnTick(first_end_ns + 1);
  machine_.OnTick(end_ns);
  EXPECT_TRUE(run().stops.empty());
  machine_.OnTick(end_ns + 1);
  machine_.OnTick(end_ns + 2);
  EXPECT_EQ(run().stops, std::vector<int64_t>{0});
  EXPECT_EQ(run().cut_short(), "the lease ran out");
  EXPECT_EQ(machine_.wake_at_ns(), kNever);
  EXPECT_EQ(surroundings_.TimesLogged("has not renewed the lease"), 1);
}

TEST_F(SessionMachineTest, TakesALeaseThatWasLongOnItsWayForWhatIsLeftOfIt) {
  Begin();
  Hear(LeaseOf(10 * kSecond, kStart + 3 * kSecond), kStart + kSecond);
  EXPECT_EQ(machine_.wake_at_ns(), kStart + 3 * kSecond + 1);
  EXPECT_EQ(run().lease_until_ns, kStart + 3 * kSecond);
  // Nothing is left of it.
  Hear(LeaseOf(10 * kSecond, kStart + kSecond), kStart + 2 * kSecond);
  EXPECT_EQ(machine_.wake_at_ns(), kStart + kSecond + 1);
  EXPECT_EQ(run().lease_until_ns, kStart + kSecond);
  EXPECT_TRUE(run().stops.empty());
  machine_.OnTick(kStart + 2 * kSecond);
  EXPECT_EQ(run().stops, std::vector<int64_t>{0});
}

TEST_F(SessionMachineTest, OffersAgainWhatWasNotAcknowledged) {
  Begin();
  for (uint64_t number = 1; number <= 3; ++number) run().Measure(number);
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"interval 1", "interval 2", "interval 3"}));
  HearAck(2);
  machine_.OnDown("gone");
  Meet("A");
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"join with 'r'", "interval 3"}));
  run().Finish(4);
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"interval 4", "finished after 4"}));
  HearAck(3);
  machine_.OnDown("gone");
  Meet("A");
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"join with 'r'", "interval 4", "finished after 4"}));
  HearAck(4);
  HearRelease();
  machine_.OnDown("gone");
  Meet("A");
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
}

// A controller that ends a run before the start, and does it again when it goes on.
TEST_F(SessionMachineTest, ArmsAnewForARunThatWasEndedBeforeItsStart) {
  Open();
  run().GetReady();
  HearStop();
  run().EndBeforeTheStart();
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"armed r", "finished after 0"}));
  Hear(ArmFor("r"));
  ASSERT_EQ(surroundings_.runs.size(), 2u);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
  run().GetReady();
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"armed r"});
}

// A controller says all of them again on a new stream.
TEST_F(SessionMachineTest, LogsOnceWhatItTakesOver) {
  Begin();
  proto::ToAgent message;
  proto::Adopt& adopt = *message.mutable_adopt();
  adopt.set_run_id("r");
  adopt.set_number(1);
  adopt.set_from_ns(5 * kSecond);
  adopt.add_lanes()->set_stride(4);
  for (int i = 0; i < 3; ++i) Hear(message);
  EXPECT_EQ(run().adopted, std::vector<int64_t>{5 * kSecond});
  EXPECT_EQ(surroundings_.TimesLogged("takes over beats"), 1);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
}

TEST_F(SessionMachineTest, LogsThatItMayNotSendToATarget) {
  Meet("A");
  proto::ToAgent ask;
  ask.mutable_probe()->add_targets()->set_name("old");
  Hear(ask);
  proto::Probed probed;
  proto::RoundTrip& trip = *probed.add_round_trips();
  trip.set_fault("10.0.0.1:80 is not on this agent's allow-list");
  trip.set_not_allowed(true);
  machine_.OnProbed(probed);
  EXPECT_EQ(surroundings_.TimesLogged("may not send to a target: 10.0.0.1:80"), 1);
}

TEST_F(SessionMachineTest, TellsRoundTripsToWhomAskedAlone) {
  proto::ToAgent probe;
  probe.mutable_probe();
  proto::Probed probed;
  probed.add_round_trips();
  Open();
  Hear(probe);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"measure"});
  // One at a time: whoever asks meanwhile is told that nothing is known.
  Hear(probe);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"probed 0"});
  machine_.OnDown("gone");
  Meet("B");
  machine_.OnProbed(probed);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{"join with ''"});
  Hear(probe);
  machine_.OnProbed(probed);
  EXPECT_EQ(surroundings_.TakeDone(), (Lines{"measure", "probed 1"}));
  // Not while load is sent.
  machine_.OnDown("gone");
  Meet("A");
  run().GetReady();
  HearStart();
  surroundings_.TakeDone();
  Hear(probe);
  EXPECT_EQ(surroundings_.TakeDone(), Lines{});
}

}  // namespace
}  // namespace drumline
