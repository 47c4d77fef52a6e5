// One agent's part in a run from the slice to the last interval, with real threads and sockets.
#include "agent/armed_run.h"

#include <boost/asio/executor_work_guard.hpp>
#include <memory>
#include <string>
#include <utility>

#include "agent/clock.h"
#include "core/book_codec.h"
#include "core/plan.h"
#include "gtest/gtest.h"
#include "tests/integration/agent/scripted_server.h"

namespace drumline {
namespace {

using Act = ScriptedServer::Act;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000 * kMs;

proto::Slice SliceFor(const ScriptedServer& server, int64_t per_second, uint32_t workers) {
  proto::RunPlan run;
  run.set_run_id("001-test-r1");
  proto::LoadPlan& load = *run.mutable_load();
  load.set_connections(16);
  load.set_warmup_ns(300 * kMs);
  load.set_measure_ns(kSecond);
  load.set_drain_ns(5 * kSecond);
  proto::RateSegment& segment = *load.add_segments();
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(per_second).micro_per_hour());
  *segment.mutable_to() = segment.from();
  segment.set_length_ns(1'300 * kMs);
  load.set_beats(ProfileOf(load)->beats());
  proto::RequestPlan& request = *run.mutable_request();
  request.set_method("GET");
  request.set_path("/");
  request.set_expect_status(200);
  request.set_expect_body_contains("hello");
  request.set_timeout_ns(5 * kSecond);
  proto::Slice slice = SliceOf(run, {.agent = 0, .agents = 1, .workers = workers});
  slice.set_host("127.0.0.1");
  slice.set_port(server.port());
  slice.set_authority("target.test");
  return slice;
}

TEST(ArmedRun, SendsWhatIsScheduledAndReportsAllOfIt) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  boost::asio::io_context loop;
  std::shared_ptr<ArmedRun> run;
  const auto end_if_finished = [&] {
    if (run->finished()) loop.stop();
  };
  auto created = ArmedRun::Create(SliceFor(server, 2'000, 2), "agent", OwnLimits(), &loop,
                                  {.ready =
                                       [&run](const absl::Status& status) {
                                         EXPECT_TRUE(status.ok()) << status;
                                         EXPECT_EQ(run->connections(), 16u);
                                         run->Begin(MonotonicNowNs() + 10 * kMs);
                                       },
                                   .progressed = end_if_finished});
  ASSERT_TRUE(created.ok()) << created.status();
  run = *std::move(created);
  const auto work = boost::asio::make_work_guard(loop);
  run->Launch();
  loop.run();

  EXPECT_TRUE(run->collector()->Complete());
  EXPECT_EQ(run->cut_short(), "");
  EXPECT_GT(run->began_ns(), 0);
  Book warmup;
  Book measure;
  uint64_t number = 0;
  int64_t begin_ns = 0;
  for (const proto::Interval* interval : run->collector()->TakeUnsent()) {
    EXPECT_EQ(interval->number(), ++number);
    EXPECT_EQ(interval->begin_ns(), begin_ns);
    begin_ns = interval->end_ns();
    const auto decoded_warmup = BookCodec::Decode(interval->warmup());
    const auto decoded_measure = BookCodec::Decode(interval->measure());
    ASSERT_TRUE(decoded_warmup.ok()) << decoded_warmup.status();
    ASSERT_TRUE(decoded_measure.ok()) << decoded_measure.status();
    EXPECT_TRUE(warmup.Append(*decoded_warmup).ok());
    EXPECT_TRUE(measure.Append(*decoded_measure).ok());
  }
  EXPECT_EQ(run->collector()->newest(), number);
  EXPECT_TRUE(warmup.ledger().CheckClosed().ok());
  EXPECT_TRUE(measure.ledger().CheckClosed().ok());
  server.Stop();
  EXPECT_EQ(warmup.ledger().scheduled(), 600u);
  EXPECT_EQ(measure.ledger().scheduled(), 2'000u);
  EXPECT_EQ(warmup.ledger().Count(Outcome::kOk), 600u);
  EXPECT_EQ(measure.ledger().Count(Outcome::kOk), 2'000u);
  EXPECT_EQ(server.served(), 2'600u);
}

TEST(ArmedRun, StoppedBeforeItsStartItSendsNothing) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  boost::asio::io_context loop;
  std::shared_ptr<ArmedRun> run;
  auto created = ArmedRun::Create(SliceFor(server, 2'000, 3), "agent", OwnLimits(), &loop,
                                  {.ready =
                                       [&run](const absl::Status&) {
                                         run->Begin(MonotonicNowNs() + 3600 * kSecond);
                                         run->Stop(0, "changed my mind");
                                       },
                                   .progressed =
                                       [&] {
                                         if (run->finished()) loop.stop();
                                       }});
  ASSERT_TRUE(created.ok()) << created.status();
  run = *std::move(created);
  const auto work = boost::asio::make_work_guard(loop);
  run->Launch();
  loop.run();
  EXPECT_EQ(run->cut_short(), "changed my mind");
  EXPECT_EQ(run->began_ns(), 0);
  EXPECT_TRUE(run->collector()->Delivered());
  server.Stop();
  EXPECT_EQ(server.served(), 0u);
}

TEST(ArmedRun, RefusesWhatItMayNotOrCannotDo) {
  ScriptedServer server([](uint64_t) { return Act::kAnswer; });
  boost::asio::io_context loop;
  const auto create = [&loop](const proto::Slice& slice, const OwnLimits& limits) {
    return ArmedRun::Create(slice, "agent", limits, &loop, {}).status().code();
  };
  const proto::Slice sound = SliceFor(server, 100, 1);
  EXPECT_EQ(create(sound, OwnLimits()), absl::StatusCode::kOk);
  EXPECT_EQ(create(sound, OwnLimits{*AllowList::Parse({"10.0.0.0/8"})}),
            absl::StatusCode::kPermissionDenied);
  proto::Slice slice = sound;
  slice.set_host("localhost");
  EXPECT_EQ(create(slice, OwnLimits{*AllowList::Parse({"10.0.0.0/8"})}),
            absl::StatusCode::kPermissionDenied)
      << "the address counts, not the name";
  for (uint32_t port : {0u, 65'536u, 65'536u + 80u}) {
    slice = sound;
    slice.set_port(port);
    EXPECT_EQ(create(slice, OwnLimits()), absl::StatusCode::kInvalidArgument);
  }
  slice = sound;
  slice.mutable_workers(0)->set_connections(1'000'000);
  EXPECT_EQ(create(slice, OwnLimits()), absl::StatusCode::kResourceExhausted);
  slice = sound;
  slice.mutable_request()->set_method("GET / HTTP/1.1\r\nX: ");
  EXPECT_EQ(create(slice, OwnLimits()), absl::StatusCode::kInvalidArgument);
  slice = sound;
  slice.clear_workers();
  EXPECT_EQ(create(slice, OwnLimits()), absl::StatusCode::kInvalidArgument);
  server.Stop();
  EXPECT_EQ(server.served(), 0u);
}

}  // namespace
}  // namespace drumline
