// The division of a run into slices, and what an agent refuses to work with.
#include "core/plan.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace drumline {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

proto::RunPlan RunOf(uint32_t connections, uint64_t requests) {
  proto::RunPlan run;
  run.set_run_id("001-echo-r1");
  proto::LoadPlan& load = *run.mutable_load();
  load.set_connections(connections);
  load.set_requests(requests);
  load.set_warmup_ns(kSecond);
  load.set_measure_ns(2 * kSecond);
  load.set_drain_ns(kSecond);
  load.set_seed(7);
  proto::RateSegment& segment = *load.add_segments();
  segment.mutable_from()->set_micro_per_hour(Rate::PerSecond(101).micro_per_hour());
  *segment.mutable_to() = segment.from();
  segment.set_length_ns(3 * kSecond);
  load.set_beats(303);
  run.mutable_request()->set_method("GET");
  run.mutable_request()->set_timeout_ns(kSecond);
  return run;
}

TEST(SliceOf, SharesSumToTheWholeAndAreFair) {
  for (uint32_t agents : {1u, 2u, 3u, 7u}) {
    for (uint32_t workers : {1u, 2u, 5u}) {
      const proto::RunPlan run = RunOf(64, 1'001);
      std::vector<uint64_t> connections;
      std::vector<uint64_t> requests;
      std::set<std::pair<uint64_t, uint64_t>> lanes;
      for (uint32_t agent = 0; agent < agents; ++agent) {
        const proto::Slice slice = SliceOf(run, {agent, agents, workers});
        ASSERT_EQ(slice.workers_size(), static_cast<int>(workers));
        EXPECT_EQ(slice.run_id(), run.run_id());
        EXPECT_EQ(slice.load().SerializeAsString(), run.load().SerializeAsString());
        EXPECT_EQ(slice.request().SerializeAsString(), run.request().SerializeAsString());
        for (const proto::WorkerSlice& worker : slice.workers()) {
          connections.push_back(worker.connections());
          requests.push_back(worker.requests());
          lanes.insert({worker.lane().first(), worker.lane().stride()});
          EXPECT_EQ(worker.lane().stride(), agents * workers);
          EXPECT_LT(worker.lane().first(), worker.lane().stride());
        }
      }
      EXPECT_EQ(lanes.size(), size_t{agents} * workers);
      for (const auto& [shares, whole] :
           {std::pair(&connections, uint64_t{64}), std::pair(&requests, uint64_t{1'001})}) {
        uint64_t sum = 0;
        for (uint64_t share : *shares) sum += share;
        EXPECT_EQ(sum, whole);
        const auto [least, most] = std::minmax_element(shares->begin(), shares->end());
        EXPECT_LE(*most - *least, 1u);
      }
    }
  }
}

TEST(SliceOf, EachAgentIsToldItsEngine) {
  proto::EnginePlan engine;
  engine.set_engine(proto::ENGINE_CHOICE_EPOLL);
  engine.set_pacing(proto::PACING_COALESCED);
  engine.set_tick_ns(kMinTickNs);
  const proto::Slice slice = SliceOf(RunOf(64, 0), {1, 2, 3}, engine);
  EXPECT_EQ(slice.engine().SerializeAsString(), engine.SerializeAsString());
}

TEST(SliceOf, SuccessiveBeatsGoToSuccessiveAgents) {
  const proto::RunPlan run = RunOf(64, 0);
  for (uint32_t agent = 0; agent < 3; ++agent) {
    const proto::Slice slice = SliceOf(run, {agent, 3, 2});
    EXPECT_EQ(slice.workers(0).lane().first(), agent);
    EXPECT_EQ(slice.workers(1).lane().first(), 3 + agent);
  }
}

TEST(SliceOf, TheUnionOfTheLanesIsTheSchedule) {
  const proto::RunPlan run = RunOf(64, 0);
  const LoadProfile profile = *ProfileOf(run.load());
  for (Schedule::Arrivals arrivals :
       {Schedule::Arrivals::kConstant, Schedule::Arrivals::kPoisson}) {
    const uint64_t beats = Schedule::CountBeats(profile, arrivals, run.load().seed());
    std::vector<int64_t> whole;
    Schedule all(profile, arrivals, run.load().seed(), beats, Lane{0, 1});
    while (const auto start_ns = all.Next()) whole.push_back(*start_ns);
    std::vector<int64_t> together;
    for (uint32_t agent = 0; agent < 4; ++agent) {
      const proto::Slice slice = SliceOf(run, {agent, 4, 3});
      for (const proto::WorkerSlice& worker : slice.workers()) {
        Schedule lane(profile, arrivals, run.load().seed(), beats,
                      {worker.lane().first(), worker.lane().stride()});
        while (const auto start_ns = lane.Next()) together.push_back(*start_ns);
      }
    }
    std::sort(together.begin(), together.end());
    EXPECT_EQ(together, whole);
  }
}

TEST(ProfileOf, TakesTheSegmentsAndRefusesBrokenOnes) {
  proto::LoadPlan load = RunOf(1, 0).load();
  EXPECT_EQ(ProfileOf(load)->beats(), 303u);
  EXPECT_EQ(ProfileOf(load)->length_ns(), 3 * kSecond);
  load.mutable_segments(0)->set_length_ns(-1);
  EXPECT_FALSE(ProfileOf(load).ok());
}

TEST(ArrivalsOf, ConstantUnlessPoisson) {
  proto::LoadPlan load;
  EXPECT_EQ(ArrivalsOf(load), Schedule::Arrivals::kConstant);
  load.set_arrivals(proto::ARRIVALS_POISSON);
  EXPECT_EQ(ArrivalsOf(load), Schedule::Arrivals::kPoisson);
}

struct Fault {
  const char* what;
  std::function<void(proto::Slice*)> inflict;
};

proto::Slice SoundSlice() { return SliceOf(RunOf(64, 0), {1, 2, 3}); }

proto::Slice SoundClosedLoop() {
  proto::Slice slice = SliceOf(RunOf(64, 100), {1, 2, 3});
  slice.mutable_load()->set_closed_loop(true);
  slice.mutable_load()->clear_segments();
  slice.mutable_load()->clear_beats();
  slice.mutable_load()->clear_measure_ns();
  return slice;
}

TEST(CheckSlice, TakesSoundOnes) {
  EXPECT_TRUE(CheckSlice(SoundSlice()).ok()) << CheckSlice(SoundSlice());
  EXPECT_TRUE(CheckSlice(SoundClosedLoop()).ok()) << CheckSlice(SoundClosedLoop());
  proto::Slice by_time = SoundClosedLoop();
  by_time.mutable_load()->clear_requests();
  by_time.mutable_load()->set_measure_ns(kSecond);
  EXPECT_TRUE(CheckSlice(by_time).ok());
  proto::Slice no_drain = SoundSlice();
  no_drain.mutable_load()->set_drain_ns(0);
  EXPECT_TRUE(CheckSlice(no_drain).ok());
  proto::Slice poisson = SoundSlice();
  poisson.mutable_load()->set_arrivals(proto::ARRIVALS_POISSON);
  poisson.mutable_load()->set_beats(
      Schedule::CountBeats(*ProfileOf(poisson.load()), Schedule::Arrivals::kPoisson, 7));
  EXPECT_TRUE(CheckSlice(poisson).ok());
}

TEST(CheckSlice, TakesEachEngineAndPacing) {
  for (int engine = proto::EngineChoice_MIN; engine <= proto::EngineChoice_MAX; ++engine) {
    for (int pacing = proto::Pacing_MIN; pacing <= proto::Pacing_MAX; ++pacing) {
      proto::Slice slice = SoundSlice();
      slice.mutable_engine()->set_engine(static_cast<proto::EngineChoice>(engine));
      slice.mutable_engine()->set_pacing(static_cast<proto::Pacing>(pacing));
      if (pacing == proto::PACING_COALESCED) slice.mutable_engine()->set_tick_ns(kMaxTickNs);
      EXPECT_TRUE(CheckSlice(slice).ok()) << CheckSlice(slice);
    }
  }
  proto::Slice finest = SoundSlice();
  finest.mutable_engine()->set_pacing(proto::PACING_COALESCED);
  finest.mutable_engine()->set_tick_ns(kMinTickNs);
  EXPECT_TRUE(CheckSlice(finest).ok());
}

TEST(CheckSlice, RefusesEachFault) {
  const int64_t too_long = LoadProfile::kMaxLengthNs + 1;
  const std::vector<Fault> faults = {
      {"no workers", [](auto* slice) { slice->clear_workers(); }},
      {"257 workers",
       [](auto* slice) {
         while (slice->workers_size() < 257) {
           *slice->add_workers() = slice->workers(0);
           slice->mutable_workers(slice->workers_size() - 1)
               ->mutable_lane()
               ->set_first(static_cast<uint64_t>(slice->workers_size()));
         }
         for (auto& worker : *slice->mutable_workers()) worker.mutable_lane()->set_stride(1'000);
       }},
      {"no connections", [](auto* slice) { slice->mutable_workers(1)->set_connections(0); }},
      {"too many connections",
       [](auto* slice) { slice->mutable_workers(1)->set_connections(1'000'001); }},
      {"no stride", [](auto* slice) { slice->mutable_workers(2)->mutable_lane()->Clear(); }},
      {"no such lane",
       [](auto* slice) { slice->mutable_workers(2)->mutable_lane()->set_first(6); }},
      {"a lane twice", [](auto* slice) { *slice->mutable_workers(2) = slice->workers(1); }},
      {"strides that differ",
       [](auto* slice) { slice->mutable_workers(2)->mutable_lane()->set_stride(7); }},
      {"negative warm-up", [](auto* slice) { slice->mutable_load()->set_warmup_ns(-1); }},
      {"endless warm-up", [&](auto* slice) { slice->mutable_load()->set_warmup_ns(too_long); }},
      {"negative window", [](auto* slice) { slice->mutable_load()->set_measure_ns(-1); }},
      {"endless window", [&](auto* slice) { slice->mutable_load()->set_measure_ns(too_long); }},
      {"no window", [](auto* slice) { slice->mutable_load()->set_measure_ns(0); }},
      {"negative drain", [](auto* slice) { slice->mutable_load()->set_drain_ns(-1); }},
      {"endless drain", [&](auto* slice) { slice->mutable_load()->set_drain_ns(too_long); }},
      {"no timeout", [](auto* slice) { slice->mutable_request()->set_timeout_ns(0); }},
      {"negative timeout", [](auto* slice) { slice->mutable_request()->set_timeout_ns(-1); }},
      {"endless timeout", [&](auto* slice) { slice->mutable_request()->set_timeout_ns(too_long); }},
      {"a load beyond the window",
       [](auto* slice) { slice->mutable_load()->set_measure_ns(2 * kSecond - 1); }},
      {"a beat too many", [](auto* slice) { slice->mutable_load()->set_beats(304); }},
      {"a beat too few", [](auto* slice) { slice->mutable_load()->set_beats(302); }},
      {"poisson beats out of all proportion",
       [](auto* slice) {
         slice->mutable_load()->set_arrivals(proto::ARRIVALS_POISSON);
         slice->mutable_load()->set_beats(1'000'000);
       }},
      {"a rate beyond the limit",
       [](auto* slice) {
         slice->mutable_load()->mutable_segments(0)->mutable_to()->set_micro_per_hour(
             Rate::kMaxMicroPerHour + 1);
       }},
      {"a negative rate",
       [](auto* slice) {
         slice->mutable_load()->mutable_segments(0)->mutable_to()->set_micro_per_hour(-1);
       }},
  };
  for (const Fault& fault : faults) {
    proto::Slice slice = SoundSlice();
    fault.inflict(&slice);
    EXPECT_EQ(CheckSlice(slice).code(), absl::StatusCode::kInvalidArgument) << fault.what;
  }
}

TEST(CheckSlice, RefusesEnginesAndTicksThatThereAreNot) {
  const auto coalesced = [](int64_t tick_ns) {
    return [tick_ns](auto* slice) {
      slice->mutable_engine()->set_pacing(proto::PACING_COALESCED);
      slice->mutable_engine()->set_tick_ns(tick_ns);
    };
  };
  const std::vector<Fault> faults = {
      {"no tick", coalesced(0)},
      {"a negative tick", coalesced(-kMinTickNs)},
      {"too fine a tick", coalesced(kMinTickNs - 1)},
      {"too coarse a tick", coalesced(kMaxTickNs + 1)},
      {"a tick for nothing", [](auto* slice) { slice->mutable_engine()->set_tick_ns(250'000); }},
      {"an engine of tomorrow",
       [](auto* slice) {
         slice->mutable_engine()->set_engine(static_cast<proto::EngineChoice>(99));
       }},
      {"a pacing of tomorrow",
       [](auto* slice) { slice->mutable_engine()->set_pacing(static_cast<proto::Pacing>(99)); }},
  };
  for (const Fault& fault : faults) {
    proto::Slice slice = SoundSlice();
    fault.inflict(&slice);
    EXPECT_EQ(CheckSlice(slice).code(), absl::StatusCode::kInvalidArgument) << fault.what;
  }
}

TEST(CheckSlice, RefusesAClosedLoopThatNothingEnds) {
  proto::Slice slice = SoundClosedLoop();
  slice.mutable_load()->set_requests(0);
  EXPECT_EQ(CheckSlice(slice).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace drumline
