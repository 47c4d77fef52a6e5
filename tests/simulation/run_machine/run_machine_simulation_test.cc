// RunMachine against thousands of seeded worlds. What must hold in each is in simulated_run.cc; a
// seed that fails prints its story, and tells it again when it is asked for by number:
//
//     bazel test //tests/simulation:run_machine_simulation_test --test_env=DRUMLINE_SEED=1234
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "controller/run/run_machine.h"
#include "tests/simulation/run_machine/simulated_run.h"

namespace drumline {
namespace {

// More of them:   --test_env=DRUMLINE_SEEDS=1000000
constexpr uint64_t kSeeds = 10'000;

std::string Ending(const SimulatedRun& run) {
  const RunMachine::Outcome& outcome = run.machine().outcome();
  if (!outcome.usable.ok()) return "unusable";
  if (!run.machine().started()) return "stopped before the start";
  for (const proto::AgentRecord& agent : outcome.record.agents()) {
    if (!agent.has_lost_at_ns()) continue;
    if (outcome.record.faults_size() > 0) return "an agent was lost";
    if (outcome.record.has_cut_ns()) return "the window was cut";
    if (agent.lanes_size() > 0 && agent.lanes(0).has_until_ns()) return "beats were handed on";
  }
  if (outcome.record.faults_size() > 0) return "other faults";
  return outcome.record.interrupted().empty() ? "carried out" : "stopped";
}

TEST(RunMachineSimulationTest, TheRulesHoldInEveryWorld) {
  // Histograms are large enough for malloc to give their memory back each time, which would take
  // most of the test's time.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  uint64_t first = 1;
  uint64_t last = kSeeds;
  if (const char* many = std::getenv("DRUMLINE_SEEDS"); many != nullptr) {
    last = std::max(last, uint64_t{std::strtoull(many, nullptr, 10)});
  }
  if (const char* asked = std::getenv("DRUMLINE_SEED"); asked != nullptr) {
    first = last = std::strtoull(asked, nullptr, 10);
  }
  std::map<std::string, int> endings;
  int64_t faults = 0;
  uint64_t produced = 0;
  uint64_t acknowledged = 0;
  int failed = 0;
  for (uint64_t seed = first; seed <= last && failed < 3; ++seed) {
    SimulatedRun run(seed);
    run.CarryOut();
    faults += run.faults();
    produced += run.produced();
    acknowledged += run.acknowledged();
    EXPECT_THAT(run.violations(), testing::IsEmpty()) << run.story();
    if (!run.violations().empty()) {
      ++failed;
    } else {
      ++endings[Ending(run)];
      if (run.takeover_checked()) ++endings["a takeover without a gap"];
      if (run.beats_were_nobodys()) ++endings["no room for all beats"];
    }
  }
  for (const auto& [ending, count] : endings) RecordProperty(ending, count);
  // docs/reliability.md has these.
  std::printf("%" PRIu64 " runs, %" PRId64 " faults, %" PRIu64 " intervals, %" PRIu64
              " acknowledged\n",
              last - first + 1, faults, produced, acknowledged);
  if (first == last) return;
  // Worlds in which nothing ever happens would prove nothing.
  for (const char* ending :
       {"unusable", "stopped before the start", "an agent was lost", "the window was cut",
        "beats were handed on", "a takeover without a gap", "no room for all beats", "other faults",
        "carried out", "stopped"}) {
    EXPECT_GE(endings[ending], 10) << ending;
  }
}

}  // namespace
}  // namespace drumline
