// What the next beat of a schedule costs a worker.
#include "benchmark/benchmark.h"
#include "core/load_profile.h"
#include "core/schedule.h"

namespace drumline {
namespace {

constexpr int64_t kHourNs = 3'600'000'000'000;

void Next(benchmark::State& state, const LoadProfile& profile, Schedule::Arrivals arrivals,
          uint64_t stride) {
  const uint64_t beats = profile.beats();
  for (auto _ : state) {
    state.PauseTiming();
    Schedule schedule(profile, arrivals, 1, beats, {0, stride});
    state.ResumeTiming();
    for (int i = 0; i < 10'000; ++i) benchmark::DoNotOptimize(schedule.Next());
  }
  state.SetItemsProcessed(state.iterations() * 10'000);
}

const LoadProfile& Hold() {
  static const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(100'000), Rate::PerSecond(100'000), kHourNs}});
  return profile;
}

const LoadProfile& Ramp() {
  static const LoadProfile profile =
      *LoadProfile::Create({{Rate::PerSecond(1'000), Rate::PerSecond(200'000), kHourNs}});
  return profile;
}

BENCHMARK_CAPTURE(Next, hold_constant, Hold(), Schedule::Arrivals::kConstant, 1);
BENCHMARK_CAPTURE(Next, ramp_constant, Ramp(), Schedule::Arrivals::kConstant, 1);
BENCHMARK_CAPTURE(Next, hold_poisson, Hold(), Schedule::Arrivals::kPoisson, 1);
// Each of 40 lanes adds up every gap of the plan and keeps one in forty.
BENCHMARK_CAPTURE(Next, hold_poisson_of_40_lanes, Hold(), Schedule::Arrivals::kPoisson, 40);

}  // namespace
}  // namespace drumline
